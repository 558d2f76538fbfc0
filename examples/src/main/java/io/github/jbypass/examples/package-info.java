// SPDX-License-Identifier: Apache-2.0
/** Main classes that show what jbypass does. */
@NullMarked
package io.github.jbypass.examples;

import org.jspecify.annotations.NullMarked;
