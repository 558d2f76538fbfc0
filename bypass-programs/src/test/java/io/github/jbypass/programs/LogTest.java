// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.jbypass.testing.KernelTest;
import io.github.jbypass.testing.TestCgroup;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the library writes to the log. */
class LogTest {
  private final Logger logger = Logger.getLogger("io.github.jbypass");
  private final Level usualLevel = logger.getLevel();
  private final List<LogRecord> records = new CopyOnWriteArrayList<>();
  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord entry) {
          records.add(entry);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  @BeforeEach
  void listen() {
    logger.setUseParentHandlers(false);
    logger.setLevel(Level.INFO);
    logger.addHandler(handler);
  }

  @AfterEach
  void stop() {
    logger.removeHandler(handler);
    logger.setLevel(usualLevel);
    logger.setUseParentHandlers(true);
  }

  private List<String> lines() {
    var formatter = new SimpleFormatter();
    return records.stream()
        .filter(entry -> entry.getLoggerName().equals(logger.getName()))
        .map(formatter::formatMessage)
        .toList();
  }

  @KernelTest
  @Test
  void everyTransitionIsALineOfKeysAndValues() {
    try (var cgroup = TestCgroup.create()) {
      int id;
      try (var bypass = Bypass.builder().cgroup(cgroup.cgroup()).load().attach()) {
        id = bypass.id();
        bypass.disable();
        bypass.disable(); // which changes nothing
        bypass.enable();
      }
      assertThat(lines())
          .extracting(line -> line.replaceAll("duration_ms=\\d+", "duration_ms=N"))
          .satisfiesExactly(
              line ->
                  assertThat(line)
                      .startsWith("event=loaded cgroups=%s bypass=%d".formatted(cgroup.path(), id)),
              line ->
                  assertThat(line)
                      .matches(
                          "event=attached bypass=%d cgroups=%s links=\\d+ predecessors=0 duration_ms=N"
                              .formatted(id, cgroup.path())),
              line -> assertThat(line).isEqualTo("event=disabled bypass=%d duration_ms=N", id),
              line -> assertThat(line).isEqualTo("event=enabled bypass=%d duration_ms=N", id),
              line ->
                  assertThat(line)
                      .isEqualTo(
                          "event=closed bypass=%d redirected=0 connections_paired=0 stays=false"
                              + " duration_ms=N",
                          id));
    }
  }

  @Test
  void thePartsComeAsAMap() {
    new LogEvent("tried").with("count", 1_000_000).with("paths", List.of("/a", "/b c")).log(INFO);

    var expected = Map.of("event", "tried", "count", 1_000_000, "paths", List.of("/a", "/b c"));
    assertThat(records)
        .singleElement()
        .extracting(entry -> entry.getParameters()[0])
        .isEqualTo(expected);
    assertThat(lines()).containsExactly("event=tried count=1000000 paths=\"/a,/b c\"");
  }

  @Test
  void whatWouldNotEndWhereItSeemsToIsQuoted() {
    assertThat(new LogEvent("x").with("a", "").with("b", "say \"a=b\"\n\\ {0} it's"))
        .hasToString("event=x a=\"\" b=\"say \\\"a=b\\\"\\n\\\\ {0} it's\"");
  }

  private static final System.Logger.Level INFO = System.Logger.Level.INFO;
}
