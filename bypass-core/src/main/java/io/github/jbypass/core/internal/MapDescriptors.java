// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core.internal;

import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Lets faces of a map that live in other packages use its descriptor themselves. */
public final class MapDescriptors {
  private static @Nullable Function<Object, Fd> descriptors;

  private MapDescriptors() {}

  /** Called once, by the class of maps, before there is any map. */
  public static void provide(Function<Object, Fd> function) {
    descriptors = function;
  }

  /** The descriptor of a {@link io.github.jbypass.core.BpfMap}, which stays its owner. */
  public static Fd of(Object map) {
    return Objects.requireNonNull(descriptors).apply(map);
  }
}
