// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import io.github.jbypass.core.RunningObject;
import io.github.jbypass.maps.Flows;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** The flows of pinned data paths, whose programs tell them although no process is there. */
final class PinnedFlows implements AutoCloseable {
  private final List<RunningObject> objects = new ArrayList<>();

  private PinnedFlows() {}

  static PinnedFlows open(Collection<PinnedLayout> layouts) {
    var opened = new PinnedFlows();
    if (layouts.isEmpty()) {
      return opened;
    }
    var running = new ArrayList<RunningObject>();
    try {
      Bypass.ITERATORS.forEach(name -> running.addAll(RunningObject.withProgram(name)));
      for (var layout : layouts) {
        var object =
            running.stream().filter(layout::isOf).findFirst().orElseThrow(Bypass::flowsAreNotTold);
        running.remove(object);
        opened.objects.add(object);
      }
      return opened;
    } catch (RuntimeException e) {
      opened.close();
      throw e;
    } finally {
      running.forEach(RunningObject::close);
    }
  }

  List<Flows> all() {
    return objects.stream().map(Flows::new).toList();
  }

  @Override
  public void close() {
    objects.forEach(RunningObject::close);
  }
}
