// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.micrometer;

import io.github.jbypass.maps.Counter;
import io.github.jbypass.programs.Bypass;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;

/** All meters of a bypass in one registry. For one use. */
final class Meters {
  private final MeterRegistry registry;
  private final Tags tags;
  private final Bypass bypass;
  private final Source source;
  private final List<Meter> registered = new ArrayList<>();

  Meters(MeterRegistry registry, Tags tags, Bypass bypass) {
    this.registry = registry;
    this.tags = tags;
    this.bypass = bypass;
    source = new Source(bypass);
  }

  List<Meter> register() {
    var programs = bypass.programStatistics().keySet(); // fails while nothing is registered
    claimTags();
    for (var counter : Counter.values()) {
      count(CounterMeter.of(counter), it -> it.counters().get(counter));
    }
    count(lost("dropped"), it -> it.lostEvents().dropped());
    count(lost("suppressed"), it -> it.lostEvents().suppressed());
    gauge("bypass.problems", "What is not attached as it should be", Meters::problems);
    gauge("bypass.sockets", "Sockets that are enrolled now", it -> it.sockets().size());
    gauge("bypass.sockets.paired", "Those whose peer is, too", it -> it.proxies().size());
    register(
        Gauge.builder("bypass.queued", source.current(Meters::queued))
            .description("Redirected bytes that wait to be read now")
            .baseUnit("bytes")
            .tags(tags)
            .register(registry));
    if (bypass.intercepts()) {
      gauge("bypass.pods", "Pods that are intercepted", it -> it.pods().list().size());
    }
    programs.forEach(this::time);
    return registered;
  }

  /** A registry answers with the meter that it has, and the new bypass would never be seen. */
  private void claimTags() {
    var before = registry.getMeters();
    gauge("bypass.enabled", "1 while redirecting is switched on", it -> it.isEnabled() ? 1 : 0);
    if (before.contains(registered.getFirst())) {
      throw new IllegalStateException(
          "the registry has meters of a bypass with the tags " + tags.stream().toList());
    }
  }

  private static CounterMeter lost(String reason) {
    return new CounterMeter(
        "bypass.events.lost", null, "Events that a listener missed", Tags.of("reason", reason));
  }

  private static Number problems(Bypass bypass) {
    return bypass.health().problems().size();
  }

  private static Number queued(Bypass bypass) {
    long[] bytes = {0};
    bypass.flows().forEach(flow -> bytes[0] += flow.queued().orElse(0));
    return bytes[0];
  }

  // Registries hold the object that a meter reads from weakly, but its functions strongly.

  private void count(CounterMeter meter, ToLongFunction<Bypass> question) {
    LongSupplier value = source.growing(question);
    register(
        FunctionCounter.builder(meter.name(), value, _ -> value.getAsLong())
            .description(meter.description())
            .baseUnit(meter.unit())
            .tags(tags.and(meter.tags()))
            .register(registry));
  }

  private void gauge(String name, String description, Function<Bypass, Number> question) {
    register(
        Gauge.builder(name, source.current(question))
            .description(description)
            .tags(tags)
            .register(registry));
  }

  private void time(String program) {
    LongSupplier runs = source.growing(it -> it.programStatistics().get(program).runs());
    LongSupplier spent = source.growing(it -> it.programStatistics().get(program).nanoseconds());
    register(
        FunctionTimer.builder(
                "bypass.program.run",
                runs,
                _ -> runs.getAsLong(),
                _ -> spent.getAsLong(),
                TimeUnit.NANOSECONDS)
            .description("Runs of a program while the kernel's statistics are on")
            .tags(tags.and("program", program))
            .register(registry));
  }

  private void register(Meter meter) {
    registered.add(meter);
  }
}
