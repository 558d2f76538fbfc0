// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.datapath;

import io.github.jbypass.core.BpfLink;
import io.github.jbypass.core.BpfObject;
import io.github.jbypass.core.BpfObjectSpec;
import io.github.jbypass.core.BpfProgram;
import io.github.jbypass.core.Cgroup;
import io.github.jbypass.core.ProgramStatistics;
import io.github.jbypass.core.VerifierException;
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

  private static final String REDIRECT = "redirect_messages";
  private static final String PORTABLE = "redirect_messages_portable";

  private final BpfObject object;
  private final BpfProgram redirector;
  private final Counters counters;
  private final Deque<BpfLink> links = new ArrayDeque<>();

  /**
   * Loads and attaches.
   *
   * @param fionread as the accelerated variant has it, so that only the gate differs
   */
  RedirectAlways(Cgroup cgroup, FionreadSupport fionread) throws IOException {
    var loaded = load(REDIRECT, PORTABLE);
    object = loaded.object;
    redirector = loaded.redirector;
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
    links.push(redirector.attach(sockets));
    if (fionread == FionreadSupport.REPAIRED) {
      links.push(object.program("pass_stream").attach(sockets));
    }
    links.push(object.program("track_connections").attach(cgroup));
  }

  private record Loaded(BpfObject object, BpfProgram redirector) {}

  private static Loaded load(String redirector, String other) throws IOException {
    try (var resource = RedirectAlways.class.getResourceAsStream(RESOURCE)) {
      if (resource == null) {
        throw new IOException(RESOURCE + " is not on the class path");
      }
      try (var spec = BpfObjectSpec.open("redirect_always", resource.readAllBytes())) {
        spec.autoload(other, false);
        spec.set("redirect_always", true);
        var object = spec.load();
        return new Loaded(object, object.program(redirector));
      }
    } catch (VerifierException e) {
      if (redirector.equals(PORTABLE)) {
        throw e;
      }
      return load(PORTABLE, REDIRECT); // what the accelerated variant has on this kernel as well
    }
  }

  Counters counters() {
    return counters;
  }

  /** As {@code Bypass.messageStatistics()}. */
  ProgramStatistics messageStatistics() {
    return redirector.statistics();
  }

  @Override
  public void close() {
    links.forEach(BpfLink::close);
    object.close();
  }
}
