// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples.rig;

import java.nio.file.Path;
import java.time.Duration;

/**
 * The proxies and the server of a {@link MeshRig}, joined by Unix-domain sockets: how fast they are
 * if nothing between them is TCP, nor IP, nor intercepted. For comparison only: nobody's mesh is
 * like this.
 *
 * <p>All is in one network namespace that has no interface which is up, not even a loopback. For
 * use by one thread.
 */
public final class UnixMeshRig implements AutoCloseable {
  private final UndoStack undo = new UndoStack();
  private final SidecarMode mode;
  private final RigFiles files;
  private final Namespace namespace;
  private final RigCgroup cgroup;
  private final Path socket;

  private UnixMeshRig(String name, SidecarMode mode) throws InterruptedException {
    this.mode = mode;
    try {
      files = undo.push(new RigFiles(name));
      namespace = undo.push(Namespace.create(RigName.of(name)));
      cgroup = undo.push(new RigCgroup(name));
      var sockets = files.shared("sockets");
      var server = sockets.resolve("server");
      var inbound = sockets.resolve("inbound");
      socket = sockets.resolve("outbound");
      start("nginx", server, files.nginx(NginxConfig.text(files.directory(), "unix:" + server)));
      startSidecar("server-sidecar", inbound, server);
      startSidecar("client-sidecar", socket, inbound);
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
  public static UnixMeshRig start(String name, SidecarMode mode) throws InterruptedException {
    Orphans.remove();
    return new UnixMeshRig(name, mode);
  }

  /** Where the client's sidecar listens. */
  public Path socket() {
    return socket;
  }

  /** What to ask for there, to be answered with a file of that size. */
  public String httpUrl(int bodyBytes) {
    return "http://localhost" + files.serve(bodyBytes);
  }

  /**
   * Runs a command beside the rig's processes and returns what it printed.
   *
   * @throws RigException if it does not end in time, or with another status than 0
   */
  public String runInClient(Duration limit, String... command) throws InterruptedException {
    try (PodProcess process = start("command", command)) {
      return process.awaitOutput(limit);
    }
  }

  private void startSidecar(String name, Path from, Path to) throws InterruptedException {
    if (mode == SidecarMode.NGINX) {
      Path directory = files.shared(name);
      start(
          name,
          from,
          files.nginxSidecar(name, directory, NginxSidecarConfig.text(directory, from, to)));
    } else {
      start(name, from, files.haProxy(name, HaProxyConfig.text(mode, from, to)));
    }
  }

  private void start(String name, Path socket, String... command) throws InterruptedException {
    undo.push(start(name, command)).awaitListening(socket);
  }

  private PodProcess start(String name, String... command) {
    return PodProcess.start(
        cgroup.cgroup(), namespace, files.directory().resolve(name + ".log"), command);
  }

  @Override
  public void close() {
    undo.close();
  }
}
