// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import io.github.jbypass.core.BpfException;
import io.github.jbypass.core.LayoutMismatchException;
import io.github.jbypass.core.PrivilegeException;
import io.github.jbypass.core.RunningObject;
import io.github.jbypass.maps.Counters;
import io.github.jbypass.maps.Events;
import io.github.jbypass.maps.Flows;
import io.github.jbypass.maps.Services;
import java.util.ArrayList;
import java.util.List;

/**
 * A {@link Bypass} that is attached on this host, whichever process it belongs to: to look on, not
 * to steer. Closing it leaves the {@code Bypass} alone.
 *
 * <p>Thread-safe. Needs CAP_SYS_ADMIN. Kernel 5.15.
 */
public final class RunningBypass implements AutoCloseable {
  private final RunningObject object;

  private RunningBypass(RunningObject object) {
    this.object = object;
  }

  /**
   * Finds all that are attached.
   *
   * @return in the order in which they were loaded; to be closed, each
   * @throws PrivilegeException without CAP_SYS_ADMIN
   */
  public static List<RunningBypass> find() {
    var all = RunningObject.withProgram(Bypass.TRACKER).stream().map(RunningBypass::new).toList();
    try {
      var found = new ArrayList<RunningBypass>();
      for (var running : all) {
        if (running.isAttached()) {
          found.add(running);
        } else {
          running.close();
        }
      }
      return found;
    } catch (RuntimeException e) {
      all.forEach(RunningBypass::close);
      throw e;
    }
  }

  /** {@return a number that no other one has, as long as it is loaded} */
  public int id() {
    return object.id();
  }

  /**
   * {@return whether it is still attached: it is pinned, or its process has neither closed it nor
   * ended}
   */
  public boolean isAttached() {
    return !object.links(Bypass.TRACKER).isEmpty();
  }

  /**
   * {@return what {@link Bypass#counters} tells there}
   *
   * @throws LayoutMismatchException if it is of another version
   */
  public Counters counters() {
    return new Counters(object);
  }

  /**
   * {@return what {@link Bypass#flows} tells there}
   *
   * @throws LayoutMismatchException if it is of another version
   * @throws BpfException if it does not tell them
   */
  public Flows flows() {
    if (Bypass.ITERATORS.stream().noneMatch(object::hasProgram)) {
      throw new BpfException(
          "read",
          "flows",
          Bypass.EOPNOTSUPP,
          "it does not tell them: it is of another version, it is ending, or the kernel rejected its"
              + " iterator");
    }
    return new Flows(object);
  }

  /**
   * {@return what {@link Bypass#services} tells there}
   *
   * @throws LayoutMismatchException if it is of another version
   */
  public Services services() {
    return new Services(object);
  }

  /**
   * Listens to its events, until the result is closed.
   *
   * @return the events, to be closed
   * @throws LayoutMismatchException if it is of another version
   * @throws BpfException if somebody listens already, in whatever process
   */
  public Events events() {
    return Events.listen(object);
  }

  /** Ends the looking on. */
  @Override
  public void close() {
    object.close();
  }
}
