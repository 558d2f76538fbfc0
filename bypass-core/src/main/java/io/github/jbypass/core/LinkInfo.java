// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.jbypass.core.internal.Fd;
import io.github.jbypass.core.internal.LinkCalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * What an attachment is.
 *
 * @param id the kernel's number of the link; 0 without a link
 * @param type how it is kept
 * @param program the number of the program
 * @param attachType where at the target it hangs; OTHER if the kernel does not tell
 * @param target what it is attached to
 */
public record LinkInfo(int id, LinkType type, int program, AttachType attachType, Target target) {
  private static final int SIZE = 64; // struct bpf_link_info, with room for what it may grow by
  private static final int ID = 4;
  private static final int PROGRAM = 8;
  private static final int DETAILS = 16;

  /** What a program is attached to. */
  public sealed interface Target {}

  /**
   * A control group.
   *
   * @param id its number, as {@link Cgroup#id} has it
   */
  public record OfCgroup(long id) implements Target {}

  /**
   * A map.
   *
   * @param id its number
   */
  public record OfMap(int id) implements Target {}

  /**
   * A network device.
   *
   * @param index its number in its network namespace
   */
  public record OfDevice(int index) implements Target {}

  /** Nothing any more, or nothing that this version of the library knows. */
  public record OfNothing() implements Target {}

  static LinkInfo of(Fd link, String description) {
    try (var arena = Arena.ofConfined()) {
      var info = arena.allocate(SIZE, Long.BYTES);
      int result = link.use(fd -> LinkCalls.info(fd, info));
      Failure.check("inspect", description, result);
      return parse(info);
    }
  }

  private static LinkInfo parse(MemorySegment info) {
    var type = LinkType.of(info.get(JAVA_INT, 0));
    int first = info.get(JAVA_INT, DETAILS);
    int second = info.get(JAVA_INT, DETAILS + Integer.BYTES);
    int third = info.get(JAVA_INT, DETAILS + Long.BYTES);
    int fourth = info.get(JAVA_INT, DETAILS + Long.BYTES + Integer.BYTES);
    long id = info.get(JAVA_LONG, DETAILS);
    Target target =
        switch (type) {
          case CGROUP -> id == 0 ? new OfNothing() : new OfCgroup(id);
          case ITER -> fourth == 0 ? new OfNothing() : new OfMap(fourth);
          case SOCKMAP -> first == 0 ? new OfNothing() : new OfMap(first);
          case TCX, NETKIT, XDP -> first == 0 ? new OfNothing() : new OfDevice(first);
          default -> new OfNothing();
        };
    var attachType =
        switch (type) {
          case CGROUP -> AttachType.of(third);
          case SOCKMAP, TCX, NETKIT, NETNS -> AttachType.of(second);
          case TRACING -> AttachType.of(first);
          case ITER -> AttachType.TRACE_ITER;
          case XDP -> AttachType.XDP;
          default -> AttachType.OTHER;
        };
    return new LinkInfo(
        info.get(JAVA_INT, ID), type, info.get(JAVA_INT, PROGRAM), attachType, target);
  }
}
