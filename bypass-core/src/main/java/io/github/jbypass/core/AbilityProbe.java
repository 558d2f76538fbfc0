// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.github.jbypass.core.internal.Errno;
import io.github.jbypass.core.internal.Fd;
import io.github.jbypass.core.internal.LinkCalls;
import io.github.jbypass.core.internal.MapCalls;
import io.github.jbypass.core.internal.ProbeCalls;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.IntUnaryOperator;

/** Tries out what is neither a type nor a helper. */
final class AbilityProbe {
  private static final int MMAPABLE = 1 << 10;
  private static final int NO_DESCRIPTOR = -1;
  private static final int CALL = 0x85;
  private static final int MOVE = 0xb7;
  private static final int R1 = 1;
  private static final int R2 = 2;
  private static final int KERNEL_FUNCTION = 2 << 4; // as the source register

  private AbilityProbe() {}

  static Support run(KernelAbility ability) {
    var since = ability.since();
    return switch (ability) {
      case BTF -> Files.isReadable(KernelBtf.FILE) ? Probe.YES : Probe.no(since);
      case MMAPABLE_ARRAY ->
          Probe.answer(MapProbe.create(MapType.ARRAY, MMAPABLE), since, mapNeeds());
      case BATCH_OPERATIONS -> onHash(AbilityProbe::updateBatch, since);
      case HASH_LOOKUP_AND_DELETE -> onHash(AbilityProbe::takeMissing, since);
      case BPF_LINK -> withoutProgram(since);
      case SOCKET_MAP_ITERATOR -> AttachProbe.iterator("bpf_iter_sockmap", since);
      // a helper that came with the same version; what changed itself can't be seen
      case MEMCG_ACCOUNTING ->
          KernelFeatures.helper(ProgramType.SOCKET_FILTER, Helper.KTIME_GET_COARSE_NS);
      case TYPED_CAST -> typedCast(since);
      case SOCKET_MAP_LINK -> socketMapLink(since);
      case CGROUP_ORDER -> cgroupOrder(since);
    };
  }

  private static Set<Capability> mapNeeds() {
    return MapProbe.needs(MapType.HASH);
  }

  private static Support onHash(IntUnaryOperator operation, KernelVersion since) {
    int map = MapProbe.create(MapType.HASH, 0);
    if (map < 0) {
      return Probe.answer(map, since, mapNeeds());
    }
    try (var hash = new Fd(map, "a hash")) {
      int result = operation.applyAsInt(hash.number());
      return result >= 0 ? Probe.YES : Probe.answer(result, since, mapNeeds());
    }
  }

  private static int updateBatch(int map) {
    try (var arena = Arena.ofConfined()) {
      var entry = arena.allocate(JAVA_INT);
      return MapCalls.updateBatch(map, entry, entry, arena.allocateFrom(JAVA_INT, 1));
    }
  }

  private static int takeMissing(int map) {
    try (var arena = Arena.ofConfined()) {
      var entry = arena.allocate(JAVA_INT);
      int result = MapCalls.lookupAndDelete(map, entry, entry);
      return result == -Errno.ENOENT ? 0 : result;
    }
  }

  /** A kernel that knows links misses the program; another one refuses the command. */
  private static Support withoutProgram(KernelVersion since) {
    int result =
        LinkCalls.create(NO_DESCRIPTOR, NO_DESCRIPTOR, AttachType.CGROUP_SOCK_OPS.number(), 0, 0);
    return result == -Errno.EBADF
        ? Probe.YES
        : Probe.answer(result, since, EnumSet.of(Capability.CAP_BPF));
  }

  private static Support typedCast(KernelVersion since) {
    var function = KernelBtf.function("bpf_rdonly_cast");
    var struct = KernelBtf.struct("sock");
    if (function.isEmpty() || struct.isEmpty()) {
      return KernelFeatures.ability(KernelAbility.BTF).isPresent()
          ? Probe.no(since)
          : new Support.Unknown("the kernel shows no types in " + KernelBtf.FILE);
    }
    var needs = ProgramType.SK_MSG.needs();
    needs.add(Capability.CAP_PERFMON);
    var code =
        new long[] {
          Probe.instruction(MOVE, R1, 0),
          Probe.instruction(MOVE, R2, struct.getAsInt()),
          Probe.instruction(CALL, KERNEL_FUNCTION, function.getAsInt()),
          Probe.RETURN_ONE,
          Probe.EXIT
        };
    var loaded = ProbeCalls.loadProgram(ProgramProbe.shape(ProgramType.SK_MSG, code));
    return Probe.answer(loaded.descriptor(), since, needs);
  }

  private static Support socketMapLink(KernelVersion since) {
    return SocketMapTrial.run(
        AttachType.SK_MSG_VERDICT,
        since,
        ProgramType.SK_MSG.needs(),
        (program, map) -> LinkCalls.create(program, map, AttachType.SK_MSG_VERDICT.number(), 0, 0),
        true);
  }

  /** The kernel looks at the flags before it looks for the group, which there is none of. */
  private static Support cgroupOrder(KernelVersion since) {
    var needs = ProgramType.SOCK_OPS.needs();
    int program = ProbeCalls.loadProgram(ProgramProbe.shape(ProgramType.SOCK_OPS)).descriptor();
    if (program < 0) {
      return Probe.answer(program, since, needs);
    }
    try (var owned = new Fd(program, "a program to order")) {
      int result =
          LinkCalls.create(
              owned.number(),
              NO_DESCRIPTOR,
              AttachType.CGROUP_SOCK_OPS.number(),
              LinkCalls.BEFORE,
              0);
      return result == -Errno.EBADF ? Probe.YES : Probe.answer(result, since, needs);
    }
  }
}
