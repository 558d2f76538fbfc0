// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.maps;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.jbypass.core.LayoutMismatchException;
import io.github.jbypass.core.LoadedObject;
import java.lang.invoke.VarHandle;

/**
 * Events that nobody was told of although somebody listened, since the object was loaded.
 *
 * @param dropped they found the buffer full: the listener was too slow
 * @param suppressed they were beyond the {@linkplain Events#limit limit}
 */
public record EventLosses(long dropped, long suppressed) {
  private static final VarHandle LONG = JAVA_LONG.varHandle();

  /**
   * Reads them from the memory that the programs count in.
   *
   * @param object the loaded object
   * @return the losses until now
   * @throws LayoutMismatchException if it counts something else
   */
  public static EventLosses of(LoadedObject object) {
    var btf = object.btf();
    EventCodec.check(btf);
    var budgets = object.global("event_budgets");
    var budget = btf.struct("event_budget");
    long suppressed = 0;
    for (long at = budget.member("suppressed").offset();
        at < budgets.byteSize();
        at += budget.size()) {
      suppressed += (long) LONG.getOpaque(budgets, at);
    }
    return new EventLosses((long) LONG.getOpaque(object.global("events_dropped"), 0L), suppressed);
  }
}
