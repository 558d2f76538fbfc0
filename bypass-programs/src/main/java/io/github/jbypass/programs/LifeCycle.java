// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import io.github.jbypass.core.AlreadyExistsException;
import io.github.jbypass.core.BpfException;
import io.github.jbypass.core.BpfLink;
import io.github.jbypass.core.BpfObject;
import io.github.jbypass.maps.Events;
import io.github.jbypass.programs.Place.Role;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Every transition of a data path, from loaded to unloaded; docs/life-cycle.md draws them. */
final class LifeCycle implements AutoCloseable {
  private static final int EEXIST = 17;

  private final BpfObject object;
  private final String fingerprint;
  private final @Nullable String iterator;
  private final List<Place> places;
  private final @Nullable Interception interception;
  private final Attachments attachments = new Attachments();
  private final Switches switches;
  private final List<Predecessor> predecessors = new CopyOnWriteArrayList<>();
  private @Nullable PinRoot root;
  private @Nullable PinnedLayout layout; // in the root: adopted, or pinned since
  private final boolean follows; // what was switched off before an upgrade stays off
  private volatile boolean attached;
  private volatile boolean closed;

  /** Takes ownership of everything, unless it throws. */
  LifeCycle(
      Loaded loaded,
      List<Place> places,
      @Nullable Interception interception,
      @Nullable PinRoot root) {
    this.object = loaded.object();
    this.fingerprint = loaded.fingerprint();
    this.iterator = loaded.iterator();
    this.places = List.copyOf(places);
    this.interception = interception;
    this.layout = loaded.adopted();
    this.root = root;
    switches = new Switches(object.map(SharedState.SWITCHES));
    try {
      findPredecessors();
      Events.silenceDead(object);
      follows = root != null && layout == null;
      active().filter(_ -> follows).ifPresent(switches::follow);
    } catch (RuntimeException e) {
      predecessors.forEach(Predecessor::close);
      switches.close();
      throw e;
    }
  }

  private void findPredecessors() {
    if (root != null) {
      for (var other : root.layouts()) {
        if (!other.fingerprint().equals(fingerprint)) {
          predecessors.add(new Predecessor(other));
        }
      }
    }
  }

  synchronized void attach() {
    if (attached || closed) {
      throw new IllegalStateException(closed ? "closed" : "attached already");
    }
    if (follows) {
      active().ifPresent(switches::follow); // it may have been switched since
    }
    boolean superseded = switches.superseded();
    if (superseded) { // after a downgrade
      switches.enrolling(active().map(Switches::enrolling).orElse(true));
      switches.superseded(false);
    }
    try {
      attachments.attach(places, layout, this::finishAttaching);
    } catch (RuntimeException e) {
      switches.superseded(superseded);
      switches.enrolling(switches.enrolling() && !superseded);
      throw e;
    }
    attached = true;
    if (layout != null) {
      tidyUp(layout);
    }
  }

  /** The switches of the predecessor that enrols connections until now. */
  private Optional<Switches> active() {
    return predecessors.stream()
        .map(Predecessor::switches)
        .filter(its -> !its.superseded())
        .findAny();
  }

  private void finishAttaching() {
    var pinned = root == null || layout != null ? null : pin(root);
    try {
      if (interception != null) {
        interception.start();
      }
    } catch (RuntimeException e) {
      if (pinned != null) {
        pinned.remove();
      }
      throw e;
    }
    layout = pinned == null ? layout : pinned;
  }

  private void tidyUp(PinnedLayout pinned) {
    mayFail(
        () -> {
          pinned.keepOnly(places);
          pinned.repin(object, iterator);
          predecessors.forEach(Predecessor::supersede);
          retirePredecessors();
        });
  }

  /** The data path is in effect: what fails here is left for the next time. */
  private static void mayFail(Runnable tidying) {
    try {
      tidying.run();
    } catch (BpfException e) {
      tellThatItStays(e);
    }
  }

  private static void tellThatItStays(BpfException e) {
    new LogEvent("predecessor_stays")
        .with("reason", String.valueOf(e.getMessage()))
        .log(Level.WARNING);
  }

