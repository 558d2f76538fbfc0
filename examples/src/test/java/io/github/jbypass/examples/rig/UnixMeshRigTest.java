// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples.rig;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.jbypass.testing.KernelTest;
import java.nio.file.Files;
import java.time.Duration;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
@KernelTest
class UnixMeshRigTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  @ParameterizedTest
  @EnumSource
  void requestsAreAnsweredWithoutTcp(SidecarMode mode) throws Exception {
    UnixMeshRig rig = UnixMeshRig.start("unix", mode);
    try (rig) {
      String answered =
          rig.runInClient(
              LIMIT,
              "h2load",
              "--h1",
              "--clients=2",
              "--requests=100",
              "--base-uri=unix:" + rig.socket(),
              rig.httpUrl(100_000));
      assertThat(answered).contains("100 2xx", "9.54MB (10000000) data");
      assertThat(rig.runInClient(LIMIT, "cat", "/proc/net/tcp", "/proc/net/tcp6").lines())
          .hasSize(2); // the headings
    }
    assertThat(Files.exists(rig.socket())).isFalse();
  }
}
