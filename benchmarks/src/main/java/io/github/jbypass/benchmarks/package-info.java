// SPDX-License-Identifier: Apache-2.0
/** Measurements of jbypass. */
@NullMarked
package io.github.jbypass.benchmarks;

import org.jspecify.annotations.NullMarked;
