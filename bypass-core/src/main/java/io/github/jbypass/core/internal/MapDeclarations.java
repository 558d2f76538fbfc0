// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core.internal;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/** Functions of libbpf on a {@code struct bpf_map} that is declared but not created yet. */
public final class MapDeclarations {
  private static final MethodHandle FLAGS =
      NativeCode.libbpf("bpf_map__map_flags", FunctionDescriptor.of(JAVA_INT, ADDRESS));
  private static final MethodHandle INNER =
      NativeCode.libbpf("bpf_map__inner_map", FunctionDescriptor.of(ADDRESS, ADDRESS));
  private static final MethodHandle SET_INNER =
      NativeCode.libbpf(
          "bpf_map__set_inner_map_fd", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle REUSE =
      NativeCode.libbpf("bpf_map__reuse_fd", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));

  private MapDeclarations() {}

  /** Binds the functions, if that is not done yet. */
  static void bind() {}

  public static int flags(MemorySegment map) {
    try {
      return (int) FLAGS.invokeExact(map);
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }

  /** The declaration of the maps that a map of maps holds, if the object has it. */
  public static Optional<MemorySegment> inner(MemorySegment map) {
    try {
      var inner = (MemorySegment) INNER.invokeExact(map);
      return inner.address() == 0 ? Optional.empty() : Optional.of(inner);
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }

  /** Has a map of maps hold maps like another one, which has to stay open until the load. */
  public static int setInner(MemorySegment map, int prototype) {
    try {
      return (int) SET_INNER.invokeExact(map, prototype);
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }

  /** Has an existing map take the place of a declared one. The descriptor is duplicated. */
  public static int reuse(MemorySegment map, int fd) {
    try {
      return (int) REUSE.invokeExact(map, fd);
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }
}
