// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs.testing;

import static io.github.jbypass.programs.testing.Native.callOnce;
import static io.github.jbypass.programs.testing.Native.variadic;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.invoke.MethodHandle;
import java.util.function.Supplier;

/**
 * What a thread does as somebody else. Only the real ids change, which BPF programs are told, and
 * only the calling thread's: unlike libc's functions, the kernel's calls are about one thread.
 */
public final class Users {
  /** Istio's sidecars. */
  public static final int SIDECAR = 1337;

  private static final int ROOT = 0;
  private static final int UNCHANGED = -1;
  private static final boolean X86 = "amd64".equals(System.getProperty("os.arch"));
  private static final long SETRESUID = X86 ? 117 : 147;
  private static final long SETRESGID = X86 ? 119 : 149;

  private static final MethodHandle SYSCALL =
      variadic("syscall", 1, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT);

  private Users() {}

  /** Runs a task with that real user and group id; the calling thread is not a virtual one. */
  public static <T> T as(int user, int group, Supplier<T> task) {
    become(SETRESGID, group);
    become(SETRESUID, user);
    try {
      return task.get();
    } finally {
      become(SETRESUID, ROOT);
      become(SETRESGID, ROOT);
    }
  }

  /** Runs a task with that real user id. */
  public static <T> T as(int user, Supplier<T> task) {
    return as(user, ROOT, task);
  }

  /** Runs a task as the sidecar that the mesh knows by its user. */
  public static <T> T asSidecar(Supplier<T> task) {
    return as(SIDECAR, task);
  }

  private static void become(long call, int id) {
    callOnce(
        "setresid", errno -> (long) SYSCALL.invokeExact(errno, call, id, UNCHANGED, UNCHANGED));
  }
}
