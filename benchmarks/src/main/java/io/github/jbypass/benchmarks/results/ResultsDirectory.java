// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.results;

import java.net.URISyntaxException;
import java.nio.file.Path;

/** Where results go unless something else is asked for. */
public final class ResultsDirectory {
  private ResultsDirectory() {}

  /**
   * Beside the sources; what is not worth keeping, beside the classes.
   *
   * @param passing whether the results are not worth keeping
   */
  public static Path of(boolean passing) {
    try {
      // benchmarks/target/classes, or benchmarks/target/benchmarks-<version>.jar
      var code = ResultsDirectory.class.getProtectionDomain().getCodeSource().getLocation();
      var target = Path.of(code.toURI()).getParent();
      return passing ? target.resolve("results") : target.resolveSibling("results");
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }
}
