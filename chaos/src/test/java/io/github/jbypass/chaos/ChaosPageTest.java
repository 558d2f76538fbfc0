// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.jbypass.chaos.ends.Route;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/chaos.md lists what there is, and nothing else. */
class ChaosPageTest {
  @Test
  void everyRouteAndActionHasItsRow() throws IOException {
    var rows =
        Files.readAllLines(Path.of("../docs/chaos.md")).stream()
            .filter(line -> line.startsWith("| `"))
            .map(line -> line.split("`")[1])
            .toList();
    List<String> names =
        Stream.<Enum<?>>concat(Stream.of(Route.values()), Stream.of(Action.values()))
            .map(Enum::name)
            .toList();
    assertThat(rows).containsExactlyInAnyOrderElementsOf(names);
  }
}
