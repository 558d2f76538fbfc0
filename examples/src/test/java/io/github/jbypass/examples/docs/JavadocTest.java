// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The snippets in the javadoc. Everything else about it is checked by javac's doclint. */
class JavadocTest {
  private static final String BEGIN = "{@snippet :\n";

  record Snippet(Path file, String code) {
    @Override
    public String toString() {
      return file.getFileName().toString();
    }
  }

  static List<Snippet> snippets() throws IOException {
    return sources("src/main/java").stream().flatMap(file -> snippets(file).stream()).toList();
  }

  private static List<Snippet> snippets(Path file) {
    var snippets = new ArrayList<Snippet>();
    var source = read(file);
    for (int at = source.indexOf(BEGIN); at >= 0; at = source.indexOf(BEGIN, at + 1)) {
      int begin = at + BEGIN.length();
      var code = source.substring(begin, closingBrace(source, begin));
      snippets.add(new Snippet(file, code.replaceAll("(?m)^ *\\* ?", "")));
    }
    return snippets;
  }

  private static int closingBrace(String source, int from) {
    int at = from;
    for (int depth = 1; ; at++) {
      depth += source.charAt(at) == '{' ? 1 : source.charAt(at) == '}' ? -1 : 0;
      if (depth == 0) {
        return at;
      }
    }
  }

  private static List<Path> sources(String directory) throws IOException {
    try (var files = Files.walk(Page.ROOT, 12)) {
      return files
          .filter(file -> file.toString().contains("/" + directory + "/"))
          .filter(file -> file.toString().endsWith(".java"))
          .toList();
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @MethodSource("snippets")
  void everySnippetStandsInATest(Snippet snippet) throws IOException {
    var tests =
        sources("src/test/java").stream()
            .filter(file -> file.toString().endsWith("Test.java"))
            .toList();
    assertThat(anyContains(tests, snippet.code())).as("a test with\n%s", snippet.code()).isTrue();
  }

  private static boolean anyContains(List<Path> files, String code) throws IOException {
    for (var file : files) {
      if (GuideTest.contains(file, code)) {
        return true;
      }
    }
    return false;
  }

  @Test
  void noSnippetIsOverlooked() throws IOException {
    long opened =
        sources("src/main/java").stream()
            .mapToLong(file -> read(file).split("\\{@snippet", -1).length - 1)
            .sum();
    assertThat(snippets()).hasSize((int) opened).isNotEmpty();
  }
}
