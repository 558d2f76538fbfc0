// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.datapath;

import io.github.jbypass.benchmarks.results.Metric;
import io.github.jbypass.core.AttachType;
import io.github.jbypass.core.KernelStatistics;
import io.github.jbypass.core.ProgramStatistics;
import io.github.jbypass.examples.rig.Interception;
import io.github.jbypass.examples.rig.Load;
import io.github.jbypass.examples.rig.MeshRig;
import io.github.jbypass.examples.rig.SidecarMode;
import io.github.jbypass.maps.Counter;
import io.github.jbypass.programs.Bypass;
import io.github.jbypass.programs.FionreadSupport;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/** What the programs themselves take, by the kernel's own run-time statistics. */
final class ProgramCost implements Section {
  private static final Metric RUN = Metric.less("time of a run", "ns");
  private static final Metric CONNECTION = Metric.less("time for a connection", "ns");
  private static final String MESSAGES = "sk_msg";
  private static final String CONNECTIONS = "sock_ops";
  private static final String ONE_THREAD = "64 B, sent and received by one thread";
  private static final int AT_ONCE = 10;
  private static final int BODY = 36;
  private static final int OPENED = 1000;

  private double measuring; // ns of each run, which the kernel's statistics take themselves

  /** Something that makes programs run. */
  private interface Work {
    void run() throws Exception;
  }

  @Override
  public void run(Setting setting, Findings findings) throws Exception {
    try (var _ = KernelStatistics.enable()) {
      for (int round = 0; round < setting.rounds(); round++) {
        findings.progress("programs, round " + (round + 1));
        measuring(findings);
        always(loopback(setting, findings), setting, findings);
        accelerated(setting, findings);
        intercepted(setting, findings);
      }
    }
    findings.note("what measuring itself takes is taken off the other figures");
  }

  @Override
  public List<Goal> goals() {
    return List.of(
        Goal.alone(RUN, Variant.ACCELERATED, 110).where(result -> result.topic().equals(MESSAGES)),
        Goal.alone(CONNECTION, Variant.ACCELERATED, 1000));
  }

  private void measuring(Findings findings) {
    var nothing = Nothing.measured();
    measuring = (double) nothing.nanoseconds() / nothing.runs();
    findings.add("measuring", "a program that does nothing", "kernel", RUN, measuring);
  }

  /** Tells what the kernel makes of FIONREAD, so that the others have the same. */
  private FionreadSupport loopback(Setting setting, Findings findings) throws Exception {
    try (var ours = new Enclave("cost");
        var theirs = new Enclave("cost-always");
        var bypass =
            Bypass.builder().cgroup(ours.cgroup()).enrolShortConnections().load().attach();
        var always = new RedirectAlways(theirs.cgroup(), bypass.fionread())) {
      overLoopback(Variant.ALWAYS, theirs, always::messageStatistics, setting, findings);
      overLoopback(Variant.ACCELERATED, ours, bypass::messageStatistics, setting, findings);
      int opened = setting.pick(OPENED, OPENED, OPENED / 10);
      connections(
          "connect and close, loopback, all enrolled",
          bypass,
          () -> {
            for (int i = 0; i < opened; i++) {
              ours.open(Connection::tcp).close();
            }
          },
          findings);
      return bypass.fionread();
    }
  }

  private void overLoopback(
      String variant,
      Enclave enclave,
      Supplier<ProgramStatistics> statistics,
      Setting setting,
      Findings findings)
      throws Exception {
    try (var connection = enclave.open(Connection::tcp)) {
      var time = setting.time().dividedBy(2);
      messages(ONE_THREAD, variant, statistics, () -> OneThread.nanos(connection, time), findings);
      messages(
          "64 B there and back, two threads",
          variant,
          statistics,
          () -> RoundTrip.micros(connection, OneThread.MESSAGE, time),
          findings);
    }
  }

  private void accelerated(Setting setting, Findings findings) throws Exception {
    try (var rig = MeshRig.start("cost", SidecarMode.HTTP);
        var bypass = Bypass.builder().cgroup(rig.cgroup()).load().attach()) {
      kept(Variant.ACCELERATED, rig, bypass::messageStatistics, setting, findings);
      connections(
          "connect-request-close, two sidecars", bypass, () -> load(rig, setting, true), findings);
    }
  }

