// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.maps;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.jbypass.core.Btf;
import io.github.jbypass.core.LayoutMismatchException;
import io.github.jbypass.core.LoadedObject;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;

/**
 * The programs' counters, read from the memory that they count in: no system call, no allocation.
 * They begin at zero when the object is loaded, only grow, and are exact: each message and
 * connection is counted once.
 *
 * <p>Thread-safe. Each value is read atomically, but values that are read one after the other need
 * not belong together: traffic goes on. Throws {@link IllegalStateException} once the object is
 * closed. Kernel 5.15.
 */
public final class Counters {
  private static final Counter[] ALL = Counter.values();
  private static final VarHandle LONG = JAVA_LONG.varHandle();

  private final MemorySegment slots;
  private final int slotSize;

  /**
   * The counters of a loaded object.
   *
   * @param object the loaded programs
   * @throws LayoutMismatchException if the object counts something else
   */
  public Counters(LoadedObject object) {
    var btf = object.btf();
    check(btf);
    slots = object.global("counters");
    slotSize = btf.struct("counter_slot").size();
  }

  /** Throws unless the object's counters are those of {@link Counter}. */
  static void check(Btf btf) {
    var names = new ArrayList<String>();
    btf.enumValues("counter")
        .forEach(
            (name, value) -> {
              if (value != names.size()) {
                throw new LayoutMismatchException("counter", name + " is out of order");
              }
              names.add(name);
            });
    names.removeLast(); // their number
    var expected = Arrays.stream(ALL).map(Counter::name).toList();
    if (!names.equals(expected)) {
      throw new LayoutMismatchException(
          "counter", "Java expects " + expected + ", the object has " + names);
    }
  }

  /**
   * {@return the value of a counter since the object was loaded}
   *
   * @param counter the counter
   */
  public long get(Counter counter) {
    long sum = 0;
    long offset = (long) counter.ordinal() * Long.BYTES;
    for (; offset < slots.byteSize(); offset += slotSize) {
      sum += (long) LONG.getOpaque(slots, offset);
    }
    return sum;
  }

  /** {@return all values, one after the other} */
  public Map<Counter, Long> snapshot() {
    var values = new EnumMap<Counter, Long>(Counter.class);
    for (var counter : ALL) {
      values.put(counter, get(counter));
    }
    return Collections.unmodifiableMap(values);
  }

  /** All counters that are not zero, as {@code name=value}, in one line. */
  @Override
  public String toString() {
    var text = new StringJoiner(" ");
    snapshot()
        .forEach(
            (counter, value) -> {
              if (value != 0) {
                text.add(counter.name().toLowerCase(Locale.ROOT) + "=" + value);
              }
            });
    return text.toString();
  }
}
