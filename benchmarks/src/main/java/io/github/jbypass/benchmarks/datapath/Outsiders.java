// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.datapath;

import io.github.jbypass.benchmarks.results.Metric;
import io.github.jbypass.core.AttachType;
import io.github.jbypass.core.KernelStatistics;
import io.github.jbypass.examples.rig.PodPair;
import io.github.jbypass.maps.Counters;
import io.github.jbypass.maps.Mesh;
import io.github.jbypass.maps.Pod;
import io.github.jbypass.programs.Bypass;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What intercepting programs cost processes that are in no pod of the mesh. */
final class Outsiders {
  private static final Metric CONNECT = Metric.less("connect, accept, close", "µs");
  private static final Metric SEND =
      Metric.less("send and receive " + Sizes.text(OneThread.MESSAGE), "ns");

  private static final String ALONE = "no programs";
  private static final String OUTSIDE = "outside the cgroup";
  private static final String INSIDE = "in the cgroup, in no pod";

  /** Where a process is. No counters tell of it: that nobody counts is the point. */
  private record Standing(String name) implements Variant {
    @Override
    public Optional<Counters> counters() {
      return Optional.empty();
    }
  }

  private static final double NOTHING_MEASURABLE = 1.05;

  private Outsiders() {}

  static List<Goal> goals() {
    return List.of(
        Goal.beside(CONNECT, OUTSIDE, ALONE, NOTHING_MEASURABLE),
        Goal.beside(SEND, OUTSIDE, ALONE, NOTHING_MEASURABLE));
  }

  static void run(Setting setting, Findings findings) throws Exception {
    var standings = List.of(new Standing(ALONE), new Standing(OUTSIDE), new Standing(INSIDE));
    var time = setting.time().dividedBy(2);
    try (var pods = PodPair.create("others")) {
      new Turns<>("processes that are in no pod", standings, setting, findings)
          .measure(
              "loopback",
              Proof.REDIRECTS,
              standing ->
                  standing.name.equals(ALONE)
                      ? figures(time)
                      : besidePrograms(standing, pods, time));
    }
  }

  private static Map<Metric, Double> besidePrograms(Standing standing, PodPair pods, Duration time)
      throws IOException {
    try (var enclave = new Enclave("outsiders");
        var bypass = Bypass.builder().cgroup(enclave.cgroup()).intercept(Mesh.ISTIO).load()) {
      var pod = Pod.named("somebody-else").address(pods.serverAddress());
      bypass.pods().set(List.of(pod.namespace(pods.serverNamespace()).build()));
      bypass.attach();
      if (standing.name.equals(OUTSIDE)) {
        proveConnect(enclave, false, Connection::tcp);
        return figures(time);
      }
      proveConnect(enclave, true, () -> enclave.open(Connection::tcp));
      try (var listener = listen()) { // outside: nothing is enrolled
        return enclave.open(() -> figures(listener, time));
      }
    }
  }

  /** Only while the kernel counts can be seen whether a program ran. */
  private static void proveConnect(Enclave enclave, boolean runs, Enclave.Opener<Connection> opener)
      throws IOException {
    try (var _ = KernelStatistics.enable();
        var programs = new CgroupPrograms(enclave.cgroup())) {
      opener.open().close();
      var statistics = programs.statistics();
      // Java's sockets are of IPv6, whatever they connect to.
      var connect = statistics.get(AttachType.CGROUP_INET6_CONNECT);
      if (connect == null || runs != connect.runs() > 0) {
        throw new UnprovedException("runs of programs: " + statistics);
      }
    }
  }

  private static ServerSocketChannel listen() throws IOException {
    var anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    return ServerSocketChannel.open().bind(anyPort);
  }

  private static Map<Metric, Double> figures(Duration time) throws IOException {
    try (var listener = listen()) {
      return figures(listener, time);
    }
  }

  private static Map<Metric, Double> figures(ServerSocketChannel listener, Duration time)
      throws IOException {
    connect(listener, time.dividedBy(8)); // warms up
    var figures = new LinkedHashMap<Metric, Double>();
    figures.put(CONNECT, connect(listener, time.dividedBy(2)) / 1e3);
    try (var connection =
        new Connection(SocketChannel.open(listener.getLocalAddress()), listener.accept())) {
      figures.put(SEND, OneThread.nanos(connection, time.dividedBy(2)));
    }
    return figures;
  }

  private static double connect(ServerSocketChannel listener, Duration time) throws IOException {
    return Repeatedly.nanos(
        time,
        1,
        () -> {
          try (var client = SocketChannel.open(listener.getLocalAddress());
              var _ = listener.accept()) {
            client.setOption(StandardSocketOptions.SO_LINGER, 0); // keeps no port for a minute
          }
        });
  }
}
