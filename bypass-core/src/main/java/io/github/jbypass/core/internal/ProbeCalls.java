// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core.internal;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Creates the small maps and programs that features are tried out with. Thread-safe. Functions that
 * return int return a negative error number on failure; descriptors are the caller's to close.
 */
@SuppressWarnings("restricted") // the length of a returned string is known here only
public final class ProbeCalls {
  private static final long MAP_OPTIONS_SIZE = 48; // struct bpf_map_create_opts
  private static final long MAP_OPTIONS_BTF = 8;
  private static final long MAP_OPTIONS_KEY_TYPE = 12;
  private static final long MAP_OPTIONS_VALUE_TYPE = 16;
  private static final long MAP_OPTIONS_KERNEL_TYPE = 20;
  private static final long MAP_OPTIONS_INNER = 24;
  private static final long MAP_OPTIONS_FLAGS = 28;

  private static final long PROGRAM_OPTIONS_SIZE = 104; // struct bpf_prog_load_opts
  private static final long PROGRAM_OPTIONS_ATTACH_TYPE = 12;
  private static final long PROGRAM_OPTIONS_FLAGS = 20;
  private static final long PROGRAM_OPTIONS_BTF_ID = 32;
  private static final long PROGRAM_OPTIONS_LOG_LEVEL = 88;
  private static final long PROGRAM_OPTIONS_LOG_SIZE = 92;
  private static final long PROGRAM_OPTIONS_LOG = 96;

  private static final long LINK_OPTIONS_SIZE = 16; // struct bpf_link_create_opts up to its flags
  private static final long LINK_OPTIONS_FLAGS = 8;

  private static final int LOG_SIZE = 4096;
  private static final long INSTRUCTION_SIZE = 8;

