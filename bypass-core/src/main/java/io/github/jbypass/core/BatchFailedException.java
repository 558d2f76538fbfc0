// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

/**
 * A batch that writes came to an entry that the kernel refused. The entries before it were written;
 * those after it were not tried. The cause says why, as the operation on the single entry would.
 */
public final class BatchFailedException extends BpfException {
  private static final long serialVersionUID = 1L;

  private final int completed;

  /**
   * Describes how far a batch came.
   *
   * @param cause what went wrong with the entry after those
   * @param completed how many entries were accepted before
   * @param count how many entries the batch has
   */
  public BatchFailedException(BpfException cause, int completed, int count) {
    super(
        cause.operation(),
        cause.object(),
        cause.errno(),
        "stopped after %d of %d entries: %s".formatted(completed, count, cause.getMessage()));
    this.completed = completed;
    initCause(cause);
  }

  /** {@return how many entries, counted from the first, the kernel accepted} */
  public int completed() {
    return completed;
  }
}
