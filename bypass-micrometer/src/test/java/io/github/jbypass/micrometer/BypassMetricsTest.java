// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.jbypass.core.Cgroup;
import io.github.jbypass.core.KernelStatistics;
import io.github.jbypass.maps.Counter;
import io.github.jbypass.maps.Mesh;
import io.github.jbypass.programs.Bypass;
import io.github.jbypass.testing.KernelTest;
import io.github.jbypass.testing.TestCgroup;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What registries show of a bypass. */
@KernelTest
class BypassMetricsTest {
  private final MeterRegistry registry = new SimpleMeterRegistry();
  private TestCgroup cgroup;
  private Bypass bypass;

  @BeforeEach
  void attach() {
    cgroup = TestCgroup.create();
    bypass = Bypass.builder().cgroup(cgroup.cgroup()).load().attach();
    cgroup.enter();
  }

  @AfterEach
  void close() {
    bypass.close();
    cgroup.close();
  }

  /** A connection that has carried three bytes, and holds five that nobody has read. */
  private static void talk(Runnable meanwhile) throws IOException {
    try (var listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        var client = new Socket(listener.getInetAddress(), listener.getLocalPort());
        var server = listener.accept()) {
      client.getOutputStream().write(new byte[3]);
      assertThat(server.getInputStream().readNBytes(3)).hasSize(3);
      client.getOutputStream().write(new byte[5]);
      meanwhile.run();
    }
  }

  private double count(String name, String... tags) {
    return registry.get(name).tags(tags).functionCounter().count();
  }

  private double gauge(String name) {
    return registry.get(name).gauge().value();
  }

  @Test
  void messagesAndConnectionsAreCountedAndShown() throws IOException {
    new BypassMetrics(bypass).bindTo(registry);
    talk(
        () -> {
          assertThat(count("bypass.messages", "path", "redirected")).isEqualTo(2);
          assertThat(count("bypass.redirected")).isEqualTo(8);
          assertThat(count("bypass.pairings")).isEqualTo(1);
          assertThat(count("bypass.enrolments")).isEqualTo(2);
          assertThat(gauge("bypass.sockets")).isEqualTo(2);
          assertThat(gauge("bypass.sockets.paired")).isEqualTo(2);
          assertThat(gauge("bypass.queued")).isEqualTo(5);
        });
    assertThat(gauge("bypass.enabled")).isEqualTo(1);
    assertThat(gauge("bypass.problems")).isZero();

    bypass.disable();
    talk(() -> {});
    assertThat(count("bypass.messages", "path", "tcp", "reason", "disabled")).isEqualTo(2);
    assertThat(gauge("bypass.enabled")).isZero();
  }

  @Test
  void everyCounterIsAMeterOfItsOwn() {
    new BypassMetrics(bypass).bindTo(registry);
    for (var counter : Counter.values()) {
      var meter = CounterMeter.of(counter);
      var found =
          registry.find(meter.name()).tags(meter.tags()).meters().stream()
              .filter(
                  candidate -> candidate.getId().getTags().equals(meter.tags().stream().toList()))
              .toList();
      assertThat(found).as(counter.name()).hasSize(1);
    }
    assertThat(registry.getMeters()).extracting(Meter::getId).doesNotHaveDuplicates();
  }

  @Test
  void programsHaveTimersWhileTheKernelCounts() throws IOException {
    new BypassMetrics(bypass).bindTo(registry);
    try (var _ = KernelStatistics.enable()) {
      talk(() -> {});
    }
    var timer =
        registry.get("bypass.program.run").tags("program", "track_connections").functionTimer();
    assertThat(timer.count()).isGreaterThanOrEqualTo(2);
    assertThat(timer.totalTime(TimeUnit.NANOSECONDS)).isPositive();
  }

  @Test
  void podsAreShownWhereTheyAreIntercepted() {
    try (var other = Bypass.builder().cgroup(cgroup.cgroup()).intercept(Mesh.ISTIO).load()) {
      new BypassMetrics(other).bindTo(registry);
      assertThat(gauge("bypass.pods")).isZero();
    }
    var without = new SimpleMeterRegistry();
    new BypassMetrics(bypass).bindTo(without);
    assertThat(without.find("bypass.pods").gauge()).isNull();
  }