  private static final MethodHandle MAP_CREATE =
      NativeCode.libbpf(
          "bpf_map_create",
          FunctionDescriptor.of(
              JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS));
  private static final MethodHandle PROG_LOAD =
      NativeCode.libbpf(
          "bpf_prog_load",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS));
  private static final MethodHandle BTF_LOAD =
      NativeCode.libbpf(
          "bpf_btf_load", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS));
  private static final MethodHandle PROG_QUERY =
      NativeCode.libbpf(
          "bpf_prog_query",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, ADDRESS));
  private static final MethodHandle LINK_CREATE =
      NativeCode.libbpf(
          "bpf_link_create",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS));
  private static final MethodHandle UPDATE_BATCH =
      NativeCode.libbpf(
          "bpf_map_update_batch",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS));
  private static final MethodHandle LOOKUP_AND_DELETE =
      NativeCode.libbpf(
          "bpf_map_lookup_and_delete_elem",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));
  private static final MethodHandle VERSION =
      NativeCode.libbpf("libbpf_version_string", FunctionDescriptor.of(ADDRESS));

  private ProbeCalls() {}

  /**
   * A map to create.
   *
   * @param type number of its type
   * @param keySize in bytes
   * @param valueSize in bytes
   * @param maxEntries how many entries it has
   * @param flags such as BPF_F_MMAPABLE
   * @param inner descriptor of the map whose like it holds, or 0
   * @param btf descriptor of type information whose first type is its keys' and its values', or 0
   * @param kernelType number of the kernel's type that its values have, or 0
   */
  public record MapShape(
      int type,
      int keySize,
      int valueSize,
      int maxEntries,
      int flags,
      int inner,
      int btf,
      int kernelType) {}

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

  public static int createMap(MapShape shape) {
    try (var arena = Arena.ofConfined()) {
      var options = arena.allocate(MAP_OPTIONS_SIZE, Long.BYTES);
      options.set(JAVA_LONG, 0, MAP_OPTIONS_SIZE);
      options.set(JAVA_INT, MAP_OPTIONS_FLAGS, shape.flags);
      options.set(JAVA_INT, MAP_OPTIONS_INNER, shape.inner);
      options.set(JAVA_INT, MAP_OPTIONS_KERNEL_TYPE, shape.kernelType);
      if (shape.btf != 0) {
        options.set(JAVA_INT, MAP_OPTIONS_BTF, shape.btf);
        options.set(JAVA_INT, MAP_OPTIONS_KEY_TYPE, 1);
        options.set(JAVA_INT, MAP_OPTIONS_VALUE_TYPE, 1);
      }
      return (int)
          MAP_CREATE.invokeExact(
              shape.type,
              MemorySegment.NULL,
              shape.keySize,
              shape.valueSize,
              shape.maxEntries,
              options);
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }

  public static Loaded loadProgram(ProgramShape shape) {
    try (var arena = Arena.ofConfined()) {
      var log = arena.allocate(LOG_SIZE);
      var options = arena.allocate(PROGRAM_OPTIONS_SIZE, Long.BYTES);
      options.set(JAVA_LONG, 0, PROGRAM_OPTIONS_SIZE);
      options.set(JAVA_INT, PROGRAM_OPTIONS_ATTACH_TYPE, shape.attachType);
      options.set(JAVA_INT, PROGRAM_OPTIONS_FLAGS, shape.flags);
      options.set(JAVA_INT, PROGRAM_OPTIONS_BTF_ID, shape.btfId);
      options.set(JAVA_INT, PROGRAM_OPTIONS_LOG_LEVEL, 1);
      options.set(JAVA_INT, PROGRAM_OPTIONS_LOG_SIZE, LOG_SIZE);
      options.set(ADDRESS, PROGRAM_OPTIONS_LOG, log);
      var code = arena.allocateFrom(JAVA_LONG, shape.instructions);
      int descriptor =
          (int)
              PROG_LOAD.invokeExact(
                  shape.type,
                  MemorySegment.NULL,
                  arena.allocateFrom("GPL"),
                  code,
                  code.byteSize() / INSTRUCTION_SIZE,
                  options);
      return new Loaded(descriptor, log.getString(0));
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }

  public static int loadBtf(byte[] btf) {
    try (var arena = Arena.ofConfined()) {
      var data = arena.allocate(btf.length, Integer.BYTES).copyFrom(MemorySegment.ofArray(btf));
      return (int) BTF_LOAD.invokeExact(data, data.byteSize(), MemorySegment.NULL);
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }

  /**
   * What is attached to a control group or interface.
   *
   * @param count of the programs, or a negative error number
   * @param flags that the first of them was attached with
   */
  public record Attached(int count, int flags) {}

  /** Asks what is attached; the target is a descriptor, or the index of an interface. */
  public static Attached query(int target, int attachType) {
    try (var arena = Arena.ofConfined()) {
      var flags = arena.allocate(JAVA_INT);
      var count = arena.allocate(JAVA_INT);
      int result =
          (int) PROG_QUERY.invokeExact(target, attachType, 0, flags, MemorySegment.NULL, count);
      return new Attached(result < 0 ? result : count.get(JAVA_INT, 0), flags.get(JAVA_INT, 0));
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }

  /** Attaches with flags, as libbpf 1.1 lets one. */
  public static int link(int program, int target, int attachType, int flags) {
    try (var arena = Arena.ofConfined()) {
      var options = arena.allocate(LINK_OPTIONS_SIZE, Long.BYTES);
      options.set(JAVA_LONG, 0, LINK_OPTIONS_SIZE);
      options.set(JAVA_INT, LINK_OPTIONS_FLAGS, flags);
      return (int) LINK_CREATE.invokeExact(program, target, attachType, options);
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }

  /** Puts one entry of four-byte key and value into a map, as a batch. */
  public static int updateOneAsBatch(int map) {
    try (var arena = Arena.ofConfined()) {
      var key = arena.allocate(JAVA_INT);
      var count = arena.allocateFrom(JAVA_INT, 1);
      return (int) UPDATE_BATCH.invokeExact(map, key, key, count, MemorySegment.NULL);
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }

  /** Takes an entry of four-byte key and value out of a map. */
  public static int lookupAndDelete(int map) {
    try (var arena = Arena.ofConfined()) {
      return (int)
          LOOKUP_AND_DELETE.invokeExact(map, arena.allocate(JAVA_INT), arena.allocate(JAVA_INT));
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }

  /** Closes a descriptor that one of these functions has returned. */
  public static void close(int descriptor) {
    LibC.close(descriptor);
  }

  /** The version of libbpf, such as "1.1"; empty if there is none. */
  public static Optional<String> libbpfVersion() {
    if (NativeCode.problem().isPresent()) {
      return Optional.empty();
    }
    try {
      var text = (MemorySegment) VERSION.invokeExact();
      return Optional.of(
          text.reinterpret(Long.MAX_VALUE).getString(0, StandardCharsets.UTF_8).replace("v", ""));
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }
}
