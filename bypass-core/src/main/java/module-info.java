// SPDX-License-Identifier: Apache-2.0
/**
 * BPF for Java: objects, maps, programs and links over libbpf. Knows nothing of sockets or meshes.
 */
@SuppressWarnings("module") // bypass-programs is compiled later
module io.github.jbypass.core {
  requires static transitive org.jspecify;

  exports io.github.jbypass.core;
  exports io.github.jbypass.core.typed;
  exports io.github.jbypass.core.internal to
      io.github.jbypass.programs; // which tries out what the kernel does with real sockets
}
