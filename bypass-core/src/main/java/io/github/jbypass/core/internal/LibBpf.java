// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core.internal;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Functions of libbpf 1.1 on {@code struct bpf_object}, {@code bpf_map} and {@code bpf_program}:
 * what is done with an object before and while it is loaded. None of them is thread-safe on one
 * object. Functions that return int return a negative error number on failure.
 */
@SuppressWarnings("restricted") // the lengths of returned memory are known here only
public final class LibBpf {
  private static final long OPEN_OPTIONS_SIZE = 16; // struct bpf_object_open_opts up to the name
  private static final long OPEN_OPTIONS_NAME = 8;

  private static final FunctionDescriptor INT_OF = FunctionDescriptor.of(JAVA_INT, ADDRESS);
  private static final FunctionDescriptor POINTER_OF = FunctionDescriptor.of(ADDRESS, ADDRESS);
  private static final FunctionDescriptor POINTER_OF_2 =
      FunctionDescriptor.of(ADDRESS, ADDRESS, ADDRESS);

  private static final MethodHandle SET_PRINT = NativeCode.libbpf("libbpf_set_print", POINTER_OF);
  private static final MethodHandle OPEN =
      NativeCode.libbpf(
          "bpf_object__open_mem",
          FunctionDescriptor.of(ADDRESS, ADDRESS, JAVA_LONG, ADDRESS),
          Linker.Option.captureCallState("errno"));
  private static final MethodHandle LOAD = NativeCode.libbpf("bpf_object__load", INT_OF);
  private static final MethodHandle CLOSE =
      NativeCode.libbpf("bpf_object__close", FunctionDescriptor.ofVoid(ADDRESS));
  private static final MethodHandle BTF = NativeCode.libbpf("bpf_object__btf", POINTER_OF);
  private static final MethodHandle BTF_DATA = NativeCode.libbpf("btf__raw_data", POINTER_OF_2);
  private static final MethodHandle NEXT_MAP =
      NativeCode.libbpf("bpf_object__next_map", POINTER_OF_2);
  private static final MethodHandle FIND_MAP =
      NativeCode.libbpf("bpf_object__find_map_by_name", POINTER_OF_2);
  private static final MethodHandle NEXT_PROGRAM =
      NativeCode.libbpf("bpf_object__next_program", POINTER_OF_2);

  private static final MethodHandle MAP_NAME = NativeCode.libbpf("bpf_map__name", POINTER_OF);
  private static final MethodHandle MAP_IS_INTERNAL =
      NativeCode.libbpf("bpf_map__is_internal", FunctionDescriptor.of(JAVA_BOOLEAN, ADDRESS));
  private static final MethodHandle MAP_FD = NativeCode.libbpf("bpf_map__fd", INT_OF);
  private static final MethodHandle MAP_TYPE = NativeCode.libbpf("bpf_map__type", INT_OF);
  private static final MethodHandle MAP_KEY_SIZE = NativeCode.libbpf("bpf_map__key_size", INT_OF);
  private static final MethodHandle MAP_VALUE_SIZE =
      NativeCode.libbpf("bpf_map__value_size", INT_OF);
  private static final MethodHandle MAP_MAX_ENTRIES =
      NativeCode.libbpf("bpf_map__max_entries", INT_OF);
  private static final MethodHandle MAP_SET_MAX_ENTRIES =
      NativeCode.libbpf(
          "bpf_map__set_max_entries", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle MAP_PIN_PATH =
      NativeCode.libbpf("bpf_map__pin_path", POINTER_OF);
  private static final MethodHandle MAP_SET_PIN_PATH =
      NativeCode.libbpf("bpf_map__set_pin_path", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS));
  private static final MethodHandle MAP_INITIAL_VALUE =
      NativeCode.libbpf("bpf_map__initial_value", POINTER_OF_2);

