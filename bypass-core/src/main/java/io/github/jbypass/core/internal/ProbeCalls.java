// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core.internal;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * Loads the small programs that features are tried out with. Thread-safe. Error numbers are
 * negative; descriptors are the caller's to close.
 */
@SuppressWarnings("restricted") // the length of a returned string is known here only
public final class ProbeCalls {
  private static final long OPTIONS_SIZE = 104; // struct bpf_prog_load_opts
  private static final long OPTIONS_ATTACH_TYPE = 12;
  private static final long OPTIONS_FLAGS = 20;
  private static final long OPTIONS_BTF_ID = 32;
  private static final long OPTIONS_LOG_LEVEL = 88;
  private static final long OPTIONS_LOG_SIZE = 92;
  private static final long OPTIONS_LOG = 96;

  private static final int LOG_SIZE = 4096;

  private static final MethodHandle PROG_LOAD =
      NativeCode.libbpf(
          "bpf_prog_load",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS));
  private static final MethodHandle VERSION =
      NativeCode.libbpf("libbpf_version_string", FunctionDescriptor.of(ADDRESS));

  private ProbeCalls() {}

  /**
   * A program to load.
   *
   * @param type number of its type
   * @param attachType number of the type of attachment that it is for
   * @param btfId number of the kernel's type that it is for, or 0
   * @param flags such as BPF_F_SLEEPABLE
   * @param instructions as the kernel has them, eight bytes each
   */
  public record ProgramShape(int type, int attachType, int btfId, int flags, long[] instructions) {}

  /**
   * How loading went.
   *
   * @param descriptor of the program, or a negative error number
   * @param log what the verifier said
   */
  public record Loaded(int descriptor, String log) {}

  public static Loaded loadProgram(ProgramShape shape) {
    try (var arena = Arena.ofConfined()) {
      var log = arena.allocate(LOG_SIZE);
      var options = arena.allocate(OPTIONS_SIZE, Long.BYTES);
      options.set(JAVA_LONG, 0, OPTIONS_SIZE);
      options.set(JAVA_INT, OPTIONS_ATTACH_TYPE, shape.attachType);
      options.set(JAVA_INT, OPTIONS_FLAGS, shape.flags);
      options.set(JAVA_INT, OPTIONS_BTF_ID, shape.btfId);
      options.set(JAVA_INT, OPTIONS_LOG_LEVEL, 1);
      options.set(JAVA_INT, OPTIONS_LOG_SIZE, LOG_SIZE);
      options.set(ADDRESS, OPTIONS_LOG, log);
      int descriptor =
          (int)
              PROG_LOAD.invokeExact(
                  shape.type,
                  MemorySegment.NULL,
                  arena.allocateFrom("GPL"),
                  arena.allocateFrom(JAVA_LONG, shape.instructions),
                  (long) shape.instructions.length,
                  options);
      return new Loaded(descriptor, log.getString(0));
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }

  /** Closes a descriptor that was only to show that the kernel gives it. */
  public static void close(int descriptor) {
    LibC.close(descriptor);
  }

  /** The version of libbpf, such as "1.1"; empty if there is none that can be used. */
  public static Optional<String> libbpfVersion() {
    if (NativeCode.problem().isPresent()) {
      return Optional.empty();
    }
    try {
      var text = (MemorySegment) VERSION.invokeExact();
      return Optional.of(text.reinterpret(Long.MAX_VALUE).getString(0).substring(1)); // v1.1
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }
}
