// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jbypass.maps.Counter;
import io.github.jbypass.programs.Bypass;
import io.github.jbypass.programs.BypassBuilder;
import io.github.jbypass.programs.FionreadSupport;
import io.github.jbypass.testing.TestCgroup;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * What carries a test's bytes: plain TCP, or TCP accelerated in a cgroup that this JVM is in until
 * it is closed.
 */
public final class DataPath implements AutoCloseable {
  private final Optional<Bypass> bypass;
  private final Optional<TestCgroup> cgroup;

  private DataPath(Optional<Bypass> bypass, Optional<TestCgroup> cgroup) {
    this.bypass = bypass;
    this.cgroup = cgroup;
  }

  public static DataPath open(Mode mode) {
    return open(mode, builder -> {});
  }

  /** Accelerated, with these settings; plain TCP has none. */
  public static DataPath open(Mode mode, Consumer<BypassBuilder> settings) {
    if (mode == Mode.PLAIN) {
      return new DataPath(Optional.empty(), Optional.empty());
    }
    TestCgroup cgroup = TestCgroup.create();
    try {
      BypassBuilder builder = Bypass.builder().cgroup(cgroup.cgroup());
      settings.accept(builder);
      Bypass bypass = builder.load().attach();
      cgroup.enter();
      return new DataPath(Optional.of(bypass), Optional.of(cgroup));
    } catch (RuntimeException e) {
      cgroup.close();
      throw e;
    }
  }

  /** What accelerates. Plain TCP has none. */
  public Bypass bypass() {
    return bypass.orElseThrow();
  }

  /** Where it accelerates. Plain TCP has none. */
  public TestCgroup cgroup() {
    return cgroup.orElseThrow();
  }

  public boolean accelerated() {
    return bypass.isPresent();
  }

  /** Whether FIONREAD tells of redirected bytes: what old kernels don't count, nothing repairs. */
  public boolean countsRedirectedBytes() {
    return bypass.map(it -> it.fionread() != FionreadSupport.INEXACT).orElse(true);
  }

  /** Redirects again, or sends everything over TCP from now on. Plain TCP takes no notice. */
  public void redirecting(boolean on) {
    bypass.ifPresent(on ? Bypass::enable : Bypass::disable);
  }

  /** Makes something, such as a socket, while this process is outside the cgroup. */
  public <T> T outside(Supplier<T> task) {
    cgroup.ifPresent(TestCgroup::leave);
    try {
      return task.get();
    } finally {
      cgroup.ifPresent(TestCgroup::enter);
    }
  }

  /** Fails if everything went over TCP although it should not have. */
  public void assertRedirected() {
    bypass.ifPresent(
        it ->
            assertTrue(
                it.counters().get(Counter.REDIRECTED) > 0,
                () -> "nothing was redirected: " + it.counters()));
  }

  /** Fails unless that many connections were paired since the start. */
  public void assertPaired(int connections) {
    bypass.ifPresent(
        it ->
            assertEquals(
                connections,
                it.counters().get(Counter.CONNECTIONS_PAIRED),
                () -> "connections paired: " + it.counters()));
  }

  /** Fails if any connection was enrolled. */
  public void assertNothingEnrolled() {
    bypass.ifPresent(
        it -> {
          assertEquals(0, it.sockets().size(), "sockets enrolled");
          assertEquals(0, it.counters().get(Counter.CONNECTIONS_PAIRED), "connections paired");
          assertEquals(0, it.counters().get(Counter.REDIRECTED), "messages redirected");
        });
  }

  @Override
  public void close() {
    try (Resources resources = new Resources()) {
      cgroup.ifPresent(resources::add);
      bypass.ifPresent(resources::add);
    }
  }
}
