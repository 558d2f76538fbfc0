// SPDX-License-Identifier: Apache-2.0
/** The chaos test: the schedule of what breaks, the scene that it breaks in, and the verdict. */
@NullMarked
package io.github.jbypass.chaos;

import org.jspecify.annotations.NullMarked;
