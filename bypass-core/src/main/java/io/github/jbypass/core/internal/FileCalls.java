// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core.internal;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;

/** Functions of libc on files and their owners. */
public final class FileCalls {
  private static final MethodHandle GETEUID =
      NativeCode.libc("geteuid", FunctionDescriptor.of(JAVA_INT));

  private FileCalls() {}

  /** Who this process is to the file system. */
  public static int effectiveUser() {
    try {
      return (int) GETEUID.invokeExact();
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }
}
