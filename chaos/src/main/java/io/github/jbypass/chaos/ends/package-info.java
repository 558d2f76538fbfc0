// SPDX-License-Identifier: Apache-2.0
/** The processes whose connections are verified, and the sidecar between them. */
@NullMarked
package io.github.jbypass.chaos.ends;

import org.jspecify.annotations.NullMarked;
