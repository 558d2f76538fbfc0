// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core.internal;

import java.util.function.IntUnaryOperator;

/** A file descriptor with one owner. Its number is valid between acquire and release only. */
public final class Fd extends Lifetime {
  private final int number;

  /**
   * Takes ownership of an open descriptor.
   *
   * @param number the descriptor
   * @param description what it refers to
   */
  public Fd(int number, String description) {
    super(description);
    this.number = number;
  }

  /** The descriptor's number, for the holder of {@link #acquire}. */
  public int number() {
    return number;
  }

  /** Runs an operation on the number while nobody can close it. Not for hot paths. */
  public int use(IntUnaryOperator operation) {
    acquire();
    try {
      return operation.applyAsInt(number);
    } finally {
      release();
    }
  }

  @Override
  protected void free() {
    LibC.close(number);
  }
}
