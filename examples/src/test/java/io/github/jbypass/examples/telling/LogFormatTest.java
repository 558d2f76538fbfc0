// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples.telling;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** How what is logged becomes lines. */
class LogFormatTest {
  private static final Instant TIME = Instant.parse("2026-01-02T03:04:05.006Z");

  private static Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("event", "tried");
    fields.put("count", 1_234_567);
    fields.put("paths", List.of("/a", "/b"));
    fields.put("message", "it's \"so\"\n{0}");
    return fields;
  }

  @Test
  void logfmtQuotesWhatWouldNotEndWhereItSeemsTo() {
    assertThat(LogFormat.LOGFMT.line(TIME, Level.WARNING, fields()))
        .isEqualTo(
            "time=2026-01-02T03:04:05.006Z level=warn event=tried count=1234567 paths=/a,/b"
                + " message=\"it's \\\"so\\\"\\u000a{0}\"");
  }

  @Test
  void jsonHasTheSameMembersWithTheirTypes() {
    assertThat(LogFormat.JSON.line(TIME, Level.INFO, fields()))
        .isEqualTo(
            "{\"time\":\"2026-01-02T03:04:05.006Z\",\"level\":\"info\",\"event\":\"tried\","
                + "\"count\":1234567,\"paths\":[\"/a\",\"/b\"],"
                + "\"message\":\"it's \\\"so\\\"\\u000a{0}\"}");
  }

  @Test
  void everyLoggerOfTheJvmWritesSuchLinesOfWhatIsWrong() {
    var written = new ByteArrayOutputStream();
    var standardError = System.err;
    System.setErr(new PrintStream(written, true, StandardCharsets.UTF_8));
    try {
      var logger = System.getLogger("of.others");
      logger.log(Level.WARNING, "map {0} is full", "m");
      logger.log(Level.ERROR, "lost {0}", new IOException("no room"));
      logger.log(Level.INFO, "nobody wants to know");
    } finally {
      System.setErr(standardError);
    }
    assertThat(written.toString(StandardCharsets.UTF_8).lines())
        .satisfiesExactly(
            line ->
                assertThat(line)
                    .startsWith("time=")
                    .contains(" level=warn ", "logger=of.others", "message=\"map m is full\""),
            line ->
                assertThat(line)
                    .contains(" level=error ", "message=\"lost {0}\"")
                    .endsWith("error=\"java.io.IOException: no room\""));
  }
}
