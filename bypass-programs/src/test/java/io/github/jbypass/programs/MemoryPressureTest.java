// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jbypass.maps.Counter;
import io.github.jbypass.programs.testing.DataPath;
import io.github.jbypass.programs.testing.Eventually;
import io.github.jbypass.programs.testing.Family;
import io.github.jbypass.programs.testing.Mode;
import io.github.jbypass.programs.testing.Pair;
import io.github.jbypass.programs.testing.Resources;
import io.github.jbypass.programs.testing.Talk;
import io.github.jbypass.testing.KernelTest;
import io.github.jbypass.testing.TestCgroup;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Where TCP has to save memory, a sender waits for it as without redirecting. */
@KernelTest
class MemoryPressureTest {
  private static final Path LIMITS = Path.of("/proc/sys/net/ipv4/tcp_mem");

  private final Resources resources = new Resources();
  private final DataPath path = resources.add(DataPath.open(Mode.ACCELERATED));

  @AfterEach
  void closeAll() {
    resources.close();
  }

  @Test
  void messagesGoOverTcpWhileTheHostIsShortOfSocketMemory() throws Exception {
    Pair pair = resources.add(Pair.connect(Family.IPV4));
    Talk.on(pair, 1);
    whileShortOfMemory(
        () -> {
          Eventually.assertBecomes(
              true,
              () -> {
                Talk.on(pair, 2);
                return counted() > 0;
              },
              "pressure noticed");
          long redirected = path.bypass().counters().get(Counter.REDIRECTED);
          Talk.on(pair, 3);
          assertEquals(redirected, path.bypass().counters().get(Counter.REDIRECTED));
        });
    assertTrue(counted() > 0);
  }

  @Test
  void anAgentStartsWhileTheHostIsShortOfSocketMemory() throws Exception {
    Pair pair = resources.add(Pair.connect(Family.IPV4));
    try (TestCgroup group = TestCgroup.create()) {
      whileShortOfMemory(
          () -> {
            Talk.on(pair, 1); // so that the kernel notices
            Bypass.builder().cgroup(group.cgroup()).load().close();
          });
    }
  }

  private interface Task {
    void run() throws Exception;
  }

  private void whileShortOfMemory(Task task) throws Exception {
    Pair unread = resources.add(path.outside(() -> Pair.connect(Family.IPV4)));
    unread.client().sendAll(new byte[1 << 16]); // where nothing is used, nothing is short
    String before = Files.readAllLines(LIMITS).getFirst();
    String most = before.split("\\s+")[2];
    try {
      Files.writeString(LIMITS, "0 0 " + most); // any use at all is too much, but is served
      task.run();
    } finally {
      Files.writeString(LIMITS, before);
    }
  }

  private long counted() {
    return path.bypass().counters().get(Counter.TCP_NO_MEMORY);
  }
}
