// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.maps;

import static io.github.jbypass.maps.StructLayout.at;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.github.jbypass.core.BpfMap;
import io.github.jbypass.core.BpfObject;
import io.github.jbypass.core.Btf;
import io.github.jbypass.core.LayoutMismatchException;
import io.github.jbypass.core.UpdateMode;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Map;

/**
 * The networks of an enrolment policy, in an LPM trie: of all networks that hold an address, the
 * smallest decides.
 *
 * <p>Thread-safe. Operations throw {@link IllegalStateException} once the object is closed. Kernel
 * 5.15.
 */
public final class NetworkRules {
  private static final StructLayout LAYOUT =
      new StructLayout("network", 20, Map.of("prefix_length", at(0, 4), "address", at(4, 16)));
  static final int NO_RULE = 0;
  static final Cidr ALL_IPV4 = new Cidr(InetAddress.ofLiteral("0.0.0.0"), 0);

  /** What a network means. C: {@code enum network_rule}, of which this is one less. */
  public enum Rule {
    /** Connections with an address in it are enrolled. */
    INCLUDED,
    /** Connections with an address in it stay on TCP. */
    EXCLUDED;

    int code() {
      return ordinal() + 1;
    }
  }

  /** Compares the constants with those that the object was compiled with. */
  static void checkRules(Btf btf) {
    var rules = btf.enumValues("network_rule");
    for (var rule : Rule.values()) {
      PodCodec.checkConstant("network_rule", rules, "NETWORK_" + rule, rule.code());
    }
  }

  private final BpfMap map;

  /**
   * The networks of a loaded object; none yet.
   *
   * @param object the loaded programs
   * @throws LayoutMismatchException if its entries are not what this class writes
   */
  public NetworkRules(BpfObject object) {
    LAYOUT.check(object.btf());
    checkRules(object.btf());
    map = object.map("networks");
    // IPv4 lives inside ::/0 as ::ffff:0:0/96: without its own rule, IPv6 networks would rule it
    put(ALL_IPV4, NO_RULE);
  }

  /**
   * Adds a network, or changes what it means.
   *
   * @param network the network
   * @param rule what holds for its addresses
   */
  public void put(Cidr network, Rule rule) {
    put(network, rule.code());
  }

  private void put(Cidr network, int rule) {
    var scratch = Scratch.get();
    boolean ipv4 = network.address() instanceof Inet4Address;
    scratch.key.set(JAVA_INT, 0, network.prefixLength() + (ipv4 ? AddressCodec.MAPPED_BITS : 0));
    AddressCodec.encode(network.address(), scratch.key, 4);
    scratch.value.set(JAVA_INT, 0, rule);
    map.update(scratch.key, scratch.value, UpdateMode.ANY);
  }
}
