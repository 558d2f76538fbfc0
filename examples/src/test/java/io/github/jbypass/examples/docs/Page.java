// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A page of Markdown. */
public record Page(Path file, List<String> lines) {
  public static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  private static final Pattern SOURCE = Pattern.compile("<!-- (\\S+) -->");
  private static final Pattern FENCE = Pattern.compile("```(\\w*)");
  private static final Pattern LINK = Pattern.compile("]\\(([^)\\s]+)\\)");

  /**
   * A fenced block.
   *
   * @param line where it begins, from 1
   * @param language what stands behind the fence, or nothing
   * @param source the file that the line above names
   */
  public record Block(int line, String language, Optional<String> source, String text) {}

  public static Page of(Path file) throws IOException {
    return new Page(file, Files.readAllLines(file));
  }

  /** The README, the list of changes, and the guide. */
  static List<Page> all() throws IOException {
    var pages =
        new ArrayList<>(List.of(of(ROOT.resolve("README.md")), of(ROOT.resolve("CHANGES.md"))));
    try (Stream<Path> files = Files.list(ROOT.resolve("docs"))) {
      for (var file : files.filter(name -> name.toString().endsWith(".md")).sorted().toList()) {
        pages.add(of(file));
      }
    }
    return pages;
  }

  public List<Block> blocks() {
    var blocks = new ArrayList<Block>();
    for (int i = 0; i < lines.size(); i++) {
      var fence = FENCE.matcher(lines.get(i));
      if (!fence.matches()) {
        continue;
      }
      int end = i + 1;
      while (!lines.get(end).equals("```")) {
        end++;
      }
      var above = SOURCE.matcher(i == 0 ? "" : lines.get(i - 1));
      var source = above.matches() ? Optional.of(above.group(1)) : Optional.<String>empty();
      var text = String.join("\n", lines.subList(i + 1, end));
      blocks.add(new Block(i + 1, fence.group(1), source, text));
      i = end;
    }
    return blocks;
  }

  /** The text without its blocks. */
  String prose() {
    var prose = new ArrayList<String>();
    boolean inside = false;
    for (var line : lines) {
      if (FENCE.matcher(line).matches()) {
        inside = !inside;
      } else if (!inside) {
        prose.add(line);
      }
    }
    return String.join(" ", prose);
  }

  /** Where its links point to. */
  List<String> links() {
    return LINK.matcher(prose()).results().map(found -> found.group(1)).toList();
  }

  /** What links can point to inside it, as GitHub derives it from headings. */
  Set<String> anchors() {
    return lines.stream()
        .filter(line -> line.startsWith("#"))
        .map(line -> line.replaceFirst("#+ ", "").toLowerCase(Locale.ROOT))
        .map(title -> title.replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-'))
        .collect(Collectors.toSet());
  }

  @Override
  public String toString() {
    return ROOT.relativize(file).toString();
  }
}
