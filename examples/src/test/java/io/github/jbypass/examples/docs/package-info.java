// SPDX-License-Identifier: Apache-2.0
/** Checks of what is written for people: the guide, the README, the javadoc. */
@NullMarked
package io.github.jbypass.examples.docs;

import org.jspecify.annotations.NullMarked;
