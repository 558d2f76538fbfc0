// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.maps;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.github.jbypass.core.BpfMap;
import io.github.jbypass.core.BpfObject;
import io.github.jbypass.core.UpdateMode;
import io.github.jbypass.maps.NetworkRules.Rule;
import io.github.jbypass.maps.PodCodec.Direction;
import io.github.jbypass.maps.PodCodec.Identity;
import io.github.jbypass.maps.PodCodec.PodChange;
import io.github.jbypass.maps.PodCodec.PodList;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;

/** The kernel's tables of pods. For one thread at a time. */
final class PodTables {
  private static final int NO_POD = 0;

  private final BpfMap identities;
  private final BpfMap pods;
  private final BpfMap rules;
  private final BpfMap networks;

  PodTables(BpfObject object) {
    PodCodec.check(object.btf());
    Identity.check(object.btf());
    PodChange.check(object.btf());
    identities = object.map("identities");
    pods = object.map("pods");
    rules = object.map("pod_rules");
    networks = object.map("pod_networks");
  }

  /** Writes a pod under a number that nothing refers to yet. */
  void write(int number, Pod pod, Mesh mesh) {
    eachEntry(number, pod, mesh, this::put);
    var scratch = Scratch.get();
    scratch.key.set(JAVA_INT, 0, number);
    PodCodec.encodePod(pod, mesh, scratch.value);
    pods.update(scratch.key, scratch.value, UpdateMode.ANY);
  }

  /** Removes what {@link #write} wrote, or a part of it. */
  void erase(int number, Pod pod, Mesh mesh) {
    var scratch = Scratch.get();
    scratch.key.set(JAVA_INT, 0, number);
    pods.delete(scratch.key);
    eachEntry(number, pod, mesh, (map, ignored) -> map.delete(Scratch.get().key));
  }

  /** Tells to whom identities belong from a generation on. */
  void stage(Map<Identity, Integer> before, Map<Identity, Integer> after, long generation) {
    for (var identity : union(before.keySet(), after.keySet())) {
      int old = before.getOrDefault(identity, NO_POD);
      int next = after.getOrDefault(identity, NO_POD);
      if (old != next) {
        put(identity, new PodChange(generation, old, next));
      }
    }
  }

  /** Takes back what {@link #stage} did, or a part of it. */
  void unstage(Map<Identity, Integer> before, Map<Identity, Integer> after) {
    for (var identity : union(before.keySet(), after.keySet())) {
      var old = before.get(identity);
      if (old == null) {
        forget(identity);
      } else if (!Objects.equals(old, after.get(identity))) {
        put(identity, new PodChange(0, old, old));
      }
    }
  }

  /** Removes an identity that belongs to nobody any more. */
  void forget(Identity identity) {
    var scratch = Scratch.get();
    identity.encode(scratch.key);
    identities.delete(scratch.key);
  }

  private void put(Identity identity, PodChange change) {
    var scratch = Scratch.get();
    identity.encode(scratch.key);
    change.encode(scratch.value);
    identities.update(scratch.key, scratch.value, UpdateMode.ANY);
  }

  private static HashSet<Identity> union(Collection<Identity> some, Collection<Identity> others) {
    var all = new HashSet<>(some);
    all.addAll(others);
    return all;
  }

  /** Does something with an entry, whose key is in the scratch memory. */
  private interface EntryAction {
    void accept(BpfMap map, int rule);
  }

  private void put(BpfMap map, int rule) {
    var scratch = Scratch.get();
    scratch.value.set(JAVA_INT, 0, rule);
    map.update(scratch.key, scratch.value, UpdateMode.ANY);
  }

  private void eachEntry(int number, Pod pod, Mesh mesh, EntryAction action) {
    var policy = pod.policy();
    var unseen = (BitSet) policy.inbound().excludedPorts().clone();
    mesh.statusPorts().forEach(unseen::set);
    policy.statusPort().ifPresent(unseen::set);
    unseen.set(mesh.inboundPort());
    eachPort(
        number, PodList.OUTBOUND_PORT, policy.outbound().includedPorts(), Rule.INCLUDED, action);
    eachPort(
        number, PodList.OUTBOUND_PORT, policy.outbound().excludedPorts(), Rule.EXCLUDED, action);
    eachPort(number, PodList.INBOUND_PORT, policy.inbound().includedPorts(), Rule.INCLUDED, action);
    eachPort(number, PodList.INBOUND_PORT, unseen, Rule.EXCLUDED, action);
    for (int user : policy.excludedUsers()) {
      PodCodec.encodeRule(number, PodList.EXCLUDED_USER, user, Scratch.get().key);
      action.accept(rules, Rule.EXCLUDED.code());
    }
    for (var direction : Direction.values()) {
      var listed = direction.rules(policy);
      if (PodCodec.hasNetworks(listed)) {
        eachNetwork(number, direction, NetworkRules.ALL_IPV4, NetworkRules.NO_RULE, action);
      }
      for (var network : listed.includedNetworks()) {
        eachNetwork(number, direction, network, Rule.INCLUDED.code(), action);
      }
      for (var network : listed.excludedNetworks()) {
        eachNetwork(number, direction, network, Rule.EXCLUDED.code(), action);
      }
    }
  }

  private void eachPort(int number, PodList list, BitSet ports, Rule rule, EntryAction action) {
    for (int port = ports.nextSetBit(0); port >= 0; port = ports.nextSetBit(port + 1)) {
      PodCodec.encodeRule(number, list, port, Scratch.get().key);
      action.accept(rules, rule.code());
    }
  }

  private void eachNetwork(
      int number, Direction direction, Cidr network, int rule, EntryAction action) {
    PodCodec.encodeNetwork(number, direction, network, Scratch.get().key);
    action.accept(networks, rule);
  }
}
