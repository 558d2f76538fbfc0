// SPDX-License-Identifier: Apache-2.0
/** What jbypass counts, as meters of Micrometer. */
@NullMarked
package io.github.jbypass.micrometer;

import org.jspecify.annotations.NullMarked;
