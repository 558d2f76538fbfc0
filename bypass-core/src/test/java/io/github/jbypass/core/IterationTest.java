// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.jbypass.core.internal.TrialSocket;
import io.github.jbypass.testing.KernelTest;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@KernelTest
@Timeout(60)
class IterationTest {
  private static final int STABLE = 300;
  private static final int CHURN = 300;
  private static final int WALKS = 60;
  private static final ValueLayout.OfInt NUMBER = JAVA_INT.withOrder(ByteOrder.BIG_ENDIAN);

  private final Arena arena = Arena.ofConfined();

  @AfterEach
  void release() {
    arena.close();
  }

  private static BpfMap create(MapType type) {
    int keySize = type == MapType.LPM_TRIE ? 8 : 4;
    return BpfMap.create(new BpfMapSpec("walked", type, keySize, 8, STABLE + CHURN));
  }

  /** Tries sort by bytes, hence the number in network byte order behind a whole prefix. */
  private static MemorySegment key(BpfMap map, Arena arena, int number) {
    var key = arena.allocate(8, 8);
    if (map.type() == MapType.LPM_TRIE) {
      key.set(JAVA_INT, 0, 32);
    }
    key.set(NUMBER, map.keySize() - Integer.BYTES, number);
    return key;
  }

  private static int number(BpfMap map, MemorySegment key) {
    return key.get(NUMBER, map.keySize() - Integer.BYTES);
  }

  private void put(BpfMap map, int number) {
    map.update(key(map, arena, number), arena.allocateFrom(JAVA_LONG, number), UpdateMode.ANY);
  }

  @ParameterizedTest
  @EnumSource(names = {"HASH", "LPM_TRIE"})
  void theActionMayRemoveTheKeyThatItGets(MapType type) {
    try (var map = create(type)) {
      Set<Integer> expected = new HashSet<>();
      for (int i = 0; i < STABLE; i++) {
        put(map, i);
        expected.add(i);
      }
      List<Integer> seen = new ArrayList<>();
      map.forEachKey(
          key -> {
            seen.add(number(map, key));
            assertThat(map.delete(key)).isTrue();
          });

      assertThat(seen).doesNotHaveDuplicates().containsExactlyInAnyOrderElementsOf(expected);
      assertThat(map.nextKey(null, arena.allocate(8))).isFalse();
    }
  }

  /** One thread adds and removes half of the entries and replaces values of the others. */
  @ParameterizedTest
  @EnumSource(names = {"HASH", "LPM_TRIE"})
  void whatStaysIsSeenWhileEverythingElseComesAndGoes(MapType type) throws Exception {
    try (var map = create(type)) {
      for (int i = 0; i < STABLE; i++) {
        put(map, i);
      }
      var stop = new AtomicBoolean();
      var churn = new Thread(() -> churn(map, type == MapType.HASH, stop));
      churn.start();
      try {
        for (int walk = 0; walk < WALKS; walk++) {
          var seen = new HashMap<Integer, Integer>();
          try {
            map.forEach((key, _) -> seen.merge(number(map, key), 1, Integer::sum));
          } catch (IterationAbortedException e) {
            assertThat(type).isEqualTo(MapType.LPM_TRIE);
            continue;
          }
          for (int i = 0; i < STABLE; i++) {
            assertThat(seen).containsKey(i);
            if (type == MapType.HASH) {
              assertThat(seen).containsEntry(i, 1);
            }
          }
        }
      } finally {
        stop.set(true);
        churn.join();
      }
    }
  }

  private static void churn(BpfMap map, boolean replace, AtomicBoolean stop) {
    var random = new Random(1);
    try (var arena = Arena.ofConfined()) {
      var value = arena.allocate(JAVA_LONG);
      var keys = new MemorySegment[STABLE + CHURN];
      for (int i = 0; i < keys.length; i++) {
        keys[i] = key(map, arena, i);
      }
      while (!stop.get()) {
        int at = STABLE + random.nextInt(CHURN);
        map.update(keys[at], value, UpdateMode.ANY);
        map.delete(keys[STABLE + random.nextInt(CHURN)]);
        if (replace) {
          map.update(keys[random.nextInt(STABLE)], value, UpdateMode.EXIST);
        }
      }
    }
  }

  @Test
  void theWalkGoesOnWhereItWasWhenOthersRemoveTheKeyThatItStandsOn() {
    try (var map = create(MapType.LPM_TRIE)) {
      for (int i = 0; i < STABLE; i++) {
        put(map, i);
      }
      List<Integer> seen = new ArrayList<>();
      int[] seenBefore = {-1};
      map.forEachKey(
          key -> {
            int number = number(map, key);
            seen.add(number);
            if (seenBefore[0] >= 0 && number % 3 == 0) {
              map.delete(key(map, arena, seenBefore[0]));
              map.delete(key);
            }
            seenBefore[0] = number;
          });

      assertThat(seen).doesNotHaveDuplicates().hasSize(STABLE);
    }
  }

  @Test
  void aSocketHashIsWalkedKeyByKey() {
    try (var map = TestMaps.create(MapType.SOCKHASH);
        var socket = TrialSocket.looped()) {
      for (int i = 0; i < TestMaps.CAPACITY; i++) {
        map.update(
            arena.allocateFrom(JAVA_INT, i),
            arena.allocateFrom(JAVA_LONG, socket.fd()),
            UpdateMode.ANY);
      }
      Set<Integer> keys = new HashSet<>();
      Set<Long> cookies = new HashSet<>();
      map.forEach(
          (key, cookie) -> {
            keys.add(key.get(JAVA_INT, 0));
            cookies.add(cookie.get(JAVA_LONG, 0));
          });

      assertThat(keys).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6, 7);
      assertThat(cookies).hasSize(1).doesNotContain(0L);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"HASH", "LPM_TRIE", "SOCKHASH", "HASH_OF_MAPS", "ARRAY_OF_MAPS"})
  void anEmptyMapHasNothingToVisit(MapType type) {
    try (var map = TestMaps.create(type)) {
      map.forEach(
          (_, _) -> {
            throw new AssertionError("visited an entry");
          });
    }
  }

  /** For each key that is visited, one more comes behind those that were found already. */
  @Test
  void aWalkThatOthersOutrunGivesUp() {
    try (var map = create(MapType.LPM_TRIE)) {
      put(map, 1);
      put(map, 2);
      put(map, 3);
      int[] visits = {0};
      assertThatExceptionOfType(IterationAbortedException.class)
          .isThrownBy(
              () ->
                  map.forEachKey(
                      key -> {
                        visits[0]++;
                        put(map, number(map, key) + 3);
                        map.delete(key);
                      }));
      assertThat(visits[0]).isBetween(STABLE + CHURN, (int) MapWalk.limit(map));
    }
  }

  /** Ten neighbours vanish at once: no key that the walk remembers is left. */
  @Test
  void whatIsLeftIsSeenEvenIfTheWalkHasToBeginAgain() {
    try (var map = create(MapType.LPM_TRIE)) {
      for (int i = 0; i < STABLE; i++) {
        put(map, i);
      }
      Set<Integer> seen = new HashSet<>();
      map.forEachKey(
          key -> {
            seen.add(number(map, key));
            if (seen.size() == 100) {
              for (int i = 80; i < 110; i++) {
                map.delete(key(map, arena, i));
              }
            }
          });

      for (int i = 0; i < STABLE; i++) {
        if (i < 100 || i >= 110) {
          assertThat(seen).contains(i);
        }
      }
    }
  }
}
