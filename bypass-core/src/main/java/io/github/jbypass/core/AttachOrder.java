// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import io.github.jbypass.core.internal.Errno;
import io.github.jbypass.core.internal.LinkCalls;
import java.util.function.Supplier;

/**
 * Where a program runs among the others that are attached to the same target. Those of a control
 * group's children always run before its own. Immutable, thread-safe.
 *
 * <p>Minimum kernel for network devices: 6.6; for control groups 6.17, but for {@link #last}, which
 * is how every kernel does it.
 */
public final class AttachOrder {
  private static final AttachOrder LAST = new AttachOrder(0, 0, "last");
  private static final AttachOrder FIRST = new AttachOrder(LinkCalls.BEFORE, 0, "first");

  private final int flags;
  private final int relative;
  private final String description;

  private AttachOrder(int flags, int relative, String description) {
    this.flags = flags;
    this.relative = relative;
    this.description = description;
  }

  /**
   * After all others.
   *
   * @return the order
   */
  public static AttachOrder last() {
    return LAST;
  }

  /**
   * Before all others.
   *
   * @return the order
   */
  public static AttachOrder first() {
    return FIRST;
  }

  /**
   * Immediately before another one.
   *
   * @param other attached to the same target in the same way
   * @return the order
   */
  public static AttachOrder before(KernelLink other) {
    return relativeTo(other, LinkCalls.BEFORE, "before ");
  }

  /**
   * Immediately after another one.
   *
   * @param other attached to the same target in the same way
   * @return the order
   */
  public static AttachOrder after(KernelLink other) {
    return relativeTo(other, LinkCalls.AFTER, "after ");
  }

  private static AttachOrder relativeTo(KernelLink other, int flag, String word) {
    // By number, so that nothing has to be kept open until the order is used.
    int flags = flag | LinkCalls.BY_ID | LinkCalls.OF_LINK;
    return new AttachOrder(flags, other.info().id(), word + other);
  }

  int flags() {
    return flags;
  }

  int relative() {
    return relative;
  }

  /**
   * Passes the descriptor of a link that was created in this order through.
   *
   * @param description of program and target
   * @param link the descriptor, or a negative error number
   * @param ability asked for if the kernel did not accept the order
   */
  int check(String description, int link, Supplier<Support> ability) {
    String where = this == LAST ? description : description + ", " + this;
    if (link == -Errno.ENOENT) {
      throw new BpfException("attach", where, Errno.ENOENT, "the other link is not attached there");
    }
    if (link == -Errno.EINVAL && ability.get() instanceof Support.No no) {
      throw new KernelUnsupportedException("attach", where, Errno.EINVAL, no.reason());
    }
    return Failure.check("attach", where, link);
  }

  @Override
  public String toString() {
    return description;
  }
}
