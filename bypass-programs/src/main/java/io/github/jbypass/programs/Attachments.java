// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import io.github.jbypass.core.BpfException;
import io.github.jbypass.core.BpfLink;
import io.github.jbypass.core.BpfObject;
import io.github.jbypass.core.BpfProgram;
import io.github.jbypass.core.DirectAttachment;
import io.github.jbypass.programs.Place.Role;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/** The programs at their places. For one thread at a time. */
final class Attachments {

  private final SequencedMap<Place, BpfLink> links = new LinkedHashMap<>();

  /** A link that got another program, and the one before if it may be looked at. */
  private record Swap(BpfLink link, @Nullable BpfProgram before) {}

  /**
   * Attaches programs where there are none, and puts them in the place of those that are pinned. At
   * no moment is there none. If that fails, or what is to be done at last, everything is as before.
   */
  void attach(Collection<Place> places, @Nullable PinnedLayout pinned, Runnable last) {
    var present = pinned == null ? Map.<Place, BpfLink>of() : pinned.links(places);
    var made = new ArrayDeque<Place>();
    var swapped = new ArrayDeque<Swap>();
    try {
      for (var place : places) {
        if (!present.containsKey(place)) {
          attach(place, pinned, made);
        }
      }
      present.forEach((place, link) -> swapped.push(swap(link, place.program())));
      present.forEach(links::put);
      last.run();
    } catch (RuntimeException e) {
      swapped.forEach(swap -> undo(swap, e));
      made.forEach(place -> takeBack(place, pinned, e));
      present.values().forEach(BpfLink::close);
      links.clear();
      throw e;
    } finally {
      swapped.forEach(Attachments::close);
    }
  }

  private void attach(Place place, @Nullable PinnedLayout pinned, Deque<Place> made) {
    links.put(place, place.attach().get());
    made.push(place);
    if (pinned != null) {
      pinned.pin(place, links.get(place));
    }
  }

  private static Swap swap(BpfLink link, BpfProgram next) {
    BpfProgram before = null;
    try {
      before = BpfProgram.openById(link.info().program());
    } catch (BpfException e) { // CAP_SYS_ADMIN is missing, or it has just gone
      new LogEvent("no_way_back").with("program", next).log(Level.DEBUG, e);
    }
    try {
      link.update(next);
      return new Swap(link, before);
    } catch (RuntimeException e) {
      if (before != null) {
        before.close();
      }
      throw e;
    }
  }

  private static void undo(Swap swap, RuntimeException cause) {
    try {
      if (swap.before != null) {
        swap.link.update(swap.before);
      } else {
        new LogEvent("new_program_stays").with("link", swap.link).log(Level.WARNING);
      }
    } catch (RuntimeException e) {
      cause.addSuppressed(e);
    }
  }

  private static void close(Swap swap) {
    if (swap.before != null) {
      swap.before.close();
    }
  }

  private void takeBack(Place place, @Nullable PinnedLayout pinned, RuntimeException cause) {
    try (var link = links.remove(place)) {
      if (pinned != null && link instanceof DirectAttachment direct) {
        direct.leave(); // the one before can't be put back; this one does the same on the same maps
        return;
      }
      if (pinned != null) {
        pinned.unpin(place.pin());
      }
      link.detach();
    } catch (RuntimeException e) {
      cause.addSuppressed(e);
    }
  }

  /** Pins all links, in the order in which they were made; or none. */
  void pin(PinnedLayout pinned, BpfObject object) {
    var made = new ArrayDeque<BpfLink>();
    try {
      links.forEach(
          (place, link) -> {
            if (pinned.pin(place, link)) {
              made.push(link);
            }
          });
      pinned.complete(object);
    } catch (RuntimeException e) {
      made.forEach(BpfLink::unpin);
      throw e;
    }
  }

  List<BpfLink> links() {
    return List.copyOf(links.values());
  }

  /** {@return whether there are programs of a role} */
  boolean has(Role role) {
    return links.keySet().stream().anyMatch(place -> place.role() == role);
  }

  /** Detaches the programs of some roles, whoever else holds their links; the newest first. */
  void detach(Role... roles) {
    var wanted = List.of(roles);
    for (var place : new ArrayList<>(links.sequencedKeySet().reversed())) {
      if (wanted.contains(place.role())) {
        try (var link = links.remove(place)) {
          link.detach();
        }
      }
    }
  }

  /** Leaves the programs to their pins. */
  void leave() {
    links
        .values()
        .forEach(
            link -> {
              if (link instanceof DirectAttachment direct) {
                direct.leave();
              } else {
                link.close();
              }
            });
    links.clear();
  }
}
