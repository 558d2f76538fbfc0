// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core.internal;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** What libbpf knows of a {@code struct bpf_program} before it is loaded. Not thread-safe. */
@SuppressWarnings("restricted") // the lengths of returned memory are known here only
public final class ProgramDeclarations {
  private static final MethodHandle SECTION =
      NativeCode.libbpf("bpf_program__section_name", FunctionDescriptor.of(ADDRESS, ADDRESS));
  private static final MethodHandle AUTOLOAD =
      NativeCode.libbpf("bpf_program__autoload", FunctionDescriptor.of(JAVA_BOOLEAN, ADDRESS));

  private ProgramDeclarations() {}

  /** Binds the functions, if that is not done yet. */
  static void bind() {}

  /** The name of the section, without a leading question mark. */
  public static String section(MemorySegment program) {
    try {
      var name = (MemorySegment) SECTION.invokeExact(program);
      var text = name.reinterpret(Long.MAX_VALUE).getString(0);
      return text.startsWith("?") ? text.substring(1) : text;
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }

  public static boolean autoload(MemorySegment program) {
    try {
      return (boolean) AUTOLOAD.invokeExact(program);
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }
}
