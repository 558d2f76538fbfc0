// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs.testing;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.github.jbypass.core.BpfProgram;
import io.github.jbypass.core.internal.Fd;
import io.github.jbypass.core.internal.IdCalls;
import io.github.jbypass.core.internal.LinkCalls;
import java.lang.foreign.Arena;
import java.util.function.IntUnaryOperator;

/** Somebody else who changes a program's link behind its owner's back, as bpftool can. */
public final class Stranger {
  private static final int INFO_SIZE = 64; // struct bpf_link_info
  private static final int PROGRAM = 8;

  private Stranger() {}

  /** Detaches the link of a program. */
  public static void detach(BpfProgram program) {
    withLink(program.id(), LinkCalls::detach);
  }

  /** Puts another program in the place of one that is linked. */
  public static void replace(BpfProgram program, BpfProgram other) {
    try (Fd next = new Fd(LinkCalls.openProgram(other.id()), other.toString())) {
      withLink(program.id(), link -> LinkCalls.update(link, next.number(), -1));
    }
  }

  private static void withLink(int program, IntUnaryOperator change) {
    for (int id = IdCalls.nextLink(0); id > 0; id = IdCalls.nextLink(id)) {
      int number = IdCalls.openLink(id);
      if (number < 0) {
        continue; // another test's, that has just ended
      }
      try (Fd _ = new Fd(number, "link " + id)) {
        if (programOf(number) == program) {
          int result = change.applyAsInt(number);
          if (result < 0) {
            throw new AssertionError("a stranger fails with " + -result);
          }
          return;
        }
      }
    }
    throw new AssertionError("program " + program + " has no link");
  }

  private static int programOf(int link) {
    try (Arena arena = Arena.ofConfined()) {
      var info = arena.allocate(INFO_SIZE, Long.BYTES);
      int result = LinkCalls.info(link, info);
      return result < 0 ? result : info.get(JAVA_INT, PROGRAM);
    }
  }
}
