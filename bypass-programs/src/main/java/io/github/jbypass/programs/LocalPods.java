// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import io.github.jbypass.core.BpfException;
import io.github.jbypass.core.NetworkNamespace;
import io.github.jbypass.core.TcFilter;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Finds out which filters lead the connections of which pods, where nobody remembers it. */
final class LocalPods {
  private LocalPods() {}

  /**
   * {@return those of the filters that are on none of the pods' interfaces} None at all if there is
   * a pod of which it can't be told where it is.
   *
   * @param filters some filters
   * @param pods addresses of pods
   */
  static List<TcFilter> without(Collection<InetAddress> pods, List<TcFilter> filters) {
    Map<NetworkNamespace, Set<InetAddress>> local = new HashMap<>();
    for (var filter : filters) {
      local.computeIfAbsent(filter.device().namespace(), namespace -> in(namespace, pods));
    }
    var missing = new HashSet<>(pods);
    local.values().forEach(missing::removeAll);
    return missing.isEmpty()
        ? filters.stream().filter(f -> local.get(f.device().namespace()).isEmpty()).toList()
        : List.of();
  }

  private static Set<InetAddress> in(NetworkNamespace namespace, Collection<InetAddress> pods) {
    try {
      return namespace.run(
          () -> {
            var local = new HashSet<>(pods);
            local.removeIf(address -> !isLocal(address));
            return local;
          });
    } catch (BpfException e) {
      return Set.of(); // it is gone, and its interfaces with it
    }
  }

  /** Nothing can be bound to an address of somebody else. */
  private static boolean isLocal(InetAddress address) {
    try (var _ = new DatagramSocket(new InetSocketAddress(address, 0))) {
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
