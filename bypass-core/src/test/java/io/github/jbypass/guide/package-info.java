// SPDX-License-Identifier: Apache-2.0
/** The snippets of the guide in docs/ and of the javadoc, run. They use the public API alone. */
@NullMarked
package io.github.jbypass.guide;

import org.jspecify.annotations.NullMarked;
