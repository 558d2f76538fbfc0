// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.datapath;

import io.github.jbypass.core.BpfLink;
import io.github.jbypass.core.BpfObject;
import io.github.jbypass.core.BpfObjectSpec;
import io.github.jbypass.core.Cgroup;
import io.github.jbypass.maps.Counters;
import io.github.jbypass.programs.FionreadSupport;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The same programs without the gate: every message of a paired socket is redirected, as the
 * systems before jbypass do. Fast, and wrong: it reorders and has no backpressure. Only a baseline.
 */
final class RedirectAlways implements AutoCloseable {
  private static final String RESOURCE = "/io/github/jbypass/programs/bypass.bpf.o";

  private final BpfObject object;
  private final Counters counters;
  private final Deque<BpfLink> links = new ArrayDeque<>();

  /**
   * Loads and attaches.
   *
   * @param fionread as the accelerated variant has it, so that only the gate differs
   */
  RedirectAlways(Cgroup cgroup, FionreadSupport fionread) throws IOException {
    object = load();
    counters = new Counters(object);
    try {
      attach(cgroup, fionread);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private void attach(Cgroup cgroup, FionreadSupport fionread) {
    var sockets = object.map("sockets");
    links.push(object.program("redirect_messages").attach(sockets));
    if (fionread == FionreadSupport.REPAIRED) {
      links.push(object.program("pass_stream").attach(sockets));
    }
    links.push(object.program("track_connections").attach(cgroup));
  }

  private static BpfObject load() throws IOException {
    try (var resource = RedirectAlways.class.getResourceAsStream(RESOURCE)) {
      if (resource == null) {
        throw new IOException(RESOURCE + " is not on the class path");
      }
      try (var spec = BpfObjectSpec.open("redirect_always", resource.readAllBytes())) {
        spec.autoload("redirect_messages_portable", false);
        spec.set("redirect_always", true);
        return spec.load();
      }
    }
  }

  Counters counters() {
    return counters;
  }

  @Override
  public void close() {
    links.forEach(BpfLink::close);
    object.close();
  }
}
