// SPDX-License-Identifier: Apache-2.0
/**
 * Operations on maps, each measured by JMH beside the same loop in C. A class is an operation, its
 * methods are the ways to do it: {@code memory}, {@code numbers} and {@code records} are ours.
 */
@NullMarked
package io.github.jbypass.benchmarks.maps;

import org.jspecify.annotations.NullMarked;