  synchronized void pinTo(Path directory) {
    if (closed || root != null) {
      throw new IllegalStateException(closed ? "closed" : "pinned already, at " + root.path());
    }
    var wanted = PinRoot.create(directory);
    try {
      if (wanted.find(fingerprint).isPresent()) {
        throw new AlreadyExistsException(
            "pin",
            "data path at " + directory,
            EEXIST,
            "there is one of the same layout: adopt it instead, or uninstall it");
      }
      root = wanted;
      findPredecessors();
      if (attached) {
        layout = pin(wanted);
      }
    } catch (RuntimeException e) {
      predecessors.forEach(Predecessor::close);
      predecessors.clear();
      root = null;
      wanted.close();
      throw e;
    }
    if (layout != null) {
      tidyUp(layout);
    }
  }

  private PinnedLayout pin(PinRoot directory) {
    var begun = directory.begin(fingerprint);
    try {
      begun.pin(object, iterator);
      attachments.pin(begun, object);
      return begun;
    } catch (RuntimeException e) {
      begun.remove();
      throw e;
    }
  }

  /** {@return how many there are still} */
  synchronized int retirePredecessors() {
    predecessors.removeIf(LifeCycle::retire);
    return predecessors.size();
  }

  /** Says whether there is nothing more to wait for. What is damaged is left to uninstalling. */
  private static boolean retire(Predecessor predecessor) {
    var pinned = predecessor.layout();
    var event = new LogEvent("predecessor_removed").with("layout", pinned.fingerprint());
    try {
      if (!pinned.isGone() && !predecessor.isDrained()) {
        return false;
      }
      pinned.remove();
      event.log(Level.INFO);
    } catch (BpfException e) {
      tellThatItStays(e);
    }
    predecessor.close();
    return true;
  }

  void enable() {
    enrol(true);
    redirect(true);
  }

  void disable() {
    redirect(false);
  }

  synchronized PinnedFlows flowsOfPredecessors() {
    return PinnedFlows.open(predecessors.stream().map(Predecessor::layout).toList());
  }

  /** After this, the queues of redirected messages can only shrink. */
  void stopEnrolling() {
    enrol(false);
    redirect(false);
    object.awaitRunningPrograms();
  }

  /** Before attaching, it is a predecessor that does, and these programs may be superseded. */
  private void enrol(boolean on) {
    switches.enrolling(on && !switches.superseded());
    for (var predecessor : predecessors) {
      var its = predecessor.switches();
      its.enrolling(on && !its.superseded());
    }
  }

  private void redirect(boolean on) {
    switches.enabled(on);
    predecessors.forEach(predecessor -> predecessor.switches().enabled(on));
  }

  boolean isEnabled() {
    return switches.enabled();
  }

  boolean isAttached() {
    return attached;
  }

  boolean isClosed() {
    return closed;
  }

  /** {@return whether a data path is pinned; before attaching, one that it takes over} */
  synchronized boolean isPinned() {
    return layout != null;
  }

  synchronized List<BpfLink> links() {
    return attachments.links();
  }

  int predecessors() {
    return predecessors.size();
  }

  synchronized Optional<Path> pinnedAt() {
    return Optional.ofNullable(root).map(PinRoot::path);
  }

  /** A pinned data path stays. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      if (layout == null || !attached) {
        takeDown();
      } else {
        retirePredecessors();
        if (interception != null) {
          interception.leaveInPlace();
        }
        attachments.leave();
      }
    } finally {
      release();
    }
  }

  /** Nothing stays. */
  synchronized void unload() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      takeDown();
      if (layout != null) {
        layout.remove();
        predecessors.forEach(predecessor -> predecessor.layout().remove());
      }
      if (root != null) {
        root.deleteIfEmpty();
      }
    } finally {
      release();
    }
  }

  /**
   * Leads no new connections any more. Sidecars still learn the destinations of those that were
   * just led; established ones go on. First no new sockets, then no new programs for them.
   */
  private void takeDown() {
    boolean led = attachments.has(Role.LEADER);
    attachments.detach(Role.LEADER);
    if (interception != null) {
      interception.close();
    }
    if (led) {
      Handover.await(object.map("dialled"));
    }
    attachments.detach(Role.RESTORER);
    attachments.detach(Role.TRACKER);
    attachments.detach(Role.GATE);
  }

  private void release() {
    predecessors.forEach(Predecessor::close);
    switches.close();
    object.close();
    if (root != null) {
      root.close();
    }
  }
}
