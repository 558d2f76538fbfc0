// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.jbypass.testing.KernelTest;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@KernelTest
class LoggingTest {
  private final Logger logger = Logger.getLogger("io.github.jbypass.libbpf");
  private final List<LogRecord> records = new CopyOnWriteArrayList<>();
  private volatile boolean broken;
  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord entry) {
          if (broken) {
            throw new IllegalStateException("a broken handler");
          }
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
    logger.setLevel(Level.ALL);
    logger.addHandler(handler);
  }

  @AfterEach
  void stop() {
    logger.removeHandler(handler);
    logger.setLevel(null);
    logger.setUseParentHandlers(true);
  }

  @Test
  void whatLibbpfPrintsIsLogged() {
    Fixture.load().close();

    assertThat(records)
        .extracting(LogRecord::getMessage)
        .anyMatch(message -> message.contains("loading object 'fixture' from buffer"))
        .noneMatch(message -> message.startsWith("libbpf:"))
        .noneMatch(message -> message.endsWith("\n"));
    assertThat(records)
        .extracting(LogRecord::getLevel)
        .noneMatch(level -> level.intValue() >= Level.WARNING.intValue());
  }

  @Test
  void whatAnExceptionTellsIsNoWarning() {
    try (var spec = Fixture.open("rejected")) {
      assertThatExceptionOfType(VerifierException.class).isThrownBy(spec::load);
    }

    assertThat(records)
        .filteredOn(entry -> entry.getMessage().contains("R0 invalid mem access"))
        .isNotEmpty()
        .allMatch(entry -> entry.getLevel().intValue() < Level.INFO.intValue());
  }

  @Test
  void aBrokenLoggerBreaksNothing() {
    var complaints = new ByteArrayOutputStream();
    var standardError = System.err;
    System.setErr(new PrintStream(complaints, true, StandardCharsets.UTF_8));
    broken = true;
    try (var object = Fixture.load()) {
      assertThat(object.map("numbers").maxEntries()).isEqualTo(8);
    } finally {
      System.setErr(standardError);
    }
    assertThat(complaints.toString(StandardCharsets.UTF_8))
        .contains("a message of libbpf was lost")
        .contains("a broken handler");
  }
}
