// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.maps;

import io.github.jbypass.core.LayoutMismatchException;
import io.github.jbypass.core.LoadedObject;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * What the programs have learned of the services of this host, read from the memory that they learn
 * in: no system call. They remember some thousands; of two that fall on one place, the latest.
 * Where short connections are enrolled as any others, nothing is learned.
 *
 * <p>Thread-safe. A service that changes just then may be read half before and half after. Throws
 * {@link IllegalStateException} once the object is closed. Kernel 5.15.
 */
public final class Services {
  private final MemorySegment slots;
  private final ServiceCodec codec;

  /**
   * The services of a loaded object.
   *
   * @param object the loaded programs
   * @throws LayoutMismatchException if it remembers something else
   */
  public Services(LoadedObject object) {
    codec = new ServiceCodec(object.btf());
    slots = object.global("services");
  }

  /** {@return all that are remembered, in no order} */
  public List<Service> snapshot() {
    var all = new ArrayList<Service>();
    long now = System.nanoTime(); // CLOCK_MONOTONIC, as in the kernel
    for (long at = 0; at < slots.byteSize(); at += ServiceCodec.SIZE) {
      codec.decode(slots.asSlice(at, ServiceCodec.SIZE), now).ifPresent(all::add);
    }
    return all;
  }
}
