// SPDX-License-Identifier: Apache-2.0
/** What tests of all modules need: a kernel to test on, and a control group of their own. */
@NullMarked
package io.github.jbypass.testing;

import org.jspecify.annotations.NullMarked;
