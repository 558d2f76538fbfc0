// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import io.github.jbypass.core.internal.BpfCalls;
import io.github.jbypass.core.internal.ProbeCalls;
import io.github.jbypass.core.internal.ProbeCalls.ProgramShape;
import io.github.jbypass.core.internal.QueryCalls;
import java.util.EnumSet;

/**
 * Finds out where the kernel lets programs be attached, without attaching any to something that
 * carries traffic.
 */
final class AttachProbe {
  private static final int LOOPBACK = 1; // the index of lo in every network namespace
  private static final int ENXIO = 6;

  private AttachProbe() {}

  static Support run(AttachType type) {
    return switch (type) {
      case SK_SKB_STREAM_PARSER, SK_SKB_STREAM_VERDICT, SK_SKB_VERDICT, SK_MSG_VERDICT ->
          toEmptySocketMap(type);
      case TCX_INGRESS, TCX_EGRESS, NETKIT_PRIMARY, NETKIT_PEER -> queried(type);
      case TRACE_ITER -> iterator("bpf_iter_bpf_map", type.since());
      case OTHER,
          TRACE_RAW_TP,
          TRACE_FENTRY,
          TRACE_FEXIT,
          MODIFY_RETURN,
          LSM_MAC,
          LSM_CGROUP,
          STRUCT_OPS,
          PERF_EVENT,
          TRACE_KPROBE_MULTI,
          TRACE_KPROBE_SESSION,
          TRACE_UPROBE_MULTI,
          TRACE_UPROBE_SESSION,
          XDP,
          XDP_DEVMAP,
          XDP_CPUMAP ->
          new Support.Unknown("it takes a function or device of the kernel to try it on");
      // the kernel looks at what these are loaded for, or has no other for the type
      default ->
          Probe.answer(
              ProbeCalls.loadProgram(Probe.program(type.programType(), type.number())).descriptor(),
              type.since(),
              type.programType().needs());
    };
  }

  private static Support toEmptySocketMap(AttachType type) {
    var needs = EnumSet.of(Capability.CAP_BPF, Capability.CAP_NET_ADMIN);
    return SocketMapTrial.run(
        type,
        type.since(),
        needs,
        (program, map) -> BpfCalls.attach(program, map, type.number()),
        false);
  }

  /** The kernel answers for the types that it knows, also where nothing is attached. */
  private static Support queried(AttachType type) {
    try (var query = new QueryCalls()) {
      int result = query.run(LOOPBACK, type.number(), false);
      return result >= 0 || result == -ENXIO // lo is no netkit device
          ? Probe.YES
          : Probe.answer(result, type.since(), EnumSet.of(Capability.CAP_NET_ADMIN));
    }
  }

  /** Loads an iterator over what a function of the kernel's type information stands for. */
  static Support iterator(String target, KernelVersion since) {
    var needs = ProgramType.TRACING.needs();
    var id = KernelBtf.function(target);
    if (id.isEmpty()) {
      return KernelFeatures.ability(KernelAbility.BTF).isPresent()
          ? Probe.no(since)
          : new Support.Unknown("the kernel shows no types in " + KernelBtf.FILE);
    }
    var smallest = Probe.program(ProgramType.TRACING, AttachType.TRACE_ITER.number());
    var loaded =
        ProbeCalls.loadProgram(
            new ProgramShape(
                smallest.type(), smallest.attachType(), id.getAsInt(), 0, smallest.instructions()));
    return Probe.answer(loaded.descriptor(), since, needs);
  }
}
