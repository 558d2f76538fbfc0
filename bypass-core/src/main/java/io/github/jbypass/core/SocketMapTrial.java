// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import io.github.jbypass.core.internal.Fd;
import io.github.jbypass.core.internal.ProbeCalls;
import java.util.Set;
import java.util.function.IntBinaryOperator;

/** Attaches a program to a socket map without sockets, which goes away with the trial. */
final class SocketMapTrial {
  private SocketMapTrial() {}

  /**
   * Runs a trial.
   *
   * @param type what the program is loaded for
   * @param since the first kernel that can do it
   * @param needs what it takes
   * @param attach from descriptors of program and map to zero, a descriptor or a negative error
   *     number
   * @param gives whether attach gives a descriptor
   */
  static Support run(
      AttachType type,
      KernelVersion since,
      Set<Capability> needs,
      IntBinaryOperator attach,
      boolean gives) {
    int map = MapProbe.create(MapType.SOCKMAP, 0);
    if (map < 0) {
      return Probe.answer(map, since, needs);
    }
    try (var target = new Fd(map, "an empty socket map")) {
      int program =
          ProbeCalls.loadProgram(Probe.program(type.programType(), type.number())).descriptor();
      if (program < 0) {
        return Probe.answer(program, since, needs);
      }
      try (var attached = new Fd(program, "a program to attach to it")) {
        int result = attach.applyAsInt(attached.number(), target.number());
        return result >= 0 && !gives ? Probe.YES : Probe.answer(result, since, needs);
      }
    }
  }
}
