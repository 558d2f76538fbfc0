// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.jbypass.testing.KernelTest;
import io.github.jbypass.testing.TestCgroup;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@KernelTest
class LifecycleTest {
  private static final int ROUNDS = 10_000;
  private static final int LOADED_EVERY = 20; // loading takes milliseconds
  private static final int THREADS = 32;
  private static final int GENERATIONS = 6;

  @Test
  void nothingIsLeftOpen() throws Exception {
    var before = Descriptors.ofBpf();
    try (var group = TestCgroup.create()) {
      for (int i = 0; i < ROUNDS; i++) {
        try (var spec = Fixture.open("fixture")) {
          if (i % LOADED_EVERY == 0) {
            useAll(spec, group);
          }
        }
      }
      failToLoad();
    }
    assertThat(Descriptors.ofBpf()).isEqualTo(before);
  }

  private static void useAll(BpfObjectSpec spec, TestCgroup group) {
    try (var object = spec.load();
        var _ = object.program("count_runs").attach(group.cgroup());
        var _ = object.program("pass_stream").attach(object.map("sockets"))) {
      object.program("pass_message").attachDirectly(object.map("sockets")).close();
      assertThat(object.global("runs").get(JAVA_LONG, 0)).isZero();
      store(object.map("numbers"), 1);
    }
  }

  private static void failToLoad() {
    try (var spec = Fixture.open("rejected")) {
      spec.load().close();
      throw new AssertionError("was not rejected");
    } catch (VerifierException e) {
      assertThat(e.log()).isNotEmpty();
    }
  }

  /**
   * Each generation of the object holds its own number in its map. Were an operation to run on a
   * descriptor that another generation has got since, it would find the wrong number or fail.
   */
  @Test
  @Timeout(60)
  void operationsNeverRunOnTheMapOfAnother() throws Exception {
    try (var threads = Executors.newFixedThreadPool(THREADS)) {
      for (int generation = 1; generation <= GENERATIONS; generation++) {
        int number = generation;
        var object = Fixture.load();
        var started = new CountDownLatch(THREADS);
        var readers = new ArrayList<Future<Long>>();
        store(object.map("numbers"), number);
        for (int i = 0; i < THREADS; i++) {
          boolean variable = i % 4 == 0;
          readers.add(
              threads.submit(
                  () ->
                      variable
                          ? readVariableUntilClosed(object, started)
                          : readMapUntilClosed(object.map("numbers"), number, started)));
        }
        started.await();
        object.close();
        try (var next = Fixture.load()) { // takes over the numbers of the descriptors
          store(next.map("numbers"), -1);
          expectClosed(readers);
        }
      }
    }
  }

  private static void store(BpfMap map, long number) {
    try (var arena = Arena.ofConfined()) {
      map.update(
          arena.allocateFrom(JAVA_INT, 0), arena.allocateFrom(JAVA_LONG, number), UpdateMode.ANY);
    }
  }

  private static long readMapUntilClosed(BpfMap map, long number, CountDownLatch started) {
    try (var arena = Arena.ofConfined()) {
      var key = arena.allocateFrom(JAVA_INT, 0);
      var value = arena.allocate(JAVA_LONG);
      for (long reads = 0; !Thread.interrupted(); reads++) {
        assertThat(map.lookup(key, value)).isTrue();
        assertThat(value.get(JAVA_LONG, 0)).isEqualTo(number);
        if (reads == 0) {
          started.countDown();
        }
      }
      return 0;
    }
  }

  private static long readVariableUntilClosed(BpfObject object, CountDownLatch started) {
    var runs = object.global("runs");
    started.countDown();
    while (!Thread.interrupted()) {
      assertThat(runs.get(JAVA_LONG, 0)).isZero();
    }
    return 0;
  }

  private static void expectClosed(List<Future<Long>> readers) throws InterruptedException {
    for (var reader : readers) {
      try {
        reader.get();
        throw new AssertionError("a reader ended before the object was closed");
      } catch (ExecutionException e) {
        assertThat(e.getCause()).isInstanceOf(IllegalStateException.class);
      }
    }
  }

  @Test
  void closingTwiceIsClosingOnce() {
    var object = Fixture.load();
    object.close();
    object.close();
    var spec = Fixture.open("fixture");
    spec.close();
    spec.close();
  }

  @Test
  void aSpecCannotBeUsedAfterItWasLoaded() {
    var spec = Fixture.open("fixture");
    try (var object = spec.load()) {
      spec.close(); // must not take the object with it
      assertThat(object.program("count_runs").id()).isPositive();
      assertThatIllegalStateException().isThrownBy(() -> spec.set("step", 1));
      assertThatIllegalStateException().isThrownBy(() -> spec.maxEntries("numbers", 1));
      assertThatIllegalStateException().isThrownBy(() -> spec.autoload("count_runs", true));
      assertThatIllegalStateException().isThrownBy(() -> spec.pinPath("numbers", Path.of("/x")));
      assertThatIllegalStateException().isThrownBy(spec::load);
    }
  }

  @Test
  void aMapIsAsLargeAsTheSpecSays() {
    try (var spec = Fixture.open("fixture")) {
      spec.maxEntries("numbers", 3);
      try (var object = spec.load()) {
        assertThat(object.map("numbers").maxEntries()).isEqualTo(3);
      }
    }
  }

  @Test
  void unknownNamesAreRefusedWithTheKnownOnes() {
    try (var spec = Fixture.open("fixture")) {
      assertThat(spec.mapNames()).containsExactly("numbers", "percpu", "sockets");
      assertThat(spec.programNames()).containsExactly("count_runs", "pass_message", "pass_stream");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> spec.maxEntries("number", 1))
          .withMessage("no map number; there are [numbers, percpu, sockets]");
      assertThatIllegalArgumentException().isThrownBy(() -> spec.maxEntries("numbers", 0));
      assertThatIllegalArgumentException().isThrownBy(() -> spec.autoload("count", true));
      try (var object = spec.load()) {
        assertThatIllegalArgumentException().isThrownBy(() -> object.map("number"));
        assertThatIllegalArgumentException().isThrownBy(() -> object.program("count"));
      }
    }
  }
}
