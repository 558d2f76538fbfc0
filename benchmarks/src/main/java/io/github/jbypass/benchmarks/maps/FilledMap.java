// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.maps;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.jbypass.core.BpfMap;
import io.github.jbypass.core.typed.LongMap;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A map with the keys from 0 on, and the memory that operations on it need. Key k has the value k +
 * 1; in a SOCKHASH, one of some sockets, each of which stays in the map under other keys whatever
 * becomes of one.
 */
final class FilledMap implements AutoCloseable {
  private static final int PAIRS_OF_SOCKETS = 32;

  final MapKind kind;
  final int entries;
  final BpfMap map;

  /** What is stored under each key, also as C reads it. */
  final long[] contents;

  final MemorySegment contentsInC;

  final MemorySegment key;
  final MemorySegment value;

  /** C's own descriptor of the map. */
  final int fd;

  /** What all values add up to, in a per-CPU map those of the first CPU. */
  final long sum;

  private final Arena arena = Arena.ofConfined();
  private final int[] sockets;

  FilledMap(MapKind kind, int entries) {
    this.kind = kind;
    this.entries = entries;
    map = BpfMap.create(kind.spec(entries));
    fd = CLoops.openMap(map.info().id());
    sockets = kind == MapKind.SOCKHASH ? CLoops.connectPairs(PAIRS_OF_SOCKETS) : new int[0];
    contents = new long[entries];
    for (int i = 0; i < entries; i++) {
      contents[i] = sockets.length > 0 ? sockets[i % sockets.length] : i + 1;
    }
    contentsInC = arena.allocateFrom(JAVA_LONG, contents);
    key = arena.allocate(JAVA_INT);
    value = arena.allocate(map.transferSize(), Long.BYTES);
    fill();
    sum = CLoops.lookup(fd, 0, entries, 1);
    if (kind != MapKind.SOCKHASH) {
      Expect.that(sum, entries * (entries + 1L) / 2, "the sum of all values");
    } else if (sum <= 0) {
      throw new IllegalStateException("sockets without cookies: " + sum);
    }
  }

  /** Stores all entries. Allocates nothing. */
  void fill() {
    Expect.that(CLoops.update(fd, contentsInC, entries, 1), entries, "stored entries");
  }

  /** Its face for numbers. */
  LongMap numbers() {
    return LongMap.of(map);
  }

  /** Keys from 0 on, one after the other. */
  MemorySegment keys() {
    var keys = arena.allocate(JAVA_INT, entries);
    for (int i = 0; i < entries; i++) {
      keys.setAtIndex(JAVA_INT, i, i);
    }
    return keys;
  }

  /** The values of these keys, as batches take them. */
  MemorySegment values() {
    var values = arena.allocate((long) entries * map.transferSize(), Long.BYTES);
    for (int i = 0; i < entries; i++) {
      values.set(JAVA_LONG, (long) i * map.transferSize(), contents[i]);
    }
    return values;
  }

  Arena arena() {
    return arena;
  }

  @Override
  public void close() {
    map.close();
    CLoops.close(fd);
    for (int socket : sockets) {
      CLoops.close(socket);
    }
    arena.close();
  }
}
