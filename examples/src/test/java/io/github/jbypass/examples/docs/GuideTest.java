// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whether the guide and the README can be relied on. */
class GuideTest {
  /** What has to be run; blocks of other languages may be. */
  private static final Set<String> CODE = Set.of("java", "c");

  private static final Pattern PATH =
      Pattern.compile("`((?:bypass-|bpf-src|examples|benchmarks|docs)[\\w./-]*/[\\w./-]+)`");

  static List<Page> pages() throws IOException {
    return Page.all();
  }

  @ParameterizedTest
  @MethodSource("pages")
  void everyBlockOfCodeStandsInAFileThatIsBuiltAndTested(Page page) throws IOException {
    for (var block : page.blocks()) {
      var where = page + ":" + block.line();
      if (CODE.contains(block.language())) {
        assertThat(block.source()).as("%s names no file", where).isPresent();
      }
      if (block.source().isPresent()) {
        var source = block.source().get();
        assertThat(isTested(source)).as("%s: %s is not tested", where, source).isTrue();
        assertThat(contains(Page.ROOT.resolve(source), block.text()))
            .as("%s: this is not in %s:\n%s", where, source, block.text())
            .isTrue();
      }
    }
  }

  /** Tests run; what is built for tests, and the example project, are run by them. */
  private static boolean isTested(String source) {
    return source.matches("[\\w-]+/src/test/java/.*Test\\.java")
        || source.matches("[\\w-]+/src/test/bpf/.*\\.bpf\\.c")
        || source.startsWith("examples/custom-program/");
  }

  /** Whether a file has this in it, however it is indented and broken into lines there. */
  static boolean contains(Path file, String code) throws IOException {
    return Files.readString(file).replaceAll("\\s", "").contains(code.replaceAll("\\s", ""));
  }

  @ParameterizedTest
  @MethodSource("pages")
  void everyLinkLeadsSomewhere(Page page) throws IOException {
    for (var link : page.links()) {
      var uri = URI.create(link);
      if (uri.getScheme() != null) {
        assertThat(uri.getScheme()).as(link).isEqualTo("https"); // not fetched
        continue;
      }
      var target =
          uri.getPath().isEmpty() ? page.file() : page.file().resolveSibling(uri.getPath());
      assertThat(target.normalize()).as("%s in %s", link, page).exists();
      if (uri.getFragment() != null) {
        assertThat(Page.of(target).anchors()).as(link).contains(uri.getFragment());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("pages")
  void everyFileThatIsNamedExists(Page page) {
    PATH.matcher(page.prose())
        .results()
        .map(found -> found.group(1))
        .forEach(path -> assertThat(Page.ROOT.resolve(path)).as("in %s", page).exists());
  }

  @Test
  void theIndexLeadsToEveryPageAndTheReadmeToTheIndex() throws IOException {
    var index = Page.of(Page.ROOT.resolve("docs/README.md"));
    try (Stream<Path> files = Files.list(Page.ROOT.resolve("docs"))) {
      assertThat(index.links())
          .containsAll(
              files
                  .map(file -> file.getFileName().toString())
                  .filter(name -> !name.equals("README.md"))
                  .toList());
    }
    assertThat(Page.of(Page.ROOT.resolve("README.md")).links()).contains("docs/README.md");
  }
}
