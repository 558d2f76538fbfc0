// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.maps;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;

/**
 * The functions of {@code maploops.c}. Each call is thousands of operations: what the call itself
 * costs does not show.
 */
@SuppressWarnings("restricted") // calling C is what this class is for
final class CLoops {
  private static final String LIBRARY = "/native/libmaploops.so";
  private static final SymbolLookup FUNCTIONS = load();

  private static final MethodHandle OPEN_MAP = ofInt("open_map", JAVA_INT);
  private static final MethodHandle CLOSE_FD = ofInt("close_fd", JAVA_INT);
  private static final MethodHandle LOOKUP =
      ofLong("lookup", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
  private static final MethodHandle LOOKUP_ALL_CPUS =
      ofLong("lookup_all_cpus", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
  private static final MethodHandle UPDATE =
      ofLong("update", JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);
  private static final MethodHandle DELETE = ofLong("delete", JAVA_INT, JAVA_INT);
  private static final MethodHandle WALK_KEYS = ofLong("walk_keys", JAVA_INT);
  private static final MethodHandle WALK_BATCHES =
      ofLong("walk_batches", JAVA_INT, ADDRESS, ADDRESS, JAVA_INT, JAVA_INT);
  private static final MethodHandle UPDATE_BATCHES =
      ofLong("update_batches", JAVA_INT, ADDRESS, ADDRESS, JAVA_INT, JAVA_INT, JAVA_INT);
  private static final MethodHandle DELETE_BATCHES =
      ofLong("delete_batches", JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);
  private static final MethodHandle READ_COUNTER =
      ofLong("read_counter", ADDRESS, JAVA_INT, JAVA_INT);
  private static final MethodHandle MAP_MEMORY = ofAddress("map_memory", JAVA_INT, JAVA_LONG);
  private static final MethodHandle UNMAP_MEMORY = ofInt("unmap_memory", ADDRESS, JAVA_LONG);
  private static final MethodHandle ENCODE =
      ofLong(
          "encode",
          ADDRESS,
          JAVA_LONG,
          JAVA_INT,
          JAVA_SHORT,
          JAVA_SHORT,
          JAVA_LONG,
          JAVA_INT,
          JAVA_INT);
  private static final MethodHandle DECODE = ofLong("decode", ADDRESS, JAVA_INT, JAVA_INT);
  private static final MethodHandle OPEN_RING = ofAddress("open_ring", JAVA_INT);
  private static final MethodHandle CONSUME_RING = ofLong("consume_ring", ADDRESS);
  private static final MethodHandle CLOSE_RING =
      bind("close_ring", FunctionDescriptor.ofVoid(ADDRESS));
  private static final MethodHandle CONNECT_PAIRS = ofInt("connect_pairs", ADDRESS, JAVA_INT);

  private CLoops() {}

  /** The library is a resource, and a library has to be a file. */
  private static SymbolLookup load() {
    try (var library = CLoops.class.getResourceAsStream(LIBRARY)) {
      if (library == null) {
        throw new AssertionError("no resource " + LIBRARY);
      }
      var file = Files.createTempFile("maploops", ".so");
      try {
        Files.write(file, library.readAllBytes());
        return SymbolLookup.libraryLookup(file, Arena.global());
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static MethodHandle ofInt(String name, MemoryLayout... parameters) {
    return bind(name, FunctionDescriptor.of(JAVA_INT, parameters));
  }

  private static MethodHandle ofLong(String name, MemoryLayout... parameters) {
    return bind(name, FunctionDescriptor.of(JAVA_LONG, parameters));
  }

  private static MethodHandle ofAddress(String name, MemoryLayout... parameters) {
    return bind(name, FunctionDescriptor.of(ADDRESS, parameters));
  }

  private static MethodHandle bind(String name, FunctionDescriptor type) {
    return Linker.nativeLinker().downcallHandle(FUNCTIONS.findOrThrow(name), type);
  }

  private static AssertionError failure(Throwable thrown) {
    throw thrown instanceof Error e ? e : new AssertionError(thrown);
  }

  /** A descriptor of its own for a map. */
  static int openMap(int id) {
    try {
      return require("open_map", (int) OPEN_MAP.invokeExact(id));
    } catch (Throwable t) {
      throw failure(t);
    }
  }

  static void close(int fd) {
    try {
      require("close_fd", (int) CLOSE_FD.invokeExact(fd));
    } catch (Throwable t) {
      throw failure(t);
    }
  }

  static long lookup(int map, int first, int count, int rounds) {
    try {
      return (long) LOOKUP.invokeExact(map, first, count, rounds);
    } catch (Throwable t) {
      throw failure(t);
    }
  }

  static long lookupAllCpus(int map, int count, int rounds, int cpus) {
    try {
      return (long) LOOKUP_ALL_CPUS.invokeExact(map, count, rounds, cpus);
    } catch (Throwable t) {
      throw failure(t);
    }
  }

  static long update(int map, MemorySegment numbers, int count, int rounds) {
    try {
      return (long) UPDATE.invokeExact(map, numbers, count, rounds);
    } catch (Throwable t) {
      throw failure(t);
    }
  }

  static long delete(int map, int count) {
    try {
      return (long) DELETE.invokeExact(map, count);
    } catch (Throwable t) {
      throw failure(t);
    }
  }

  static long walkKeys(int map) {
    try {
      return (long) WALK_KEYS.invokeExact(map);
    } catch (Throwable t) {
      throw failure(t);
    }
  }

  static long walkBatches(
      int map, MemorySegment keys, MemorySegment values, int batch, int valueSize) {
    try {
      return (long) WALK_BATCHES.invokeExact(map, keys, values, batch, valueSize);
    } catch (Throwable t) {
      throw failure(t);
    }
  }

  static long updateBatches(
      int map, MemorySegment keys, MemorySegment values, int entries, int batch, int valueSize) {
    try {
      return (long) UPDATE_BATCHES.invokeExact(map, keys, values, entries, batch, valueSize);
    } catch (Throwable t) {
      throw failure(t);
    }
  }

  static long deleteBatches(int map, MemorySegment keys, int entries, int batch) {
    try {
      return (long) DELETE_BATCHES.invokeExact(map, keys, entries, batch);
    } catch (Throwable t) {
      throw failure(t);
    }
  }

  static long readCounter(MemorySegment counters, int index, int rounds) {
    try {
      return (long) READ_COUNTER.invokeExact(counters, index, rounds);
    } catch (Throwable t) {
      throw failure(t);
    }
  }

  static MemorySegment mapMemory(int map, long size) {
    try {
      return present("map_memory", (MemorySegment) MAP_MEMORY.invokeExact(map, size));
    } catch (Throwable t) {
      throw failure(t);
    }
  }

  static void unmapMemory(MemorySegment memory, long size) {
    try {
      require("unmap_memory", (int) UNMAP_MEMORY.invokeExact(memory, size));
    } catch (Throwable t) {
      throw failure(t);
    }
  }

  /** Numbers the samples from the id of the given one on. */
  static long encode(MemorySegment samples, Sample sample, int count, int rounds) {
    try {
      return (long)
          ENCODE.invokeExact(
              samples,
              sample.id(),
              sample.address(),
              (short) sample.port(),
              (short) sample.flags(),
              sample.bytes(),
              count,
              rounds);
    } catch (Throwable t) {
      throw failure(t);
    }
  }

  static long decode(MemorySegment samples, int count, int rounds) {
    try {
      return (long) DECODE.invokeExact(samples, count, rounds);
    } catch (Throwable t) {
      throw failure(t);
    }
  }

  static MemorySegment openRing(int map) {
    try {
      return present("open_ring", (MemorySegment) OPEN_RING.invokeExact(map));
    } catch (Throwable t) {
      throw failure(t);
    }
  }

  static long consumeRing(MemorySegment ring) {
    try {
      return (long) CONSUME_RING.invokeExact(ring);
    } catch (Throwable t) {
      throw failure(t);
    }
  }

  static void closeRing(MemorySegment ring) {
    try {
      CLOSE_RING.invokeExact(ring);
    } catch (Throwable t) {
      throw failure(t);
    }
  }

  /** Descriptors of connected sockets, two for each of so many pairs. */
  static int[] connectPairs(int pairs) {
    try (var arena = Arena.ofConfined()) {
      var fds = arena.allocate(JAVA_INT, 2L * pairs);
      require("connect_pairs", (int) CONNECT_PAIRS.invokeExact(fds, pairs));
      return fds.toArray(JAVA_INT);
    } catch (Throwable t) {
      throw failure(t);
    }
  }

  private static int require(String function, int result) {
    if (result < 0) {
      throw new IllegalStateException(function + " failed: " + result);
    }
    return result;
  }

  private static MemorySegment present(String function, MemorySegment result) {
    if (result.address() == 0) {
      throw new IllegalStateException(function + " failed");
    }
    return result;
  }
}
