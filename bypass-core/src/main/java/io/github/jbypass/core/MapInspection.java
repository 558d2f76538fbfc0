// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.github.jbypass.core.internal.Errno;
import io.github.jbypass.core.internal.LinkCalls;
import io.github.jbypass.core.internal.MapCalls;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Finds maps in the kernel, and what the kernel knows of them. */
final class MapInspection {
  /** Offsets in the kernel's {@code struct bpf_map_info}. */
  private static final int INFO_SIZE = 80;

  private static final int INFO_TYPE = 0;
  private static final int INFO_ID = 4;
  private static final int INFO_KEY_SIZE = 8;
  private static final int INFO_VALUE_SIZE = 12;
  private static final int INFO_MAX_ENTRIES = 16;
  private static final int INFO_FLAGS = 20;
  private static final int INFO_NAME = 24;

  private MapInspection() {}

  static MapInfo info(int fd, String description) {
    try (var arena = Arena.ofConfined()) {
      var info = arena.allocate(INFO_SIZE, Long.BYTES);
      Failure.check("inspect", description, LinkCalls.info(fd, info));
      var more = fdinfo(fd);
      return new MapInfo(
          info.get(JAVA_INT, INFO_ID),
          info.getString(INFO_NAME),
          MapType.of(info.get(JAVA_INT, INFO_TYPE)),
          info.get(JAVA_INT, INFO_KEY_SIZE),
          info.get(JAVA_INT, INFO_VALUE_SIZE),
          info.get(JAVA_INT, INFO_MAX_ENTRIES),
          info.get(JAVA_INT, INFO_FLAGS),
          more.containsKey("memlock")
              ? OptionalLong.of(Long.parseLong(more.get("memlock")))
              : OptionalLong.empty(),
          Optional.ofNullable(more.get("frozen")).map("1"::equals));
    }
  }

  /** What only /proc tells; nothing where it is not mounted. */
  private static Map<String, String> fdinfo(int fd) {
    var entries = new HashMap<String, String>();
    try (var lines = Files.lines(Path.of("/proc/self/fdinfo", Integer.toString(fd)))) {
      lines
          .map(line -> line.split(":\\s*", 2))
          .filter(parts -> parts.length == 2)
          .forEach(parts -> entries.put(parts[0], parts[1]));
    } catch (IOException e) {
      return Map.of();
    }
    return entries;
  }

  static BpfMap openById(int id) {
    var description = "map number " + id;
    Failure.requireLibbpf("open", description);
    int fd = MapCalls.open(id);
    if (fd == -Errno.EPERM) {
      throw Refusal.exception("open", description, -fd, EnumSet.of(Capability.CAP_SYS_ADMIN));
    }
    if (fd == -Errno.ENOENT) {
      throw Failure.of("open", description, -fd, "there is none of this number, or not any more");
    }
    return BpfMap.adopt("", Failure.check("open", description, fd));
  }

  static BpfMap openPin(Path path) {
    try (var fd = Pins.open(path, Pins.Kind.MAP)) {
      return BpfMap.duplicate("", fd.number());
    }
  }
}
