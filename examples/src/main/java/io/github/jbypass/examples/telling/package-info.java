// SPDX-License-Identifier: Apache-2.0
/** What the agent tells of itself: log lines, metrics and health over HTTP. */
@NullMarked
package io.github.jbypass.examples.telling;

import org.jspecify.annotations.NullMarked;
