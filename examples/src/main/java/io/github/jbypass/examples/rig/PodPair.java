// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples.rig;

import io.github.jbypass.core.Cgroup;
import io.github.jbypass.core.NetworkNamespace;

/**
 * Two pods without sidecars: a namespace each, joined by a veth pair, and a cgroup for both. For
 * use by one thread.
 */
public final class PodPair implements AutoCloseable {
  private static final String CLIENT = "10.45.1.1";
  private static final String SERVER = "10.45.1.2";

  private final UndoStack undo = new UndoStack();
  private final Namespace client;
  private final Namespace server;
  private final Cgroup cgroup;

  private PodPair(String name) {
    try {
      client = undo.push(Namespace.create(RigName.of(name + "-client")));
      server = undo.push(Namespace.create(RigName.of(name + "-server")));
      cgroup = undo.push(new RigCgroup(name)).cgroup();
      client.connect(CLIENT, server, "eth0", SERVER);
    } catch (RuntimeException e) {
      undo.closeAfter(e);
      throw e;
    }
  }

  /**
   * Makes them; first removes what crashed runs left behind.
   *
   * @param name tells this pair from the others of this process
   * @throws RigException if a part could not be set up
   */
  public static PodPair create(String name) {
    Orphans.remove();
    return new PodPair(name);
  }

  /** The cgroup for processes that open sockets in the pods; empty at first. */
  public Cgroup cgroup() {
    return cgroup;
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

  @Override
  public void close() {
    undo.close();
  }
}
