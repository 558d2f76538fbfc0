// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import io.github.jbypass.core.internal.Errno;
import io.github.jbypass.core.internal.TestRunCalls;

/**
 * What became of a program that was run by {@link BpfProgram#testRun}.
 *
 * @param result what it returned, the last time
 * @param data the packet afterwards; empty if there was none
 * @param context the context afterwards; empty if none was given or the type does not return it
 * @param nanoseconds how long a run took on average
 */
public record TestRun(int result, byte[] data, byte[] context, int nanoseconds) {
  static TestRun of(BpfProgram program, byte[] data, byte[] context, int repeat) {
    try (var run = new TestRunCalls()) {
      if (data.length != 0) {
        run.data(data);
      }
      if (context.length != 0) {
        switch (program.type()) {
          case SYSCALL -> run.contextInPlace(context);
          case RAW_TRACEPOINT -> run.contextIn(context);
          default -> run.context(context);
        }
      }
      run.repeat(repeat == 1 ? 0 : repeat); // types that can't repeat accept 0 only
      check(program, program.fd().use(run::run));
      return new TestRun(run.result(), run.dataOut(), run.contextOut(), run.nanoseconds());
    }
  }

  private static void check(BpfProgram program, int result) {
    switch (-result) {
      case Errno.ENOTSUPP ->
          throw new UnsupportedByTypeException(
              "run",
              program.toString(),
              Errno.ENOTSUPP,
              "the kernel can't run programs of type " + program.type());
      case Errno.EINVAL ->
          throw Failure.of(
              "run",
              program.toString(),
              Errno.EINVAL,
              "programs of type %s take other data (a packet has at least 14 bytes), another"
                      .formatted(program.type())
                  + " context or no repetition");
      default -> Failure.check("run", program.toString(), result);
    }
  }
}