  private static final MethodHandle PROGRAM_NAME =
      NativeCode.libbpf("bpf_program__name", POINTER_OF);
  private static final MethodHandle PROGRAM_FD = NativeCode.libbpf("bpf_program__fd", INT_OF);
  private static final MethodHandle PROGRAM_TYPE = NativeCode.libbpf("bpf_program__type", INT_OF);
  private static final MethodHandle PROGRAM_ATTACH_TYPE =
      NativeCode.libbpf("bpf_program__expected_attach_type", INT_OF);
  private static final MethodHandle PROGRAM_AUTOLOAD =
      NativeCode.libbpf("bpf_program__autoload", FunctionDescriptor.of(JAVA_BOOLEAN, ADDRESS));
  private static final MethodHandle PROGRAM_SET_AUTOLOAD =
      NativeCode.libbpf(
          "bpf_program__set_autoload", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_BOOLEAN));

  static {
    if (NativeCode.complete()) {
      leaveMemlockLimitAlone();
      pointer(SET_PRINT, LibBpfLog.callback());
    }
  }

  private LibBpf() {}

  /** Binds the functions, if that is not done yet. */
  static void bind() {}

  /**
   * Parses an object that lies in memory. The bytes must stay there until it is closed.
   *
   * @return a {@code struct bpf_object}, or a segment at the address {@code -errno}
   */
  public static MemorySegment open(String name, MemorySegment elf) {
    try (var arena = Arena.ofConfined()) {
      var state = arena.allocate(Linker.Option.captureStateLayout());
      var options = arena.allocate(OPEN_OPTIONS_SIZE, Long.BYTES);
      options.set(JAVA_LONG, 0, OPEN_OPTIONS_SIZE);
      options.set(ADDRESS, OPEN_OPTIONS_NAME, arena.allocateFrom(name));
      var object = (MemorySegment) OPEN.invokeExact(state, elf, elf.byteSize(), options);
      return object.address() == 0 ? MemorySegment.ofAddress(-LibC.errno(state)) : object;
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }

  public static int load(MemorySegment object) {
    return integer(LOAD, object);
  }

  public static void close(MemorySegment object) {
    try {
      CLOSE.invokeExact(object);
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }

  /** A copy of the object's BTF, in the host's byte order; empty if it has none. */
  public static byte[] btf(MemorySegment object) {
    var btf = pointer(BTF, object);
    if (btf.address() == 0) {
      return new byte[0];
    }
    try (var arena = Arena.ofConfined()) {
      var size = arena.allocate(JAVA_INT);
      var data = pointer(BTF_DATA, btf, size);
      return data.address() == 0
          ? new byte[0]
          : data.reinterpret(size.get(JAVA_INT, 0)).toArray(ValueLayout.JAVA_BYTE);
    }
  }

  /** All {@code struct bpf_map} of an object. */
  public static List<MemorySegment> maps(MemorySegment object) {
    return all(NEXT_MAP, object);
  }

  /** All {@code struct bpf_program} of an object. */
  public static List<MemorySegment> programs(MemorySegment object) {
    return all(NEXT_PROGRAM, object);
  }

  private static List<MemorySegment> all(MethodHandle next, MemorySegment object) {
    var found = new ArrayList<MemorySegment>();
    var last = MemorySegment.NULL;
    while ((last = pointer(next, object, last)).address() != 0) {
      found.add(last);
    }
    return found;
  }

  /** The map that holds a section of global variables, such as ".data". */
  public static Optional<MemorySegment> sectionMap(MemorySegment object, String section) {
    try (var arena = Arena.ofConfined()) {
      var map = pointer(FIND_MAP, object, arena.allocateFrom(section));
      return map.address() == 0 ? Optional.empty() : Optional.of(map);
    }
  }

  public static String mapName(MemorySegment map) {
    return string(pointer(MAP_NAME, map));
  }

  /** Whether libbpf made the map, to hold global variables. */
  public static boolean mapIsInternal(MemorySegment map) {
    try {
      return (boolean) MAP_IS_INTERNAL.invokeExact(map);
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }

  public static int mapFd(MemorySegment map) {
    return integer(MAP_FD, map);
  }

  public static int mapType(MemorySegment map) {
    return integer(MAP_TYPE, map);
  }

  public static int mapKeySize(MemorySegment map) {
    return integer(MAP_KEY_SIZE, map);
  }

  public static int mapValueSize(MemorySegment map) {
    return integer(MAP_VALUE_SIZE, map);
  }

  public static int mapMaxEntries(MemorySegment map) {
    return integer(MAP_MAX_ENTRIES, map);
  }

  public static int mapSetMaxEntries(MemorySegment map, int entries) {
    return integer(MAP_SET_MAX_ENTRIES, map, entries);
  }

  /** Where libbpf would pin the map. */
  public static Optional<String> mapPinPath(MemorySegment map) {
    var path = pointer(MAP_PIN_PATH, map);
    return path.address() == 0 ? Optional.empty() : Optional.of(string(path));
  }

  /** Has libbpf pin the map nowhere. */
  public static void mapClearPinPath(MemorySegment map) {
    try {
      int ignored = (int) MAP_SET_PIN_PATH.invokeExact(map, MemorySegment.NULL); // frees, only
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }

  /** The memory that a section of global variables starts with, writable until the load. */
  public static Optional<MemorySegment> mapInitialValue(MemorySegment map) {
    try (var arena = Arena.ofConfined()) {
      var size = arena.allocate(JAVA_LONG);
      var memory = pointer(MAP_INITIAL_VALUE, map, size);
      return memory.address() == 0
          ? Optional.empty()
          : Optional.of(memory.reinterpret(size.get(JAVA_LONG, 0)));
    }
  }

  public static String programName(MemorySegment program) {
    return string(pointer(PROGRAM_NAME, program));
  }

  /** The descriptor of a loaded program; negative if it was not loaded. */
  public static int programFd(MemorySegment program) {
    return integer(PROGRAM_FD, program);
  }

  public static int programType(MemorySegment program) {
    return integer(PROGRAM_TYPE, program);
  }

  public static int programAttachType(MemorySegment program) {
    return integer(PROGRAM_ATTACH_TYPE, program);
  }

  public static boolean programAutoload(MemorySegment program) {
    try {
      return (boolean) PROGRAM_AUTOLOAD.invokeExact(program);
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }

  public static int programSetAutoload(MemorySegment program, boolean autoload) {
    try {
      return (int) PROGRAM_SET_AUTOLOAD.invokeExact(program, autoload);
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }

  /**
   * Since 5.11 BPF memory is charged to the control group, and libbpf raises RLIMIT_MEMLOCK on
   * older kernels only. From 1.2 on it can be told never to.
   */
  private static void leaveMemlockLimitAlone() {
    NativeCode.newerLibbpf("libbpf_set_memlock_rlim", FunctionDescriptor.of(JAVA_INT, JAVA_LONG))
        .ifPresent(
            function -> {
              try {
                int ignored = (int) function.invokeExact(0L); // fails only after the first load
              } catch (Throwable t) {
                throw NativeCode.failure(t);
              }
            });
  }

  private static int integer(MethodHandle function, MemorySegment argument) {
    try {
      return (int) function.invokeExact(argument);
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }

  private static int integer(MethodHandle function, MemorySegment argument, int number) {
    try {
      return (int) function.invokeExact(argument, number);
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }

  private static MemorySegment pointer(MethodHandle function, MemorySegment argument) {
    try {
      return (MemorySegment) function.invokeExact(argument);
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }

  private static MemorySegment pointer(
      MethodHandle function, MemorySegment argument, MemorySegment another) {
    try {
      return (MemorySegment) function.invokeExact(argument, another);
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }

  private static String string(MemorySegment pointer) {
    return pointer.reinterpret(Long.MAX_VALUE).getString(0);
  }
}