  @Test
  void severalAreToldFromEachOtherByTheirTags() throws IOException {
    new BypassMetrics(bypass, Tags.of("slice", "a")).bindTo(registry);
    try (var other = Bypass.builder().cgroup(cgroup.cgroup()).load()) {
      var metrics = new BypassMetrics(other, Tags.of("slice", "b"));
      metrics.bindTo(registry);
      talk(() -> {});
      assertThat(count("bypass.pairings", "slice", "a")).isEqualTo(1);
      assertThat(count("bypass.pairings", "slice", "b")).isZero();

      assertThatIllegalStateException()
          .isThrownBy(() -> new BypassMetrics(other, Tags.of("slice", "a")).bindTo(registry))
          .withMessageContaining("tag(slice=a)");
      assertThat(count("bypass.pairings", "slice", "a")).isEqualTo(1);
    }
  }

  @Test
  void closingRemovesTheMetersSoThatOthersCanCome() {
    var jvm = registry.counter("of.others");
    var metrics = new BypassMetrics(bypass);
    metrics.bindTo(registry);
    metrics.close();
    metrics.close();
    assertThat(registry.getMeters()).containsExactly(jvm);

    metrics.bindTo(registry);
    assertThat(gauge("bypass.enabled")).isEqualTo(1);
  }

  @Test
  void afterTheBypassIsClosedCountersStayAndGaugesAreNoNumbers() throws Exception {
    new BypassMetrics(bypass).bindTo(registry);
    talk(() -> {});
    assertThat(count("bypass.messages", "path", "redirected")).isEqualTo(2);
    bypass.close();
    assertThat(count("bypass.messages", "path", "redirected")).isEqualTo(2);
    assertThat(gauge("bypass.enabled")).isNaN();
    assertThat(gauge("bypass.sockets")).isNaN();

    var forgotten = new WeakReference<>(bypass);
    bypass = Bypass.builder().cgroup(cgroup.cgroup()).load();
    registry.getMeters().forEach(Meter::measure);
    assertThat(isCollected(forgotten)).as("the registry lets go of it").isTrue();
  }

  private static boolean isCollected(WeakReference<?> reference) throws InterruptedException {
    for (int attempt = 0; attempt < 100 && reference.get() != null; attempt++) {
      System.gc();
      Thread.sleep(20);
    }
    return reference.get() == null;
  }

  @Test
  void metersThatNobodyElseHoldsOutliveACollection() throws Exception {
    new BypassMetrics(bypass).bindTo(registry);
    assertThat(isCollected(new WeakReference<>(new Object()))).isTrue();
    talk(() -> {});
    assertThat(count("bypass.pairings")).isEqualTo(1);
  }

  @Test
  void prometheusScrapesThem() throws IOException {
    var prometheus = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    new BypassMetrics(bypass, Tags.of("slice", "a")).bindTo(prometheus);
    talk(() -> {});
    assertThat(prometheus.scrape().lines())
        .contains(
            "# TYPE bypass_messages_total counter",
            "bypass_messages_total{path=\"redirected\",reason=\"none\",slice=\"a\"} 2.0",
            "bypass_messages_total{path=\"tcp\",reason=\"queue_full\",slice=\"a\"} 0.0",
            "bypass_redirected_bytes_total{slice=\"a\"} 8.0",
            "bypass_enrolments_refused_total{reason=\"full\",slice=\"a\"} 0.0",
            "# TYPE bypass_enabled gauge",
            "bypass_enabled{slice=\"a\"} 1.0",
            "bypass_problems{slice=\"a\"} 0.0",
            "bypass_queued_bytes{slice=\"a\"} 0.0",
            "bypass_program_run_seconds_count{program=\"track_connections\",slice=\"a\"} 0");
    bypass.close();
    assertThat(prometheus.scrape()).contains("bypass_enabled{slice=\"a\"} NaN");
  }

  @Test
  void theUsualWayIsAsDocumented() {
    Path path = cgroup.path();
    Runnable work = () -> assertThat(gauge("bypass.enabled")).isEqualTo(1);
    try (var bypass = Bypass.builder().cgroup(Cgroup.at(path)).load().attach();
        var metrics = new BypassMetrics(bypass)) {
      metrics.bindTo(registry);
      work.run();
    }
    assertThat(registry.getMeters()).isEqualTo(List.of());
  }
}
