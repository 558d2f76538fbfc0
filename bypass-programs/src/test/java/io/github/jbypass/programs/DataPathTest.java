// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import io.github.jbypass.programs.testing.Brief;
import io.github.jbypass.programs.testing.DataPath;
import io.github.jbypass.programs.testing.Mode;
import io.github.jbypass.programs.testing.Resources;
import io.github.jbypass.testing.KernelTest;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** A specification that must hold on plain TCP and, word for word, when it is accelerated. */
@KernelTest
@ParameterizedClass
@MethodSource("modes")
abstract class DataPathTest {
  @Parameter Mode mode;

  /** Closed after the test, latest first; the data path last of all. */
  final Resources resources = new Resources();

  DataPath path;

  /** Plain TCP validates the tests. */
  static Stream<Mode> modes() {
    return Brief.isOn() ? Stream.of(Mode.ACCELERATED) : Stream.of(Mode.values());
  }

  @BeforeEach
  void openPath() {
    path = resources.add(DataPath.open(mode));
  }

  @AfterEach
  void closeAll() {
    resources.close();
  }
}
