// SPDX-License-Identifier: Apache-2.0
/** The structs that jbypass's BPF programs share with Java, and the maps that hold them. */
module io.github.jbypass.maps {
  requires transitive io.github.jbypass.core;
  requires static transitive org.jspecify;

  exports io.github.jbypass.maps;
}
