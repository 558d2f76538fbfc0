// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.datapath;

import io.github.jbypass.examples.rig.UndoStack;
import io.github.jbypass.programs.Bypass;
import io.github.jbypass.programs.FionreadSupport;
import java.io.IOException;

/** Where both ends of a connection are on one loopback. */
final class LoopbackPlaces implements AutoCloseable {
  private final UndoStack undo = new UndoStack();
  private final String name;
  private final Place always;
  private final Place accelerated;
  private final FionreadSupport fionread;

  LoopbackPlaces(String name) throws IOException {
    this.name = name;
    try {
      var ours = undo.push(new Enclave(name + "-accelerated"));
      var theirs = undo.push(new Enclave(name + "-always"));
      var bypass = undo.push(Bypass.builder().cgroup(ours.cgroup()).load()).attach();
      fionread = bypass.fionread();
      var unchecked = undo.push(new RedirectAlways(theirs.cgroup(), fionread));
      accelerated =
          new Place(Variant.ACCELERATED, () -> ours.open(Connection::tcp), bypass.counters());
      always = new Place(Variant.ALWAYS, () -> theirs.open(Connection::tcp), unchecked.counters());
    } catch (IOException | RuntimeException e) {
      undo.closeAfter(e);
      throw e;
    }
  }

  Place unix() {
    return new Place(Variant.UNIX, Connection::unix);
  }

  Place tcp() {
    return new Place(Variant.TCP, Connection::tcp);
  }

  Place always() {
    return always;
  }

  /** Enrolled, and switched off; programs of its own, from now on. */
  Place never() throws IOException {
    var enclave = undo.push(new Enclave(name + "-never"));
    var bypass = undo.push(Bypass.builder().cgroup(enclave.cgroup()).load()).attach();
    bypass.disable();
    return new Place(Variant.NEVER, () -> enclave.open(Connection::tcp), bypass.counters());
  }

  Place accelerated() {
    return accelerated;
  }

  FionreadSupport fionread() {
    return fionread;
  }

  @Override
  public void close() {
    undo.close();
  }
}
