// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples.rig;

import io.github.jbypass.core.Cgroup;
import io.github.jbypass.core.NetworkNamespace;
import io.github.jbypass.maps.Pod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Two pods and a remote host, routed to each other by a node, for IPv4 and IPv6. There is no
 * netfilter rule anywhere. This process opens the sockets of applications: those of the pods in the
 * mesh's cgroup, those of the remote host outside.
 */
public final class TestMesh implements AutoCloseable {
  /** A network namespace and its addresses. */
  public enum Place {
    A("10.44.1.", "fd44:1::"),
    B("10.44.2.", "fd44:2::"),
    REMOTE("10.44.3.", "fd44:3::");

    private final String network4;
    private final String network6;

    Place(String network4, String network6) {
      this.network4 = network4;
      this.network6 = network6;
    }

    public String ipv4() {
      return network4 + "2";
    }

    public String ipv6() {
      return network6 + "2";
    }
  }

  /** The port of servers that sidecars reach over IPv6: HAProxy asks SO_ORIGINAL_DST for IPv4. */
  public static final int PORT6 = 7006;

  public static final int NGINX_PORT = NginxConfig.PORT;

  /** What a sidecar takes for its own pod's address, as it would a service's. */
  public static final String SERVICE_OF_ITS_OWN = "10.96.0.1";

  private final UndoStack undo = new UndoStack();
  private final RigFiles files;
  private final RigCgroup cgroup;
  private final Cgroup home = Cgroup.ofThisProcess();
  private final Namespace node;
  private final Map<Place, Namespace> namespaces = new EnumMap<>(Place.class);
  private final Map<Place, PodProcess> sidecars = new EnumMap<>(Place.class);
  private boolean inside;

  private TestMesh(String name) {
    try {
      files = undo.push(new RigFiles(name));
      node = undo.push(Namespace.create(RigName.of(name + "-node")));
      for (Place place : Place.values()) {
        connect(place, undo.push(Namespace.create(RigName.of(name + "-" + place))));
      }
      node.setParameter("ipv4/ip_forward", "1");
      node.setParameter("ipv6/conf/all/forwarding", "1");
      cgroup = undo.push(new RigCgroup(name));
      undo.push(this::leave);
    } catch (RuntimeException e) {
      undo.close();
      throw e;
    }
  }

  public static TestMesh start(String name) {
    Orphans.remove();
    return new TestMesh(name);
  }

  private void connect(Place place, Namespace namespace) {
    namespaces.put(place, namespace);
    String router = "to-" + place;
    namespace.connect(place.ipv4(), node, router, place.network4 + "1");
    ip(namespace, "address add " + place.ipv6() + "/64 dev eth0 nodad");
    ip(namespace, "address add ::6/128 dev lo nodad");
    ip(node, "address add " + place.network6 + "1/64 dev " + router + " nodad");
    ip(namespace, "-6 route add default via " + place.network6 + "1");
  }

  /** Has the node lose all packets to a place, or no longer. */
  public void losePacketsTo(Place place, boolean lose) {
    ip(node, "route " + (lose ? "add" : "delete") + " blackhole " + place.ipv4() + "/32");
  }

  private static void ip(Namespace namespace, String command) {
    Command.run(namespace.inside(("ip " + command).split(" ")));
  }

  public Cgroup cgroup() {
    return cgroup.cgroup();
  }

  /** A pod to intercept; its policy may still be added. */
  public Pod.Builder pod(Place place) {
    return Pod.named(place.toString())
        .address(place.ipv4())
        .address(place.ipv6())
        .namespace(NetworkNamespace.at(namespaces.get(place).path()));
  }

  /** The same for the agent, as an element of {@code pods}. */
  public String podYaml(Place place) {
    return "- {name: %s, addresses: [%s, '%s'], namespace: %s}%n"
        .formatted(place, place.ipv4(), place.ipv6(), namespaces.get(place).path());
  }

  /** A file of pods for the agent. */
  public Path podFile(Place... places) {
    return files.write("pods.yaml", podsYaml(places));
  }

  public String podsYaml(Place... places) {
    return places.length == 0
        ? "pods: []\n"
        : "pods:\n" + Stream.of(places).map(this::podYaml).collect(Collectors.joining());
  }

  /** Does something where a socket that it opens is an application's of that place. */
  public <T, E extends Exception> T in(Place place, NetworkNamespace.Visit<T, E> visit) throws E {
    if (place == Place.REMOTE) {
      leave();
    } else if (!inside) {
      cgroup().add(ProcessHandle.current().pid());
      inside = true;
    }
    return NetworkNamespace.at(namespaces.get(place).path()).run(visit);
  }