  private void always(FionreadSupport fionread, Setting setting, Findings findings)
      throws Exception {
    try (var rig = MeshRig.start("cost-always", SidecarMode.HTTP);
        var always = new RedirectAlways(rig.cgroup(), fionread)) {
      kept(Variant.ALWAYS, rig, always::messageStatistics, setting, findings);
    }
  }

  private void intercepted(Setting setting, Findings findings) throws Exception {
    var istio = io.github.jbypass.maps.Mesh.ISTIO;
    try (var rig = MeshRig.start("cost-i", SidecarMode.HTTP, Interception.BYPASS);
        var bypass = Bypass.builder().cgroup(rig.cgroup()).intercept(istio).load()) {
      bypass.pods().set(rig.pods());
      bypass.attach();
      kept(Variant.INTERCEPTED, rig, bypass::messageStatistics, setting, findings);
      try (var programs = new CgroupPrograms(rig.cgroup())) {
        var before = programs.statistics();
        load(rig, setting, true);
        programs
            .statistics()
            .forEach(
                (type, statistics) ->
                    intercepting(type, difference(statistics, before.get(type)), findings));
      }
    }
  }

  private void kept(
      String variant,
      MeshRig rig,
      Supplier<ProgramStatistics> statistics,
      Setting setting,
      Findings findings)
      throws Exception {
    messages(
        "kept connections, two sidecars",
        variant,
        statistics,
        () -> load(rig, setting, false),
        findings);
  }

  private static void load(MeshRig rig, Setting setting, boolean close)
      throws InterruptedException {
    var result = rig.load(Load.of(AT_ONCE, setting.seconds(), BODY, close));
    if (result.errors() != 0 || result.requests() == 0) {
      throw new UnprovedException("requests failed: " + result);
    }
  }

  private void messages(
      String scenario,
      String variant,
      Supplier<ProgramStatistics> statistics,
      Work work,
      Findings findings)
      throws Exception {
    var before = statistics.get();
    work.run();
    var cost = difference(statistics.get(), before);
    findings.add(MESSAGES, scenario, variant, RUN, perRun(MESSAGES, cost));
  }

  private void connections(String scenario, Bypass bypass, Work work, Findings findings)
      throws Exception {
    var before = bypass.connectionStatistics();
    long connectionsBefore = connections(bypass);
    work.run();
    var cost = difference(bypass.connectionStatistics(), before);
    long connections = connections(bypass) - connectionsBefore;
    if (connections == 0) {
      throw new UnprovedException(scenario + ": no connection was noticed");
    }
    findings.add(CONNECTIONS, scenario, Variant.ACCELERATED, RUN, perRun(CONNECTIONS, cost));
    findings.add(
        CONNECTIONS,
        scenario,
        Variant.ACCELERATED,
        CONNECTION,
        perRun(CONNECTIONS, cost) * cost.runs() / connections);
  }

  private static long connections(Bypass bypass) {
    var counters = bypass.counters();
    return counters.get(Counter.CONNECTIONS_PAIRED) + counters.get(Counter.REFUSED_SHORT);
  }

  /** Programs that had nothing to do, such as those for IPv6, are not told. */
  private void intercepting(AttachType type, ProgramStatistics cost, Findings findings) {
    if (cost.runs() > 0) {
      var program = type.name().replace("CGROUP_", "").toLowerCase(Locale.ROOT);
      findings.add(
          "programs that intercept",
          program + ", connect-request-close",
          Variant.INTERCEPTED,
          RUN,
          perRun(program, cost));
    }
  }

  private double perRun(String program, ProgramStatistics cost) {
    if (cost.runs() == 0) {
      throw new UnprovedException(program + " did not run");
    }
    return (double) cost.nanoseconds() / cost.runs() - measuring;
  }

  private static ProgramStatistics difference(ProgramStatistics after, ProgramStatistics before) {
    return new ProgramStatistics(
        after.runs() - before.runs(), after.nanoseconds() - before.nanoseconds());
  }
}
