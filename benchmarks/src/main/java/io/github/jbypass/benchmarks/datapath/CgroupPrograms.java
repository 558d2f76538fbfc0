// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.datapath;

import io.github.jbypass.core.AttachType;
import io.github.jbypass.core.AttachedProgram;
import io.github.jbypass.core.BpfMap;
import io.github.jbypass.core.BpfProgram;
import io.github.jbypass.core.Cgroup;
import io.github.jbypass.core.ProgramStatistics;
import io.github.jbypass.examples.rig.UndoStack;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** The programs that are attached to a cgroup, as the kernel sees them. */
final class CgroupPrograms implements AutoCloseable {
  private static final List<AttachType> TYPES =
      List.of(
          AttachType.CGROUP_SOCK_OPS,
          AttachType.CGROUP_INET4_BIND,
          AttachType.CGROUP_INET4_CONNECT,
          AttachType.CGROUP_INET6_CONNECT,
          AttachType.CGROUP_INET4_GETPEERNAME,
          AttachType.CGROUP_INET6_GETPEERNAME,
          AttachType.CGROUP_GETSOCKOPT);

  private final UndoStack undo = new UndoStack();
  private final Map<AttachType, BpfProgram> programs = new LinkedHashMap<>();

  CgroupPrograms(Cgroup cgroup) {
    try {
      for (var type : TYPES) {
        for (var attached : AttachedProgram.list(cgroup, type)) {
          programs.put(type, undo.push(BpfProgram.openById(attached.program())));
        }
      }
    } catch (RuntimeException e) {
      undo.closeAfter(e);
      throw e;
    }
  }

  /** What each has cost so far while {@code KernelStatistics} were enabled. */
  Map<AttachType, ProgramStatistics> statistics() {
    var statistics = new LinkedHashMap<AttachType, ProgramStatistics>();
    programs.forEach((type, program) -> statistics.put(type, program.statistics()));
    return statistics;
  }

  /** Bytes of kernel memory of all maps that they use, as far as the kernel tells. */
  long mapMemory() {
    var ids = new TreeSet<Integer>();
    programs.values().forEach(program -> ids.addAll(program.info().mapIds()));
    long bytes = 0;
    for (int id : ids) {
      try (var map = BpfMap.openById(id)) {
        bytes += map.info().memory().orElse(0);
      }
    }
    return bytes;
  }

  @Override
  public void close() {
    undo.close();
  }
}
