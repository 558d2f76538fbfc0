// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.jbypass.core.BpfMap;
import io.github.jbypass.core.BpfObject;
import io.github.jbypass.core.UpdateMode;
import io.github.jbypass.core.internal.TrialSocket;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;

/** Sends bytes over TCP, then redirected, and asks FIONREAD each time; see checks.bpf.c. */
final class FionreadProbe {
  private static final byte[] DATA = new byte[100];

  private final BpfObject object;
  private final BpfMap sockets;

  private FionreadProbe(BpfObject object) {
    this.object = object;
    this.sockets = object.map("probe_sockets");
  }

  /** Which bytes FIONREAD counts of a socket that is in a socket map. */
  record Counted(boolean tcp, boolean redirected) {
    boolean both() {
      return tcp && redirected;
    }
  }

  static FionreadSupport run(BpfObject object) {
    if (unrepaired(object).both()) {
      return FionreadSupport.EXACT;
    }
    try (var _ = object.program("pass_stream").attach(object.map("probe_sockets"))) {
      return unrepaired(object).both() ? FionreadSupport.REPAIRED : FionreadSupport.INEXACT;
    }
  }

  /** What the kernel counts of itself, while nothing is attached that repairs it. */
  static Counted unrepaired(BpfObject object) {
    var probe = new FionreadProbe(object);
    try (var _ = object.program("probe_fionread").attach(probe.sockets)) {
      return new Counted(probe.counts(false), probe.counts(true));
    }
  }

  private boolean counts(boolean redirected) {
    object.global("fionread_redirects").set(JAVA_INT, 0, redirected ? 1 : 0);
    try (var socket = TrialSocket.looped();
        var arena = Arena.ofConfined()) {
      var key = arena.allocateFrom(JAVA_INT, 0);
      var value = arena.allocateFrom(JAVA_LONG, socket.fd());
      sockets.update(key, value, UpdateMode.ANY);
      socket.send(DATA, 0);
      socket.poll(TrialSocket.POLLIN, TrialSocket.PATIENCE);
      return socket.pending() == DATA.length;
    } catch (UncheckedIOException e) {
      throw LoadChecks.notTried("FIONREAD", e);
    }
  }
}
