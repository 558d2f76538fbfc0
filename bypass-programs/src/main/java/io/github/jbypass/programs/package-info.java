// SPDX-License-Identifier: Apache-2.0
/** The accelerator of local TCP connections. */
@NullMarked
package io.github.jbypass.programs;

import org.jspecify.annotations.NullMarked;
