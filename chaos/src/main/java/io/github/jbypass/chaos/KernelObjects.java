// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.chaos;

import io.github.jbypass.core.BpfException;
import io.github.jbypass.core.BpfMap;
import io.github.jbypass.core.BpfProgram;
import io.github.jbypass.core.MapType;
import io.github.jbypass.maps.ArrivalMap;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.IntFunction;

/** Maps and programs that processes have had open, by their numbers, which the kernel uses once. */
final class KernelObjects {
  private static final int ENOENT = 2;

  private static final String FROM_OUTSIDE = "arrived";

  /** Maps whose entries belong to connections, by names as the kernel cuts them. */
  private static final Set<String> OF_CONNECTIONS =
      Set.of(
          "sockets",
          "proxies",
          "handshakes",
          "dialled",
          "original_destin",
          FROM_OUTSIDE,
          "arriving");

  private final Set<Integer> maps = new TreeSet<>();
  private final Set<Integer> programs = new TreeSet<>();

  /** Remembers what a process has open. */
  void add(long pid) {
    try (var files = Files.list(Path.of("/proc", Long.toString(pid), "fdinfo"))) {
      files.forEach(this::add);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void add(Path file) {
    try {
      for (var line : Files.readAllLines(file)) {
        var words = line.split(":\\s*");
        switch (words[0]) {
          case "map_id" -> maps.add(Integer.parseInt(words[1]));
          case "prog_id" -> programs.add(Integer.parseInt(words[1]));
          default -> {}
        }
      }
    } catch (NoSuchFileException e) {
      return; // it has just been closed
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * What is still there, and whether it is this process that keeps it. Arrays of programs are left
   * out, not the programs in them: the kernel (seen in 6.18) never frees one that somebody opens by
   * its number and closes, as all do who list maps, while it is being emptied.
   */
  Map<String, String> left() {
    var left = new TreeMap<String, String>();
    var own = new KernelObjects();
    own.add(ProcessHandle.current().pid());
    for (int id : maps) {
      open(BpfMap::openById, id)
          .ifPresent(
              map -> {
                if (map.info().type() != MapType.PROG_ARRAY) {
                  left.put(
                      "map " + id,
                      map.name() + (own.maps.contains(id) ? ", open in this process" : ""));
                }
                map.close();
              });
    }
    for (int id : programs) {
      open(BpfProgram::openById, id)
          .ifPresent(
              program -> {
                left.put("program " + id, program.name());
                program.close();
              });
    }
    return left;
  }

  /**
   * How many entries there are in maps of connections; those without any are left out.
   *
   * @param agent the process that is there to forget connections. In maps of those before it,
   *     connections from outside that were reset are noted as such until the filters go
   */
  Map<String, Integer> entries(long agent) {
    var entries = new TreeMap<String, Integer>();
    var attended = new KernelObjects();
    attended.add(agent);
    for (int id : maps) {
      open(BpfMap::openById, id)
          .ifPresent(
              map -> {
                if (OF_CONNECTIONS.contains(map.name())) {
                  int count =
                      map.name().equals(FROM_OUTSIDE) && !attended.maps.contains(id)
                          ? new ArrivalMap(map).size()
                          : count(map);
                  if (count > 0) {
                    entries.put(map.name() + " (" + id + ")", count);
                  }
                }
                map.close();
              });
    }
    return entries;
  }

  private static int count(BpfMap map) {
    try (var arena = Arena.ofConfined()) {
      var key = arena.allocate(map.keySize(), Long.BYTES);
      int count = 0;
      for (boolean more = map.nextKey(null, key); more; more = map.nextKey(key, key)) {
        count++;
      }
      return count;
    }
  }

  private static <T> Optional<T> open(IntFunction<T> opener, int id) {
    try {
      return Optional.of(opener.apply(id));
    } catch (BpfException e) {
      if (e.errno() == ENOENT) {
        return Optional.empty();
      }
      throw e;
    }
  }
}
