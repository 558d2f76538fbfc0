// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples.rig;

import io.github.jbypass.core.Cgroup;
import io.github.jbypass.core.NetworkNamespace;
import io.github.jbypass.maps.Pod;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Two pods of a service mesh, on this machine and apart from its network.
 *
 * <pre>{@code
 * client pod                          node                       server pod
 * wrk ──iptables──► HAProxy 15001 ──veth──conntrack──veth──iptables──► HAProxy 15006 ──► nginx 8080
 * }</pre>
 *
 * Each HAProxy asks where a connection was meant to go (SO_ORIGINAL_DST) and forwards it there.
 * With {@link Interception#BYPASS}, neither iptables nor conntrack takes part.
 *
 * <p>Every proxy has one worker. Of several, some get more connections than others, and keep them:
 * which do is drawn anew with each load, and makes a third of its rate.
 *
 * <p>All processes are in one cgroup, to which a {@code Bypass} can be attached at any time before
 * the first load. Rigs with different names don't touch each other, so that a plain and an
 * accelerated one can stand side by side. Needs root, HAProxy, nginx, wrk, iptables and iproute2.
 *
 * <p>For use by one thread. An interrupted thread gets an {@link InterruptedException}; closing
 * works nevertheless.
 */
public final class MeshRig implements AutoCloseable {
  private static final String CLIENT = "10.44.1.2";
  private static final String SERVER = "10.44.2.2";
  private static final String CLIENT_GATEWAY = "10.44.1.1";
  private static final String SERVER_GATEWAY = "10.44.2.1";

  private final UndoStack undo = new UndoStack();
  private final SidecarMode mode;
  private final RigFiles files;
  private final Cgroup cgroup;
  private final Namespace client;
  private final Namespace server;
  private final Namespace node;
  private final Interception interception;

  private MeshRig(String name, SidecarMode mode, Interception interception)
      throws InterruptedException {
    this.mode = mode;
    this.interception = interception;
    try {
      files = undo.push(new RigFiles(name));
      client = undo.push(Namespace.create(RigName.of(name + "-client")));
      server = undo.push(Namespace.create(RigName.of(name + "-server")));
      cgroup = undo.push(new RigCgroup(name)).cgroup();
      node = undo.push(Namespace.create(RigName.of(name + "-node")));
      connectOverNode();
      prepare(client);
      prepare(server);
      startServer();
      startSidecar("client-sidecar", client);
      startSidecar("server-sidecar", server);
    } catch (RuntimeException | InterruptedException e) {
      undo.closeAfter(e);
      throw e;
    }
  }

  /**
   * Builds a rig and waits until it is ready; first removes what crashed runs left behind.
   *
   * @param name tells this rig from the others of this process
   * @throws RigException if a part could not be set up
   */
  public static MeshRig start(String name, SidecarMode mode) throws InterruptedException {
    return start(name, mode, Interception.IPTABLES);
  }

  /** The same, with {@link #pods} still to be intercepted unless iptables does it. */
  public static MeshRig start(String name, SidecarMode mode, Interception interception)
      throws InterruptedException {
    Orphans.remove();
    return new MeshRig(name, mode, interception);
  }

  /** The cgroup of all processes of the rig. */
  public Cgroup cgroup() {
    return cgroup;
  }

  /** The two pods, for {@code Bypass.pods()}. */
  public List<Pod> pods() {
    return List.of(pod("client", CLIENT, client), pod("server", SERVER, server));
  }

  private static Pod pod(String name, String address, Namespace namespace) {
    return Pod.named(name)
        .address(address)
        .namespace(NetworkNamespace.at(namespace.path()))
        .build();
  }

  /** The rules of netfilter that the pods and their node have. */
  public List<String> netfilterRules() {
    return Stream.of(client, server, node)
        .flatMap(namespace -> Netfilter.rules(namespace).stream())
        .toList();
  }

  /** How many connections netfilter tracks in the pods and on their node. */
  public int trackedConnections() {
    return Stream.of(client, server, node).mapToInt(Netfilter::trackedConnections).sum();
  }

  /** Runs wrk in the client's pod against the server's pod. */
  public LoadResult load(Load load) throws InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                "wrk",
                "--latency",
                "--timeout=10s",
                "--threads=" + load.threads(),
                "--connections=" + load.connections(),
                "--duration=" + load.seconds() + "s"));
    if (load.close()) {
      command.add("--header=Connection: close");
    }
    command.add(httpUrl(load.bodyBytes()));
    Duration limit = Duration.ofSeconds(load.seconds() + 20);
    try (PodProcess wrk = start(client, "wrk", command.toArray(String[]::new))) {
      return LoadResult.parse(wrk.awaitOutput(limit));
    }
  }

  /**
   * Runs a command in the client's pod and returns what it printed.
   *
   * @throws RigException if it does not end in time, or with another status than 0
   */
  public String runInClient(Duration limit, String... command) throws InterruptedException {
    try (PodProcess process = start(client, "command", command)) {
      return process.awaitOutput(limit);
    }
  }

  /**
   * Starts another server in the server's pod, and waits until it listens; it ends with the rig.
   */
  public void startServer(int port, String... command) throws InterruptedException {
    undo.push(start(server, command[0], command)).awaitListening(server, port);
  }

  /** The client's pod, for sockets of this process. */
  public NetworkNamespace clientNamespace() {
    return NetworkNamespace.at(client.path());
  }

  /** The server's pod, for sockets of this process. */
  public NetworkNamespace serverNamespace() {
    return NetworkNamespace.at(server.path());
  }

  /** The address of the server's pod. */
  public String serverAddress() {
    return SERVER;
  }

  /** Where nginx speaks HTTP/1.1, and the path of a file that it serves there. */
  public String httpUrl(int bodyBytes) {
    return url(NginxConfig.PORT, bodyBytes);
  }

  /** The same over HTTP/2, without TLS. */
  public String http2Url(int bodyBytes) {
    return url(NginxConfig.HTTP2_PORT, bodyBytes);
  }

  private String url(int port, int bodyBytes) {
    return "http://%s:%d%s".formatted(SERVER, port, files.serve(bodyBytes));
  }

  /** As in a cluster: pods are joined by their node, which routes, and tracks for its own rules. */
  private void connectOverNode() {
    client.connect(CLIENT, node, "client", CLIENT_GATEWAY);
    server.connect(SERVER, node, "server", SERVER_GATEWAY);
    node.setParameter("ipv4/ip_forward", "1");
    if (interception == Interception.IPTABLES) {
      Redirection.installForwarding(node);
    }
  }

  private void prepare(Namespace pod) {
    // A load that closes its connections must not run out of ports or of connection tracking.
    pod.setParameter("ipv4/ip_local_port_range", "16000 65535");
    pod.setParameter("ipv4/tcp_tw_reuse", "1");
    if (interception == Interception.IPTABLES) {
      Redirection.install(pod);
      pod.setParameter("netfilter/nf_conntrack_tcp_timeout_time_wait", "1");
    }
  }

  private void startServer() throws InterruptedException {
    String[] command = files.nginx(NginxConfig.text(files.directory()));
    undo.push(start(server, "nginx", command)).awaitListening(server, NginxConfig.PORT);
  }

  private void startSidecar(String name, Namespace pod) throws InterruptedException {
    undo.push(start(pod, name, mode == SidecarMode.NGINX ? nginx(name) : haProxy(name)))
        .awaitListening(pod, HaProxyConfig.OUTBOUND_PORT, HaProxyConfig.INBOUND_PORT);
  }

  private String[] haProxy(String name) {
    return files.haProxy(name, HaProxyConfig.text(mode));
  }

  private String[] nginx(String name) {
    Path directory = files.shared(name);
    return files.nginxSidecar(
        name, directory, NginxSidecarConfig.text(directory, SERVER + ":" + NginxConfig.PORT));
  }

  private PodProcess start(Namespace pod, String name, String... command) {
    return PodProcess.start(cgroup, pod, files.directory().resolve(name + ".log"), command);
  }

  /** Ends the processes, closes what connects them and removes all traces. */
  @Override
  public void close() {
    undo.close();
  }
}
