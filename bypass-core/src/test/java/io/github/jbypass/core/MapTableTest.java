// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * docs/maps.md: its table says of each type what MapOperation does; MapTypesTest asks the kernel.
 */
class MapTableTest {
  private static final Path PAGE = Path.of("../docs/maps.md");

  /** What the columns stand for. */
  private static final List<List<MapOperation>> COLUMNS =
      List.of(
          List.of(MapOperation.LOOKUP),
          List.of(MapOperation.UPDATE),
          List.of(MapOperation.DELETE),
          List.of(MapOperation.NEXT_KEY),
          List.of(MapOperation.LOOKUP_AND_DELETE),
          List.of(MapOperation.LOOKUP_BATCH, MapOperation.UPDATE_BATCH),
          List.of(MapOperation.LOOKUP_AND_DELETE_BATCH),
          List.of(MapOperation.DELETE_BATCH),
          List.of(MapOperation.MAP_MEMORY));

  record Row(MapType type, List<Boolean> cells) {}

  static Stream<Row> rows() throws IOException {
    return Files.readAllLines(PAGE).stream()
        .filter(line -> line.matches("\\| [A-Z_]+ \\|.*"))
        .map(line -> line.split("\\|", -1))
        .map(
            cells ->
                new Row(
                    MapType.valueOf(cells[1].strip()),
                    Arrays.stream(cells)
                        .skip(2)
                        .limit(COLUMNS.size())
                        .map(cell -> cell.contains("yes"))
                        .toList()));
  }

  @ParameterizedTest
  @MethodSource("rows")
  void aRowSaysWhatTheTypeCanDo(Row row) {
    var expected = new ArrayList<Boolean>();
    for (var operations : COLUMNS) {
      var answers = operations.stream().map(one -> one.isOf(row.type())).distinct().toList();
      assertThat(answers).as(operations.toString()).hasSize(1);
      expected.addAll(answers);
    }

    assertThat(row.cells()).isEqualTo(expected);
  }

  @Test
  void allTypesThatTheLibraryServesAreListed() throws IOException {
    assertThat(rows().map(Row::type)).doesNotHaveDuplicates().hasSize(15);
  }
}
