// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.maps;

import static io.github.jbypass.maps.StructLayout.at;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.github.jbypass.core.BpfMap;
import io.github.jbypass.core.BpfObject;
import io.github.jbypass.core.LayoutMismatchException;
import java.net.InetAddress;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Connections from outside that the programs on pods' interfaces lead to sidecars: for each, the
 * ports that are exchanged in its packets. Only the programs write them.
 *
 * <p>Thread-safe. Operations throw {@link IllegalStateException} once the object is closed. Kernel
 * 5.15.
 */
public final class ArrivalMap {
  private static final int CLIENT = 0;
  private static final int POD = 16;
  private static final int PORTS = 32;
  private static final int DIRECTION = 36;
  private static final int TO_POD = 0;
  private static final int RESET = 6;

  private static final StructLayout KEY =
      new StructLayout(
          "arrival_key",
          40,
          Map.of(
              "client", at(CLIENT, 16),
              "pod", at(POD, 16),
              "client_port", at(PORTS, 2),
              "pod_port", at(PORTS + 2, 2),
              "direction", at(DIRECTION, 4)));

  private static final StructLayout VALUE =
      new StructLayout(
          "arrival",
          12,
          Map.of("client_port", at(0, 2), "pod_port", at(2, 2), "reset", at(RESET, 2)));

  /** A connection, as the client knows it; both ports in one number. */
  private record Ends(InetAddress client, InetAddress pod, int ports) {}

  private final BpfMap established;

  /**
   * The connections of a loaded object.
   *
   * @param object the loaded programs
   * @throws LayoutMismatchException if its entries are not what this class reads
   */
  public ArrivalMap(BpfObject object) {
    this(object.map("arrived"));
    KEY.check(object.btf());
    VALUE.check(object.btf());
  }

  /**
   * As above, of a map that was found by other means.
   *
   * @param established the map of established connections
   */
  public ArrivalMap(BpfMap established) {
    this.established = established;
  }

  /**
   * Number of established connections, counted one by one. Those that were reset are none any more,
   * also if nobody was there to forget them.
   *
   * @return how many
   */
  public int size() {
    if (established.keySize() != KEY.size() || established.valueSize() != VALUE.size()) {
      int[] entries = {0}; // another version's
      established.forEachKey(_ -> entries[0]++);
      return (entries[0] + 1) / 2; // an entry for each direction
    }
    return connections().size();
  }

  /** {@return the addresses of pods that have any established connection} */
  public Set<InetAddress> pods() {
    var addresses = new HashSet<InetAddress>();
    connections().forEach(ends -> addresses.add(ends.pod));
    return addresses;
  }

  private Set<Ends> connections() {
    var found = new HashSet<Ends>();
    var reset = new HashSet<Ends>();
    established.forEach(
        (key, value) -> {
          boolean toPod = key.get(JAVA_INT, DIRECTION) == TO_POD;
          int ports = toPod ? key.get(JAVA_INT, PORTS) : value.get(JAVA_INT, 0);
          var ends =
              new Ends(AddressCodec.decode(key, CLIENT), AddressCodec.decode(key, POD), ports);
          (value.get(JAVA_SHORT, RESET) == 0 ? found : reset).add(ends);
        });
    found.removeAll(reset);
    return found;
  }
}
