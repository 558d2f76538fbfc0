// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.jbypass.core.internal.TrialSocket;
import io.github.jbypass.testing.KernelTest;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each type does what it is said to do, and says of everything else that it can't. */
@KernelTest
class MapTypesTest {
  private static final Set<MapOperation> UNTESTED = EnumSet.of(MapOperation.FREEZE);

  /** One entry, in memory that suits any operation on a map of the type. */
  private static final class Entry implements AutoCloseable {
    final Arena arena = Arena.ofConfined();
    final BpfMap map;
    final BpfMap inner = TestMaps.create(MapType.ARRAY);
    final TrialSocket socket = TrialSocket.looped();
    final MemorySegment key;
    final MemorySegment value;
    final MemorySegment room;

    Entry(MapType type) {
      map = TestMaps.create(type);
      key = arena.allocate(8, 8);
      value = arena.allocate(Math.max(8, map.transferSize()), 8);
      room = arena.allocate(Math.max(8, map.transferSize()), 8);
      fill();
    }

    void fill() {
      switch (map.type()) {
        case LPM_TRIE -> key.set(JAVA_INT, 0, 32); // the length of the prefix
        case SK_STORAGE -> key.set(JAVA_INT, 0, socket.fd());
        default -> key.set(JAVA_INT, 0, 1);
      }
      switch (map.type()) {
        case SOCKMAP, SOCKHASH -> value.set(JAVA_LONG, 0, socket.fd());
        case ARRAY_OF_MAPS, HASH_OF_MAPS ->
            BpfMapAccess.withDescriptor(inner, fd -> value.set(JAVA_INT, 0, fd));
        default -> value.set(JAVA_LONG, 0, 77);
      }
    }

    /** Puts the entry in, if the type can hold one. */
    void store() {
      if (MapOperation.UPDATE.isOf(map.type())) {
        map.update(key, value, UpdateMode.ANY);
      } else if (MapOperation.PUSH.isOf(map.type())) {
        map.push(value);
      }
    }

    @Override
    public void close() {
      map.close();
      inner.close();
      socket.close();
      arena.close();
    }

    Object perform(MapOperation operation) {
      return switch (operation) {
        case LOOKUP -> map.lookup(key, room);
        case UPDATE -> {
          map.update(key, value, UpdateMode.ANY);
          yield true;
        }
        case DELETE -> map.delete(key);
        case LOOKUP_AND_DELETE -> map.lookupAndDelete(key, room);
        case NEXT_KEY -> map.nextKey(null, room);
        case PUSH -> {
          map.push(value);
          yield true;
        }
        case PEEK -> map.peek(room);
        case POP -> map.pop(room);
        case LOOKUP_BATCH -> map.lookupBatches(arena, 4).next();
        case LOOKUP_AND_DELETE_BATCH -> map.lookupAndDeleteBatches(arena, 4).next();
        case UPDATE_BATCH -> {
          map.updateBatch(key, value, 1);
          yield true;
        }
        case DELETE_BATCH -> map.deleteBatch(key, 1) == 1;
        case MAP_MEMORY -> {
          map.mapped(MappedArray.Access.READ).close();
          yield true;
        }
        case FREEZE -> throw new AssertionError("has its own test");
      };
    }
  }

  @ParameterizedTest
  @EnumSource(
      names = {
        "HASH",
        "LRU_HASH",
        "PERCPU_HASH",
        "LRU_PERCPU_HASH",
        "ARRAY",
        "PERCPU_ARRAY",
        "LPM_TRIE",
        "SOCKMAP",
        "SOCKHASH",
        "SK_STORAGE",
        "ARRAY_OF_MAPS",
        "HASH_OF_MAPS",
        "RINGBUF",
        "QUEUE",
        "STACK"
      })
  void aTypeDoesWhatItIsSaidToDoAndSaysSoOfTheRest(MapType type) {
    Map<MapOperation, Object> outcomes = new LinkedHashMap<>();
    Map<MapOperation, Object> expected = new LinkedHashMap<>();
    for (var operation : EnumSet.complementOf(EnumSet.copyOf(UNTESTED))) {
      try (var entry = new Entry(type)) {
        entry.store();
        var result = new Object[1];
        var failure = catchThrowable(() -> result[0] = entry.perform(operation));
        outcomes.put(operation, failure == null ? result[0] : failure.toString());
        boolean can = operation.isOf(type) && operation != MapOperation.MAP_MEMORY;
        expected.put(operation, can);
        if (failure instanceof UnsupportedByTypeException && !can) {
          outcomes.put(operation, false);
        }
      }
    }
    assertThat(outcomes).isEqualTo(expected);
  }
}
