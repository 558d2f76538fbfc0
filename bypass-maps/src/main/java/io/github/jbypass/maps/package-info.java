// SPDX-License-Identifier: Apache-2.0
/** The structs that the BPF programs share with Java, and the maps that hold them. */
@NullMarked
package io.github.jbypass.maps;

import org.jspecify.annotations.NullMarked;
