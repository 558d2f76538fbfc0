// SPDX-License-Identifier: Apache-2.0
/** BPF objects, maps, programs, links and control groups. */
@NullMarked
package io.github.jbypass.core;

import org.jspecify.annotations.NullMarked;
