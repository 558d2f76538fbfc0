// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jbypass.core.BpfObjectSpec;
import io.github.jbypass.core.MapType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which programs can take over from each other is told by a fingerprint of what they share. */
class LayoutTest {
  /** Policy, pods, and what is only tried out. */
  private static final List<String> OWN =
      List.of("networks", "identities", "pod.*", "probe_sockets");

  private static final Path SOURCES = Path.of("..", "bpf-src");

  @TempDir private Path directory;

  @Test
  void policyAndLimitsOfAVersionAreItsOwn() {
    assertEquals(fingerprint(_ -> {}), fingerprint(spec -> spec.set("queue_limit", 1)));
    assertEquals(fingerprint(_ -> {}), fingerprint(spec -> spec.maxEntries("networks", 9)));
  }

  @Test
  void sizesOfSharedMapsAreNot() {
    for (String map : SharedState.MAPS) {
      if (!map.startsWith(".") && !isStorage(map)) {
        assertNotEquals(fingerprint(_ -> {}), fingerprint(spec -> spec.maxEntries(map, 8192)), map);
      }
    }
    try (BpfObjectSpec spec = open()) {
      assertNotEquals(
          SharedState.fingerprint(spec, true), SharedState.fingerprint(spec, false), "intercepts");
    }
  }

  /** Every map is either handed over or knows nothing of connections. */
  @Test
  void everyMapIsSharedOrAVersionsOwn() {
    try (BpfObjectSpec spec = open()) {
      for (String map : spec.mapNames()) {
        boolean own = OWN.stream().anyMatch(map::matches);
        assertTrue(
            own ^ SharedState.MAPS.contains(map), () -> map + ": is it to survive an upgrade?");
      }
    }
  }

  @Test
  void anotherVersionOfTheSourcesIsTheSameLayoutUnlessWhatIsSharedChanges() throws Exception {
    String unchanged = fingerprint(_ -> {});
    assertEquals(unchanged, compiled("mesh.h", "__u16 dns_port;", "__u32 dns_port;"));
    assertNotEquals(unchanged, compiled("types.h", "LAYOUT_VERSION = 1", "LAYOUT_VERSION = 2"));
    assertNotEquals(unchanged, compiled("types.h", "__u32 is_server;", "__u64 is_server;"));
  }

  private static String fingerprint(Consumer<BpfObjectSpec> change) {
    try (BpfObjectSpec spec = open()) {
      change.accept(spec);
      return SharedState.fingerprint(spec, true);
    }
  }

  private static boolean isStorage(String map) {
    try (BpfObjectSpec spec = open()) {
      return spec.map(map).type() == MapType.SK_STORAGE;
    }
  }

  private static BpfObjectSpec open() {
    return BpfObjectSpec.open("bypass", Bypass.class.getResourceAsStream("bypass.bpf.o"));
  }

  private String compiled(String file, String from, String to) throws Exception {
    Path sources = Files.createTempDirectory(directory, "bpf");
    try (var files = Files.list(SOURCES)) {
      for (Path source : files.toList()) {
        Files.copy(source, sources.resolve(source.getFileName()));
      }
    }
    replace(sources, file, from, to);
    Path object = directory.resolve("other.o");
    Files.deleteIfExists(object);
    Process build =
        new ProcessBuilder("sh", SOURCES + "/build.sh", sources.toString(), object.toString())
            .inheritIO()
            .start();
    assertEquals(0, build.waitFor(), "exit status of the build");
    try (BpfObjectSpec spec = BpfObjectSpec.open("bypass", Files.readAllBytes(object))) {
      return SharedState.fingerprint(spec, true);
    }
  }

  private static void replace(Path sources, String file, String from, String to)
      throws IOException {
    String text = Files.readString(sources.resolve(file));
    assertTrue(text.contains(from), () -> file + " has no " + from);
    Files.writeString(sources.resolve(file), text.replace(from, to));
  }
}
