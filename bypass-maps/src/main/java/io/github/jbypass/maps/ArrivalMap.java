// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.maps;

import static io.github.jbypass.maps.StructLayout.at;

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
  private static final int POD = 16;
  private static final StructLayout KEY =
      new StructLayout(
          "arrival_key",
          40,
          Map.of("client", at(0, 16), "pod", at(POD, 16), "direction", at(36, 4)));

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
   * Number of established connections, counted one by one.
   *
   * @return how many
   */
  public int size() {
    int[] entries = {0};
    established.forEachKey(_ -> entries[0]++);
    return (entries[0] + 1) / 2; // an entry for each direction
  }

  /** {@return the addresses of pods that have any established connection} */
  public Set<InetAddress> pods() {
    var addresses = new HashSet<InetAddress>();
    established.forEachKey(key -> addresses.add(AddressCodec.decode(key, POD)));
    return addresses;
  }
}
