// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

/**
 * What a program cost while {@link KernelStatistics} were enabled.
 *
 * @param runs how often it ran
 * @param nanoseconds how long all runs together took
 */
public record ProgramStatistics(long runs, long nanoseconds) {}
