// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.micrometer;

import io.github.jbypass.programs.Bypass;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.ArrayList;
import java.util.List;

/**
 * The counters of a {@link Bypass}, and how it is, as meters; {@code docs/observability.md} lists
 * them. They are read when the registry asks: messages and connections pay nothing.
 *
 * {@snippet :
 * try (var bypass = Bypass.builder().cgroup(Cgroup.at(path)).load().attach();
 *     var metrics = new BypassMetrics(bypass)) {
 *   metrics.bindTo(registry);
 *   work.run();
 * }
 * }
 *
 * <p>A registry keeps its meters until they are removed, which {@link #close} does. Where only the
 * bypass is closed, counters stay what they were last, and gauges are NaN.
 *
 * <p>Thread-safe.
 */
public final class BypassMetrics implements MeterBinder, AutoCloseable {
  private record Bound(MeterRegistry registry, List<Meter> meters) {}

  private final Bypass bypass;
  private final Tags tags;
  private final List<Bound> bound = new ArrayList<>();

  /**
   * Meters without tags of their own: for the only bypass of a registry.
   *
   * @param bypass what to read from
   */
  public BypassMetrics(Bypass bypass) {
    this(bypass, Tags.empty());
  }

  /**
   * Meters with tags.
   *
   * @param bypass what to read from
   * @param tags what all its meters bear, to be told from those of another
   */
  public BypassMetrics(Bypass bypass, Iterable<Tag> tags) {
    this.bypass = bypass;
    this.tags = Tags.of(tags);
  }

  /**
   * Adds the meters to a registry.
   *
   * @param registry where they are to be seen
   * @throws IllegalStateException if there are those of a bypass with the same tags, or the bypass
   *     is closed
   */
  @Override
  public synchronized void bindTo(MeterRegistry registry) {
    bound.add(new Bound(registry, new Meters(registry, tags, bypass).register()));
  }

  /** Removes the meters from their registries, and leaves the bypass alone. Idempotent. */
  @Override
  public synchronized void close() {
    bound.forEach(pair -> pair.meters.forEach(pair.registry::remove));
    bound.clear();
  }
}
