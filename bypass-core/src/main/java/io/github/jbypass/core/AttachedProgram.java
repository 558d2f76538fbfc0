// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import io.github.jbypass.core.internal.Errno;
import io.github.jbypass.core.internal.QueryCalls;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;

/**
 * A program that somebody has attached to something.
 *
 * @param program its number; {@link BpfProgram#openById} opens it
 * @param link the number of the link that holds it there; 0 if there is none or the kernel does not
 *     tell, which it does for network devices only
 */
public record AttachedProgram(int program, int link) {
  /**
   * {@return the programs that are attached to a control group itself, in the order of attachment}
   * Kernel 4.15.
   *
   * @param cgroup the group
   * @param type where they are attached
   */
  public static List<AttachedProgram> list(Cgroup cgroup, AttachType type) {
    return list(cgroup, type, false);
  }

  /**
   * {@return the programs that run for a control group, those of the groups above it included, in
   * the order in which they run} Kernel 4.15.
   *
   * @param cgroup the group
   * @param type where they are attached
   */
  public static List<AttachedProgram> effective(Cgroup cgroup, AttachType type) {
    return list(cgroup, type, true);
  }

  private static List<AttachedProgram> list(Cgroup cgroup, AttachType type, boolean effective) {
    try (var target = cgroup.open()) {
      return query(
          cgroup.toString(),
          query -> query.run(target.number(), type.number(), effective),
          "no attach type of control groups, or the kernel does not know it");
    }
  }

  /**
   * {@return the program that runs for the sockets of a socket map; at most one for each attach
   * type} Kernel 5.18.
   *
   * @param socketMap a SOCKMAP or SOCKHASH
   * @param type where it is attached, such as SK_MSG_VERDICT
   */
  public static List<AttachedProgram> list(BpfMap socketMap, AttachType type) {
    socketMap.owner().acquire();
    try {
      return query(
          socketMap.toString(),
          query -> query.run(socketMap.fd(), type.number(), false),
          "no attach type of socket maps, or the kernel is older than 5.18");
    } finally {
      socketMap.owner().release();
    }
  }

  /**
   * {@return the programs that are attached to a network device by tcx, in the order in which they
   * run; none on kernels before 6.6} {@link TcFilter#list} has the filters.
   *
   * @param device the device
   * @param direction which packets they see
   */
  public static List<AttachedProgram> list(NetworkDevice device, TcDirection direction) {
    int type = AttachType.of(direction).number();
    return device
        .namespace()
        .run(
            () ->
                query(
                    device.toString(),
                    query -> orNone(query.run(device.index(), type, false)),
                    ""));
  }

  /** EINVAL: the kernel has no tcx; ENOENT: the device never had a program. */
  private static int orNone(int result) {
    return result == -Errno.EINVAL || result == -Errno.ENOENT ? 0 : result;
  }

  private static List<AttachedProgram> query(
      String target, ToIntFunction<QueryCalls> question, String invalid) {
    try (var query = new QueryCalls()) {
      int result = question.applyAsInt(query);
      if (result == -Errno.EINVAL) {
        throw new KernelUnsupportedException("list programs of", target, -result, invalid);
      }
      Failure.check("list programs of", target, result);
      var found = new ArrayList<AttachedProgram>();
      for (int i = 0; i < query.count(); i++) {
        found.add(new AttachedProgram(query.program(i), query.link(i)));
      }
      return List.copyOf(found);
    }
  }
}
