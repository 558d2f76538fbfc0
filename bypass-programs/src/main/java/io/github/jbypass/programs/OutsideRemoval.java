// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import io.github.jbypass.core.BpfMap;
import io.github.jbypass.core.RunningObject;
import io.github.jbypass.core.TcFilter;
import io.github.jbypass.maps.ArrivalMap;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Ends the leading of connections from outside for a data path of which only the maps are at hand:
 * one that is uninstalled, or replaced by one that can't share them.
 */
final class OutsideRemoval {
  /** How long connections may take to be established, or to end, before nothing leads them. */
  private static final Duration HANDOVER = Duration.ofSeconds(1);

  /** How long the kernel may take to unload a program that nothing needs any more. */
  private static final Duration UNLOADING = Duration.ofSeconds(1);

  private final BpfMap leader;
  private final BpfMap arrived;
  private final BpfMap arriving;

  OutsideRemoval(BpfMap leader, BpfMap arrived, BpfMap arriving) {
    this.leader = leader;
    this.arrived = arrived;
    this.arriving = arriving;
  }

  /**
   * What had to stay.
   *
   * @param connections number of established connections from outside
   * @param filters that lead them; when the connections have ended, another run removes them, or
   *     once the maps are gone, whatever agent comes next to their interfaces
   * @param isElsewhere whether there are filters in network namespaces that can't be found
   */
  record Left(int connections, List<TcFilter> filters, boolean isElsewhere) {
    static final Left NOTHING = new Left(0, List.of(), false);
  }

  /**
   * Leads no new connection any more and removes the filters that no connection needs. Those that
   * are told their original destination have to be attached still.
   */
  Left run() {
    var sign = new Leader(leader);
    if (!sign.stays() && connections() == 0) {
      return Left.NOTHING; // nothing was ever led, or everything was removed
    }
    sign.stopLeading();
    await(HANDOVER, () -> new ArrivalMap(arriving).size() == 0);
    int id = arrived.info().id();
    var ours = new ArrayList<TcFilter>();
    var others = new ArrayList<InterfaceFilter>();
    for (var found : InterfaceFilter.everywhere()) {
      if (found.uses(id)) {
        ours.add(found.filter());
      } else {
        others.add(found);
      }
    }
    AbandonedFilters.remove(others);
    var unneeded = LocalPods.without(new ArrivalMap(arrived).pods(), ours);
    unneeded.forEach(TcFilter::detach);
    ours.removeAll(unneeded);
    if (!ours.isEmpty()) { // the sign that somebody stays goes with the pins
      return new Left(connections(), ours, false);
    }
    sign.end();
    return new Left(connections(), ours, !await(UNLOADING, () -> !isLoaded(id)));
  }

  private int connections() {
    return new ArrivalMap(arrived).size();
  }

  /** Whether any filter has a program that uses the map: nothing else keeps it by now. */
  private static boolean isLoaded(int map) {
    var objects = RunningObject.withProgram("answer_for_pod");
    try {
      return objects.stream()
          .anyMatch(object -> object.program("answer_for_pod").info().mapIds().contains(map));
    } finally {
      objects.forEach(RunningObject::close);
    }
  }

  private static boolean await(Duration patience, BooleanSupplier condition) {
    long end = System.nanoTime() + patience.toNanos();
    try {
      do {
        Thread.sleep(10); // at least once: programs may be running still
        if (condition.getAsBoolean()) {
          return true;
        }
      } while (System.nanoTime() < end);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // whoever is in a hurry needn't wait
    }
    return condition.getAsBoolean();
  }
}
