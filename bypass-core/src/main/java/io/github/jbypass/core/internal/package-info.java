// SPDX-License-Identifier: Apache-2.0
/** The only package that calls native code. Knows libbpf and libc, nothing of the API above. */
@NullMarked
package io.github.jbypass.core.internal;

import org.jspecify.annotations.NullMarked;
