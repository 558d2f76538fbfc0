// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * What the running kernel can do with BPF. Each question is answered by trying it, with the
 * smallest map or program that shows it; nothing is attached to anything that carries traffic.
 *
 * <p>Thread-safe. Whether the kernel has something is found out once for the process; where it
 * could not be told, for instance for want of a capability, the next call tries again.
 *
 * {@snippet :
 * if (KernelFeatures.ability(KernelAbility.SOCKET_MAP_LINK) instanceof Support.No no) {
 *   System.err.println("sockets keep their program until they close: " + no.reason());
 * }
 * }
 */
public final class KernelFeatures {
  private static final Map<Object, Support> KNOWN = new ConcurrentHashMap<>();

  private record Call(ProgramType type, Helper helper) {}

  private KernelFeatures() {}

  /**
   * {@return whether maps of a type can be created}
   *
   * @param type the type
   * @throws LibraryMissingException if libbpf is not there or may not be called
   */
  public static Support mapType(MapType type) {
    return known(type, () -> MapProbe.run(type));
  }

  /**
   * {@return whether programs of a type can be loaded}
   *
   * @param type the type
   * @throws LibraryMissingException if libbpf is not there or may not be called
   */
  public static Support programType(ProgramType type) {
    return known(type, () -> ProgramProbe.run(type));
  }

  /**
   * {@return whether programs can be attached in a way}
   *
   * @param type the way
   * @throws LibraryMissingException if libbpf is not there or may not be called
   */
  public static Support attachType(AttachType type) {
    return known(type, () -> AttachProbe.run(type));
  }

  /**
   * {@return whether programs of a type may call a helper}
   *
   * @param type the type of the programs
   * @param helper the helper
   * @throws LibraryMissingException if libbpf is not there or may not be called
   */
  public static Support helper(ProgramType type, Helper helper) {
    return known(new Call(type, helper), () -> HelperProbe.run(type, helper));
  }

  /**
   * {@return whether the kernel can do something else that makes a difference to users of BPF}
   *
   * @param ability the ability
   * @throws LibraryMissingException if libbpf is not there or may not be called
   */
  public static Support ability(KernelAbility ability) {
    return known(ability, () -> AbilityProbe.run(ability));
  }

  private static Support known(Object question, Supplier<Support> probe) {
    var answer = KNOWN.get(question);
    if (answer != null) {
      return answer;
    }
    Failure.requireLibbpf("probe", question.toString());
    var found = probe.get();
    if (!(found instanceof Support.Unknown)) {
      KNOWN.put(question, found);
    }
    return found;
  }
}
