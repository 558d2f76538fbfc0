// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.github.jbypass.core.BpfMap;
import io.github.jbypass.core.MappedArray;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/**
 * The switches that the programs of any version look at: the section {@code .data.switches}, whose
 * layout never changes. Thread-safe.
 */
final class Switches implements AutoCloseable {
  private static final VarHandle INT = JAVA_INT.varHandle();
  private static final long ENABLED = 0;
  private static final long ENROLLING = 4;
  private static final long SUPERSEDED = 8;

  private final MappedArray mapping;
  private final MemorySegment memory;

  Switches(BpfMap section) {
    mapping = section.mapped(MappedArray.Access.READ_WRITE);
    memory = mapping.entry(0);
  }

  boolean enabled() {
    return get(ENABLED);
  }

  void enabled(boolean on) {
    set(ENABLED, on);
  }

  boolean enrolling() {
    return get(ENROLLING);
  }

  void enrolling(boolean on) {
    set(ENROLLING, on);
  }

  /** Whether the programs of another layout, beside these, enrol in their place. */
  boolean superseded() {
    return get(SUPERSEDED);
  }

  void superseded(boolean on) {
    set(SUPERSEDED, on);
  }

  /** Does as the programs of another layout do. */
  void follow(Switches other) {
    enabled(other.enabled());
    enrolling(other.enrolling());
  }

  private boolean get(long offset) {
    return (int) INT.getVolatile(memory, offset) != 0;
  }

  private void set(long offset, boolean on) {
    INT.setVolatile(memory, offset, on ? 1 : 0);
  }

  @Override
  public void close() {
    mapping.close();
  }
}
