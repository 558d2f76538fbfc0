// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import io.github.jbypass.core.BpfException;
import io.github.jbypass.core.LayoutMismatchException;
import io.github.jbypass.core.PinException;
import io.github.jbypass.core.PrivilegeException;
import io.github.jbypass.core.internal.Membarrier;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A data path that is pinned, to be steered from outside: with or without a process that it belongs
 * to. Steers those of other layouts in the same directory too. Closing it leaves them as they are.
 *
 * <p>Thread-safe. Needs CAP_BPF.
 */
public final class PinnedBypass implements AutoCloseable {
  private final List<PinnedLayout> layouts;
  private final List<Switches> switches = new ArrayList<>();

  private PinnedBypass(List<PinnedLayout> layouts) {
    this.layouts = layouts;
  }

  /**
   * Opens what is pinned in a directory.
   *
   * @param directory where {@link Bypass#pinTo} has pinned
   * @return to be closed
   * @throws PinException if nothing is pinned there, or what is there is damaged or not this user's
   */
  public static PinnedBypass at(Path directory) {
    var opened = new PinnedBypass(PinRoot.layouts(directory));
    try {
      opened.layouts.forEach(layout -> opened.switches.add(layout.switches()));
      return opened;
    } catch (RuntimeException e) {
      opened.close();
      throw e;
    }
  }

  /** As {@link Bypass#enable}. */
  public void enable() {
    for (var some : switches) {
      some.enrolling(!some.superseded());
      some.enabled(true);
    }
  }

  /** As {@link Bypass#disable}. */
  public void disable() {
    switches.forEach(some -> some.enabled(false));
  }

  /** {@return whether redirecting is switched on} */
  public boolean isEnabled() {
    return switches.stream().anyMatch(Switches::enabled);
  }

  /**
   * As {@link Bypass#drain}.
   *
   * @param timeout how long to wait at most; an interrupt ends it too
   * @return what is left unread
   * @throws PrivilegeException without CAP_SYS_ADMIN; nothing is switched off then
   * @throws LayoutMismatchException if it is of another version; likewise
   * @throws BpfException if the kernel does not take the program that tells flows; likewise
   */
  public DrainReport drain(Duration timeout) {
    try (var flows = PinnedFlows.open(layouts)) {
      var told = flows.all();
      for (var some : switches) {
        some.enrolling(false);
        some.enabled(false);
      }
      Membarrier.awaitReaders();
      return Drain.await(told, timeout);
    }
  }

  /** Ends the steering. */
  @Override
  public void close() {
    switches.forEach(Switches::close);
  }
}
