// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core.typed;

import io.github.jbypass.core.BpfMap;
import io.github.jbypass.core.LayoutMismatchException;
import java.util.ArrayList;

/** Whether codecs fit a map. */
final class Sizes {
  private Sizes() {}

  static void check(BpfMap map, Codec<?> keys, Codec<?> values) {
    var differences = new ArrayList<String>();
    if (keys.size() != map.keySize()) {
      differences.add("keys: Java has %d bytes, the map %d".formatted(keys.size(), map.keySize()));
    }
    if (values.size() != map.valueSize()) {
      differences.add(
          "values: Java has %d bytes, the map %d".formatted(values.size(), map.valueSize()));
    }
    if (!differences.isEmpty()) {
      throw new LayoutMismatchException(map.toString(), differences);
    }
  }
}