  private void leave() {
    if (inside) {
      home.add(ProcessHandle.current().pid());
      inside = false;
    }
  }

  /** Runs HAProxy as the sidecars of both pods. */
  public void startSidecars() throws InterruptedException {
    for (Place pod : List.of(Place.A, Place.B)) {
      Path config = files.write("haproxy-" + pod + ".cfg", haProxy(pod));
      PodProcess process = start(pod, "haproxy", "haproxy", "-db", "-f", config.toString());
      process.awaitListening(namespaces.get(pod), 15_001, 15_006);
      sidecars.put(pod, process);
    }
  }

  public void stopSidecar(Place pod) {
    sidecars.get(pod).close();
  }

  /** A process of a pod; closing the mesh ends it. */
  public PodProcess start(Place pod, String name, String... command) {
    Path output = log(pod, name);
    return undo.push(PodProcess.start(cgroup(), namespaces.get(pod), output, command));
  }

  /** Starts one and waits until it listens on a TCP port. */
  public void startServer(Place pod, String name, int port, String... command)
      throws InterruptedException {
    start(pod, name, command).awaitListening(namespaces.get(pod), port);
  }

  /** Runs nginx, which serves the files of a directory. */
  public void startNginx(Place pod, Path served) throws InterruptedException {
    // The configuration serves what is in www.
    try {
      Files.delete(files.directory().resolve("www"));
      Files.move(served, files.directory().resolve("www"));
    } catch (IOException e) {
      throw new RigException(e.toString(), e);
    }
    startServer(pod, "nginx", NGINX_PORT, files.nginx(NginxConfig.text(files.directory())));
  }

  /** A command, run to its end in a pod: what it printed. */
  public String run(Place pod, String... command) throws InterruptedException {
    try (PodProcess process =
        PodProcess.start(cgroup(), namespaces.get(pod), log(pod, "command"), command)) {
      return process.awaitOutput(Duration.ofSeconds(30));
    }
  }

  public Path directory() {
    return files.directory();
  }

  private Path log(Place pod, String name) {
    return files.directory().resolve(pod + "-" + name + ".log");
  }

  public List<String> output(Place pod, String name) {
    try {
      return Files.readAllLines(log(pod, name));
    } catch (IOException e) {
      throw new RigException(e.toString(), e);
    }
  }

  /** How many connections a sidecar has served that were meant for an address and port. */
  public long served(Place sidecar, String side, String destination) {
    return output(sidecar, "haproxy").stream().filter((side + " " + destination)::equals).count();
  }

  /** What netfilter has to do, anywhere: empty if nothing. */
  public List<String> netfilter() {
    List<Namespace> all = new ArrayList<>(namespaces.values());
    all.add(node);
    return all.stream().flatMap(TestMesh::netfilter).toList();
  }

  private static Stream<String> netfilter(Namespace namespace) {
    int tracked = Netfilter.trackedConnections(namespace);
    return Stream.of(
            Netfilter.tables(namespace),
            Netfilter.rules(namespace),
            tracked == 0 ? List.<String>of() : List.of(tracked + " connections are tracked"))
        .flatMap(List::stream);
  }

  private static String haProxy(Place pod) {
    return """
    global
        maxconn 4000
        nbthread 1 # of two threads that log at once, one loses its line
        uid %1$d
        gid %1$d
        log stdout format raw local0

    defaults
        mode tcp
        log global
        log-format "%%ft %%[fc_dst]:%%[fc_dst_port]"
        timeout connect 10s
        timeout client 1m
        timeout server 1m

    listen outbound
        bind :%2$d
        tcp-request content set-dst ipv4(%4$s) if { dst %5$s }
        server upstream 0.0.0.0:0

    listen inbound
        bind :%3$d
        server application 0.0.0.0:0 source 127.0.0.6

    listen outbound6
        bind :::%2$d v6only
        server upstream [%6$s]:%8$d

    listen inbound6
        bind :::%3$d v6only
        server application [%7$s]:%8$d source [::6]
    """
        .formatted(
            HaProxyConfig.UID,
            HaProxyConfig.OUTBOUND_PORT,
            HaProxyConfig.INBOUND_PORT,
            pod.ipv4(),
            SERVICE_OF_ITS_OWN,
            Place.B.ipv6(),
            pod.ipv6(),
            PORT6);
  }

  @Override
  public void close() {
    undo.close();
  }
}
