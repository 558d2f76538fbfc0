// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.jbypass.programs.testing.Loading;
import io.github.jbypass.testing.KernelTest;
import io.github.jbypass.testing.TestCgroup;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Programs that are really broken are found out before they carry anybody's bytes. */
@KernelTest
@Timeout(120)
class LoadChecksTest {
  @TempDir private Path directory;

  private final TestCgroup group = TestCgroup.create();

  @AfterEach
  void removeGroup() {
    group.close();
  }

  @Test
  void soundProgramsPassAndStartCountingAtZero() {
    try (var bypass = Bypass.builder().cgroup(group.cgroup()).load()) {
      assertThat(bypass.counters().snapshot()).allSatisfy((_, value) -> assertThat(value).isZero());
      assertThat(bypass.sockets().size()).isZero();
      assertThat(bypass.proxies().size()).isZero();
    }
  }

  @Test
  void theSmallestAndTheLargestQueuePass() {
    for (var limit : new ByteSize[] {ByteSize.bytes(1), BypassBuilder.MAX_QUEUE_LIMIT}) {
      Bypass.builder().cgroup(group.cgroup()).queueLimit(limit).load().close();
    }
  }

  @Test
  @Tag("build")
  void programsThatLetMessagesOvertakeEachOtherAreRefused() throws Exception {
    assertThat(broken("redirect_always = false", "redirect_always = true"))
        .startsWith(
            "REFUSED order: check order of BPF object bypass: a message that was sent after")
        .contains("force()");
  }

  @Test
  @Tag("build")
  void programsThatDoNotSeeHowFullTheQueueIsAreRefused() throws Exception {
    assertThat(broken("if (!has_room(", "if (0 && !has_room("))
        .startsWith("REFUSED backpressure: ")
        .contains("bytes wait to be read");
  }

  @Test
  @Tag("build")
  void programsThatNeverRedirectAreRefused() throws Exception {
    assertThat(broken("READ(cast, peer, tcp_sock, copied_seq) != ", "1 + "))
        .startsWith("REFUSED redirection: ")
        .contains("tcp_unread=");
  }

  @Test
  @Tag("build")
  void forceLoadsThemAndWarns() throws Exception {
    assertThat(broken("redirect_always = false", "redirect_always = true", "force"))
        .contains("WARNING", "event=check_failed reason=\"check order")
        .contains("LOADED, 0 redirected");
  }

  private String broken(String text, String replacement, String... options)
      throws IOException, InterruptedException {
    return Loading.ofSources(directory, "sk_msg.bpf.c", text, replacement, group.path(), options);
  }
}
