// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import io.github.jbypass.core.internal.LibBpf;
import io.github.jbypass.core.internal.ProgramDeclarations;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * A program that an object declares.
 *
 * @param name its name: its function's in C
 * @param section where it lies in the object, such as "cgroup/connect4": that says what it is
 * @param type its type; OTHER if the section's name says nothing
 * @param attachType where it is to be attached; empty if the section's name does not say it
 * @param autoload whether it is going to be loaded
 */
public record BpfProgramSpec(
    String name,
    String section,
    ProgramType type,
    Optional<AttachType> attachType,
    boolean autoload) {
  static BpfProgramSpec of(MemorySegment program) {
    var type = ProgramType.of(LibBpf.programType(program));
    int attachType = LibBpf.programAttachType(program);
    // libbpf says 0 for "none", which is also the number of the first type.
    boolean known = attachType != 0 || type == ProgramType.CGROUP_SKB;
    return new BpfProgramSpec(
        LibBpf.programName(program),
        ProgramDeclarations.section(program),
        type,
        known ? Optional.of(AttachType.of(attachType)) : Optional.empty(),
        ProgramDeclarations.autoload(program));
  }
}
