// SPDX-License-Identifier: Apache-2.0
/**
 * Maps with Java keys and values: codecs, and typed faces of {@link io.github.jbypass.core.BpfMap}.
 */
@NullMarked
package io.github.jbypass.core.typed;

import org.jspecify.annotations.NullMarked;
