// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core.internal;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/** libbpf's functions on pinned objects. They return a negative error number on failure. */
public final class PinCalls {
  private static final MethodHandle GET =
      NativeCode.libbpf("bpf_obj_get", FunctionDescriptor.of(JAVA_INT, ADDRESS));

  private PinCalls() {}

  /** Binds the functions, if that is not done yet. */
  static void bind() {}

  /** Opens what is pinned at a path, whatever its kind. */
  public static int get(Path path) {
    try (var arena = Arena.ofConfined()) {
      return (int) GET.invokeExact(arena.allocateFrom(path.toString()));
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }
}
