// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.jbypass.core.BpfException;
import io.github.jbypass.core.BpfMap;
import io.github.jbypass.core.BpfObject;
import io.github.jbypass.core.UpdateMode;
import io.github.jbypass.core.internal.LoopedSocket;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;

/** Sends bytes over TCP, then redirected, and asks FIONREAD each time; see fionread.bpf.c. */
final class FionreadProbe {
  private static final int BYTES = 100;
  private static final int ATTEMPTS = 50; // of 2 ms: bytes may take a moment to arrive

  private final BpfObject object;
  private final BpfMap sockets;

  private FionreadProbe(BpfObject object) {
    this.object = object;
    this.sockets = object.map("fionread_sockets");
  }

  static FionreadSupport run(BpfObject object) {
    var probe = new FionreadProbe(object);
    try (var _ = object.program("probe_fionread").attach(probe.sockets)) {
      if (probe.countsBoth()) {
        return FionreadSupport.EXACT;
      }
      try (var _ = object.program("pass_stream").attach(probe.sockets)) {
        return probe.countsBoth() ? FionreadSupport.REPAIRED : FionreadSupport.INEXACT;
      }
    }
  }

  private boolean countsBoth() {
    return counts(false) && counts(true);
  }

  private boolean counts(boolean redirected) {
    object.global("fionread_redirects").set(JAVA_INT, 0, redirected ? 1 : 0);
    try (var socket = new LoopedSocket();
        var arena = Arena.ofConfined()) {
      var key = arena.allocateFrom(JAVA_INT, 0);
      var value = arena.allocateFrom(JAVA_LONG, socket.fd());
      sockets.update(key, value, UpdateMode.ANY);
      socket.send(BYTES);
      return settles(socket);
    } catch (UncheckedIOException e) {
      var failure = new BpfException("probe", "FIONREAD", 0, String.valueOf(e.getMessage()));
      failure.initCause(e);
      throw failure;
    }
  }

  private static boolean settles(LoopedSocket socket) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (socket.pending() == BYTES) {
        return true;
      }
      try {
        Thread.sleep(2);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while probing FIONREAD", e);
      }
    }
    return false;
  }
}
