// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import io.github.jbypass.core.BpfLink;
import io.github.jbypass.core.BpfMap;
import io.github.jbypass.core.BpfProgram;
import io.github.jbypass.core.Cgroup;
import java.util.function.Supplier;

/**
 * A program and where it belongs.
 *
 * @param role what it is for
 * @param pin the name of its link's pin, which stays the same from version to version
 * @param program the program
 * @param attach attaches it there
 */
record Place(Role role, String pin, BpfProgram program, Supplier<BpfLink> attach) {
  /** In the order in which they are attached; the last go first. */
  enum Role {
    /** Decides over the messages of enrolled sockets. */
    GATE,
    /** Notices connections and enrols them. */
    TRACKER,
    /** Only restores what leaders have changed. */
    RESTORER,
    /** Leads connections to sidecars. */
    LEADER
  }

  /** Pins of links to the socket map: one for all programs of a kind. */
  static final String REDIRECT = "redirect_messages";

  static final String PASS = "pass_stream";

  /** In a control group, known by its number. */
  static Place in(Cgroup cgroup, Role role, BpfProgram program) {
    var pin = OwnNames.linkIn(program.name(), cgroup.id());
    return new Place(role, pin, program, () -> program.attach(cgroup));
  }

  /** At the socket map. */
  static Place at(BpfMap sockets, String pin, BpfProgram program) {
    return new Place(Role.GATE, pin, program, () -> program.attach(sockets));
  }
}
