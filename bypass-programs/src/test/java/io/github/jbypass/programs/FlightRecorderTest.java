// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.jbypass.core.Cgroup;
import io.github.jbypass.core.NotCgroupException;
import io.github.jbypass.core.TestBpfFileSystem;
import io.github.jbypass.testing.KernelTest;
import io.github.jbypass.testing.TestCgroup;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a flight recording has of a life. */
@KernelTest
class FlightRecorderTest {
  private static final String PREFIX = "io.github.jbypass.";

  @TempDir private Path directory;

  /** The events of what is done, in their order. */
  private List<RecordedEvent> record(Runnable life) throws IOException {
    Path file = directory.resolve("life.jfr");
    try (var recording = new Recording()) {
      recording.start();
      life.run();
      recording.stop();
      recording.dump(file);
    }
    return RecordingFile.readAllEvents(file).stream()
        .filter(event -> event.getEventType().getName().startsWith(PREFIX))
        .sorted(Comparator.comparing(RecordedEvent::getEndTime))
        .toList();
  }

  private static String name(RecordedEvent event) {
    return event.getEventType().getName().substring(PREFIX.length());
  }

  @Test
  void everyTransitionIsAnEventWithItsNumberAndDuration() throws IOException {
    try (var cgroup = TestCgroup.create()) {
      var id = new int[1];
      var events =
          record(
              () -> {
                try (var bypass = Bypass.builder().cgroup(cgroup.cgroup()).load().attach()) {
                  id[0] = bypass.id();
                  bypass.disable();
                  bypass.disable(); // which changes nothing
                  bypass.enable();
                }
              });
      assertThat(events)
          .extracting(FlightRecorderTest::name)
          .containsExactly("Load", "Attach", "Disable", "Enable", "Close");
      assertThat(events).allMatch(event -> event.getInt("bypass") == id[0]);
      assertThat(events).allMatch(event -> event.getString("failure") == null);

      var load = events.getFirst();
      assertThat(load.getDuration().toMillis()).isBetween(1L, 60_000L);
      assertThat(load.getString("cgroups")).isEqualTo(cgroup.path().toString());
      assertThat(load.getInt("programs")).isGreaterThan(2);
      assertThat(load.getString("redirector")).startsWith("redirect_messages");
      assertThat(load.getString("fionread")).isIn("exact", "repaired", "inexact");
      assertThat(load.getBoolean("intercepts")).isFalse();

      var attach = events.get(1);
      assertThat(attach.getString("cgroups")).isEqualTo(cgroup.path().toString());
      assertThat(attach.getInt("links")).isGreaterThanOrEqualTo(2);
      assertThat(events.getLast().getLong("redirected")).isZero();
    }
  }

  @Test
  void theLifeOfAPinnedDataPathIsToldFromPinToUninstall() throws IOException {
    try (var files = new TestBpfFileSystem();
        var cgroup = TestCgroup.create()) {
      Path pins = files.file("bypass");
      var builder = Bypass.builder().cgroup(cgroup.cgroup());
      var events =
          record(
              () -> {
                builder.load().attach().pinTo(pins).close();
                try (var adopted = builder.adopt(pins).attach()) {
                  assertThat(adopted.drain(Duration.ofSeconds(5)).isDrained()).isTrue();
                  adopted.enable();
                  adopted.unload();
                }
                Bypass.uninstall(pins);
              });
      assertThat(events)
          .extracting(FlightRecorderTest::name)
          .containsExactly(
              "Load",
              "Attach",
              "Pin",
              "Close",
              "Load",
              "Adopt",
              "Drain",
              "Enable",
              "Unload",
              "Uninstall");
      assertThat(events.get(2).getString("directory")).isEqualTo(pins.toString());
      assertThat(events.get(3).getBoolean("stays")).isTrue();
      assertThat(events.get(0).getBoolean("adopts")).isFalse();
      assertThat(events.get(4).getBoolean("adopts")).isTrue();
      assertThat(events.get(5).getInt("links")).isEqualTo(events.get(1).getInt("links"));
      assertThat(events.get(6).getInt("left")).isZero();
      assertThat(events.getLast().getString("directory")).isEqualTo(pins.toString());
    }
  }

  @Test
  void aFailureIsAnEventThatSaysWhy() throws IOException {
    var events =
        record(
            () -> {
              try (var cgroup = TestCgroup.create()) {
                Cgroup inner = cgroup.cgroup().createChild("inner");
                try (var bypass = Bypass.builder().cgroup(inner).load()) {
                  inner.delete();
                  assertThatThrownBy(bypass::attach).isInstanceOf(NotCgroupException.class);
                }
              }
            });
    assertThat(events)
        .extracting(FlightRecorderTest::name)
        .containsExactly("Load", "Attach", "Close");
    assertThat(events.get(1).getString("failure")).contains("does not exist");
  }

  @Test
  void whoReadsARecordingFindsEachEventExplained() {
    try (var cgroup = TestCgroup.create();
        var _ = Bypass.builder().cgroup(cgroup.cgroup()).load()) {
      var types =
          FlightRecorder.getFlightRecorder().getEventTypes().stream()
              .filter(type -> type.getName().startsWith(PREFIX))
              .toList();
      assertThat(types).isNotEmpty();
      assertThat(types).allMatch(type -> !type.getLabel().isEmpty());
      assertThat(types).allMatch(type -> !type.getDescription().isEmpty());
      assertThat(types).allMatch(type -> type.getCategoryNames().equals(List.of("jbypass")));
    }
  }

  @Test
  void aRuntimeWithoutFlightRecorderDoesWithoutEvents() throws Exception {
    Path agent = directory.resolve("output");
    try (var cgroup = TestCgroup.create()) {
      var process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "--enable-native-access=ALL-UNNAMED",
                  "--limit-modules=java.base,java.logging",
                  "-cp",
                  System.getProperty("java.class.path"),
                  Modest.class.getName(),
                  cgroup.path().toString())
              .redirectErrorStream(true)
              .redirectOutput(agent.toFile())
              .start();
      assertThat(process.waitFor()).as(() -> read(agent)).isZero();
      assertThat(read(agent)).contains("event=disabled").contains("done without jdk.jfr");
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A program in a runtime that has next to nothing. */
  static final class Modest {
    private Modest() {}

    public static void main(String[] arguments) {
      try (var bypass = Bypass.builder().cgroup(Cgroup.at(Path.of(arguments[0]))).load().attach()) {
        bypass.disable();
      }
      boolean isThere = ModuleLayer.boot().findModule("jdk.jfr").isPresent();
      System.out.println(isThere ? "jdk.jfr is there" : "done without jdk.jfr");
    }
  }
}
