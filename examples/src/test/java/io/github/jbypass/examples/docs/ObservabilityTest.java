// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.jbypass.maps.Mesh;
import io.github.jbypass.micrometer.BypassMetrics;
import io.github.jbypass.programs.Bypass;
import io.github.jbypass.testing.KernelTest;
import io.github.jbypass.testing.TestCgroup;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import jdk.jfr.Name;
import org.junit.jupiter.api.Test;

/** Whether docs/observability.md has all names, and no others. */
class ObservabilityTest {
  private static final Pattern LOGGED =
      Pattern.compile("(?:new LogEvent|Log\\.info|Log\\.warning)\\(\\s*\"(\\w+)\"");
  private static final Pattern TRANSITION = Pattern.compile("\\b[A-Z]+\\(\"(\\w+)\"\\)[,;]");

  private static Set<String> documented(String pattern) throws IOException {
    var text = Page.of(Page.ROOT.resolve("docs/observability.md")).prose();
    return names(Pattern.compile(pattern), text);
  }

  private static Set<String> names(Pattern pattern, String text) {
    return pattern
        .matcher(text)
        .results()
        .map(found -> found.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @KernelTest
  @Test
  void everyMetricIsInTheTable() throws IOException {
    var registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    try (var cgroup = TestCgroup.create();
        var bypass = Bypass.builder().cgroup(cgroup.cgroup()).intercept(Mesh.ISTIO).load();
        var metrics = new BypassMetrics(bypass)) {
      metrics.bindTo(registry);
      var scraped = names(Pattern.compile("# TYPE (\\w+) "), registry.scrape());
      assertThat(documented("\\| `(bypass_\\w+)` \\|")).isEqualTo(scraped);
      assertThat(documented("\\| `(bypass\\.[\\w.]+)` \\|"))
          .isEqualTo(
              registry.getMeters().stream()
                  .map(meter -> meter.getId().getName())
                  .collect(Collectors.toSet()));
      assertThat(documented("`(\\w+)`"))
          .containsAll(names(Pattern.compile("reason=\"(\\w+)\""), registry.scrape()));
    }
  }

  @Test
  void everyEventOfFlightRecorderIsInTheTable() throws Exception {
    var events =
        Arrays.stream(Class.forName("io.github.jbypass.programs.FlightEvent").getNestMembers())
            .filter(type -> !Modifier.isAbstract(type.getModifiers()))
            .map(type -> type.getAnnotation(Name.class).value())
            .collect(Collectors.toSet());
    assertThat(documented("`(io\\.github\\.jbypass\\.[A-Z]\\w+)`")).isEqualTo(events);
  }

  @Test
  void everyEventOfTheLogIsNamed() throws IOException {
    var logged = new TreeSet<String>();
    for (var module : new String[] {"bypass-programs", "examples"}) {
      try (var files = Files.walk(Page.ROOT.resolve(module).resolve("src/main/java"))) {
        for (Path file : files.filter(it -> it.toString().endsWith(".java")).toList()) {
          var source = Files.readString(file);
          logged.addAll(names(LOGGED, source));
          if (file.endsWith("Transition.java")) {
            logged.addAll(names(TRANSITION, source));
          }
        }
      }
    }
    assertThat(logged).contains("attached", "unhealthy", "program_left_out");
    assertThat(documented("`(\\w+)`")).containsAll(logged);
  }
}
