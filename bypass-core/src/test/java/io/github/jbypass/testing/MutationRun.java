// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.testing;

import io.github.jbypass.core.BpfException;
import io.github.jbypass.core.BpfObjectSpec;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeMap;
import java.util.logging.LogManager;

/**
 * Opens damaged objects, and loads those that open. Before each it writes its number into a file,
 * so that whoever started it knows what ended it.
 */
final class MutationRun {
  private MutationRun() {}

  /** Takes the object's file, the first number, how many, and the file for the number. */
  public static void main(String[] arguments) throws IOException {
    LogManager.getLogManager().reset(); // libbpf complains about each
    var whole = Files.readAllBytes(Path.of(arguments[0]));
    long first = Long.parseLong(arguments[1]);
    long count = Long.parseLong(arguments[2]);
    var outcomes = new TreeMap<String, Integer>();
    try (var current = new RandomAccessFile(arguments[3], "rw")) {
      for (long seed = first; seed < first + count; seed++) {
        current.seek(0);
        current.writeLong(seed);
        outcomes.merge(outcome(Mutation.of(whole, seed)), 1, Integer::sum);
      }
    }
    System.out.println(outcomes);
  }

  private static String outcome(byte[] damaged) {
    try (var spec = BpfObjectSpec.open("damaged", damaged)) {
      try {
        spec.load().close();
        return "loaded";
      } catch (BpfException e) {
        return "opened, " + e.getClass().getSimpleName();
      }
    } catch (BpfException e) {
      return e.getClass().getSimpleName();
    }
  }
}
