// SPDX-License-Identifier: Apache-2.0
/** What was measured, and how it is told: as tables, JSON and charts. */
@NullMarked
package io.github.jbypass.benchmarks.results;

import org.jspecify.annotations.NullMarked;
