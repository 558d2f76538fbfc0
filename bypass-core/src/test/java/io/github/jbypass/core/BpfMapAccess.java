// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import java.util.function.IntConsumer;

/** What tests need to know of maps and users need not. */
final class BpfMapAccess {
  private BpfMapAccess() {}

  static void withDescriptor(BpfMap map, IntConsumer action) {
    map.owner().acquire();
    try {
      action.accept(map.fd());
    } finally {
      map.owner().release();
    }
  }
}
