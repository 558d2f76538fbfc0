// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * Maps of an object that are to be pinned: those that are already are taken, the others made.
 * libbpf would do it too, but without a look at whose pins they are.
 */
final class MapPins {
  private final Map<String, Path> files = new LinkedHashMap<>();
  private final Set<String> taken = new LinkedHashSet<>();

  void put(String map, Path file) {
    files.put(map, file);
  }

  /** Before the load. */
  void take(BiConsumer<String, BpfMap> use) {
    files.forEach(
        (name, file) -> {
          if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            try (var map = BpfMap.openPin(file)) {
              use.accept(name, map);
              taken.add(name);
            }
          } else {
            Pins.requireBpfFileSystem("pin", "map " + name + " at " + file, file);
          }
        });
  }

  /** After the load: all or none, and then no object either. */
  void make(BpfObject object) {
    var made = new ArrayDeque<Path>();
    try {
      files.forEach(
          (name, file) -> {
            if (!taken.contains(name)) {
              object.map(name).pin(file);
              made.push(file);
            }
          });
    } catch (Throwable t) {
      made.forEach(Pins::remove);
      object.close();
      throw t;
    }
  }
}
