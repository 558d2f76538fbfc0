// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples.rig;

import java.util.ArrayList;
import java.util.List;

/**
 * The same load on several rigs in turns, so that what the machine does meanwhile hits them alike.
 */
public final class Rounds {
  private Rounds() {}

  /**
   * Loads the rigs one after the other, that many times, each time beginning with another one.
   *
   * @return for each rig, in the order given, the medians of its rounds
   */
  public static List<LoadResult> medians(List<MeshRig> rigs, Load load, int rounds)
      throws InterruptedException {
    List<List<LoadResult>> results = rigs.stream().map(_ -> newList()).toList();
    for (int round = 0; round < rounds; round++) {
      for (int turn = 0; turn < rigs.size(); turn++) {
        int rig = (round + turn) % rigs.size();
        results.get(rig).add(rigs.get(rig).load(load));
      }
    }
    return results.stream().map(LoadResult::median).toList();
  }

  private static List<LoadResult> newList() {
    return new ArrayList<>();
  }
}
