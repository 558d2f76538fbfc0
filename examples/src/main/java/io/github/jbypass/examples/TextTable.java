// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Columns as wide as what stands in them; the first ones to the left, numbers to the right. */
final class TextTable {
  private final int textColumns;
  private final List<List<String>> rows = new ArrayList<>();

  TextTable(int textColumns, String... headings) {
    this.textColumns = textColumns;
    rows.add(List.of(headings));
  }

  void add(Object... cells) {
    rows.add(IntStream.range(0, cells.length).mapToObj(i -> cells[i].toString()).toList());
  }

  List<String> lines() {
    int columns = rows.getFirst().size();
    int[] widths =
        IntStream.range(0, columns)
            .map(column -> rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0))
            .toArray();
    return rows.stream()
        .map(
            row ->
                IntStream.range(0, columns)
                    .mapToObj(i -> pad(row.get(i), widths[i], i < textColumns))
                    .collect(Collectors.joining("  "))
                    .stripTrailing())
        .toList();
  }

  private static String pad(String text, int width, boolean left) {
    return (left ? "%-" + width + "s" : "%" + width + "s").formatted(text);
  }
}
