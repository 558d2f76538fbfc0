// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core.internal;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.file.Path;

/** Functions of libc. They return a negative error number on failure, as libbpf's do. */
@SuppressWarnings("restricted") // the lengths of returned memory are known here only
public final class LibC {
  private static final int O_WRONLY = 1;
  private static final int O_DIRECTORY = 0200000;
  private static final int O_CLOEXEC = 02000000;
  private static final int F_DUPFD_CLOEXEC = 1030;
  private static final int PROT_READ = 1;
  private static final int PROT_WRITE = 2;
  private static final int MAP_SHARED = 1;
  private static final int STATFS_SIZE = 120;

  private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");
  private static final VarHandle ERRNO_VALUE =
      Linker.Option.captureStateLayout().varHandle(MemoryLayout.PathElement.groupElement("errno"));

  private static final MethodHandle OPEN =
      NativeCode.libc(
          "open",
          FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT),
          ERRNO,
          Linker.Option.firstVariadicArg(2));
  private static final MethodHandle CLOSE =
      NativeCode.libc("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final MethodHandle FCNTL =
      NativeCode.libc(
          "fcntl",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT),
          ERRNO,
          Linker.Option.firstVariadicArg(2));
  private static final MethodHandle WRITE =
      NativeCode.libc(
          "write", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG), ERRNO);
  private static final MethodHandle RMDIR =
      NativeCode.libc("rmdir", FunctionDescriptor.of(JAVA_INT, ADDRESS), ERRNO);
  private static final MethodHandle STATFS =
      NativeCode.libc("statfs", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS), ERRNO);
  private static final MethodHandle MMAP =
      NativeCode.libc(
          "mmap",
          FunctionDescriptor.of(
              ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG),
          ERRNO);
  private static final MethodHandle MUNMAP =
      NativeCode.libc("munmap", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG));
  private static final MethodHandle VASPRINTF =
      NativeCode.libc("vasprintf", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS));
  private static final MethodHandle FREE =
      NativeCode.libc("free", FunctionDescriptor.ofVoid(ADDRESS));

  private LibC() {}

  /** Opens a directory, to name it to the kernel. */
  public static int openDirectory(Path path) {
    return open(path, O_DIRECTORY | O_CLOEXEC);
  }

  /** Opens a file for reading: not by a channel, which an interrupted thread could not open. */
  public static int openForReading(Path path) {
    return open(path, O_CLOEXEC);
  }

  private static int open(Path path, int flags) {
    try (var arena = Arena.ofConfined()) {
      var state = arena.allocate(Linker.Option.captureStateLayout());
      int fd = (int) OPEN.invokeExact(state, arena.allocateFrom(path.toString()), flags);
      return fd >= 0 ? fd : -errno(state);
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }

  static void close(int fd) {
    try {
      int ignored = (int) CLOSE.invokeExact(fd); // Linux frees the number whatever it answers
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }

  /** Another descriptor of the same file. */
  public static int duplicate(int fd) {
    try (var arena = Arena.ofConfined()) {
      var state = arena.allocate(Linker.Option.captureStateLayout());
      int copy = (int) FCNTL.invokeExact(state, fd, F_DUPFD_CLOEXEC, 0);
      return copy >= 0 ? copy : -errno(state);
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }

  /** Writes a short text to an existing file in one system call, as control files want it. */
  public static int write(Path path, String text) {
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0) {
      return fd;
    }
    try (var arena = Arena.ofConfined()) {
      var state = arena.allocate(Linker.Option.captureStateLayout());
      long n = (long) WRITE.invokeExact(state, fd, arena.allocateFrom(text), (long) text.length());
      return n >= 0 ? (int) n : -errno(state);
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    } finally {
      close(fd);
    }
  }

  /** Removes an empty directory. */
  public static int removeDirectory(Path path) {
    try (var arena = Arena.ofConfined()) {
      var state = arena.allocate(Linker.Option.captureStateLayout());
      int result = (int) RMDIR.invokeExact(state, arena.allocateFrom(path.toString()));
      return result == 0 ? 0 : -errno(state);
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }

  /** The magic number of the file system that holds a path. */
  public static long fileSystemType(Path path) {
    try (var arena = Arena.ofConfined()) {
      var state = arena.allocate(Linker.Option.captureStateLayout());
      var buffer = arena.allocate(STATFS_SIZE, Long.BYTES);
      int result = (int) STATFS.invokeExact(state, arena.allocateFrom(path.toString()), buffer);
      return result == 0 ? buffer.get(JAVA_LONG, 0) : -errno(state);
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }

  /**
   * Maps the memory of a BPF map. The arena's close unmaps it.
   *
   * @return the memory, or a segment at the address {@code -errno}
   */
  public static MemorySegment map(int fd, long size, boolean writable, Arena lifetime) {
    return map(fd, 0, size, writable, lifetime);
  }

  /** As above, from an offset on. */
  static MemorySegment map(int fd, long offset, long size, boolean writable, Arena lifetime) {
    try (var arena = Arena.ofConfined()) {
      var state = arena.allocate(Linker.Option.captureStateLayout());
      int protection = writable ? PROT_READ | PROT_WRITE : PROT_READ;
      var memory =
          (MemorySegment)
              MMAP.invokeExact(state, MemorySegment.NULL, size, protection, MAP_SHARED, fd, offset);
      return memory.address() == -1
          ? MemorySegment.ofAddress(-errno(state))
          : memory.reinterpret(size, lifetime, LibC::unmap);
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }

  private static void unmap(MemorySegment memory) {
    try {
      int ignored = (int) MUNMAP.invokeExact(memory, memory.byteSize()); // ours, so it succeeds
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }

  /**
   * Formats like printf. The list of arguments is passed on as the pointer that it is in the ABI.
   */
  static String format(MemorySegment format, MemorySegment arguments) {
    try (var arena = Arena.ofConfined()) {
      var result = arena.allocate(ADDRESS);
      int length = (int) VASPRINTF.invokeExact(result, format, arguments);
      if (length < 0) {
        return "(out of memory for a message of libbpf)";
      }
      var text = result.get(ADDRESS, 0);
      try {
        return text.reinterpret(length + 1L).getString(0);
      } finally {
        FREE.invokeExact(text);
      }
    } catch (Throwable t) {
      throw NativeCode.failure(t);
    }
  }

  static int errno(MemorySegment state) {
    return (int) ERRNO_VALUE.get(state, 0L);
  }
}
