// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.jbypass.testing.KernelTest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@KernelTest
class NetworkNamespaceTest {
  private static final Path OWN = Path.of("/proc/thread-self/ns/net");

  private static long here() throws IOException {
    return (long) Files.getAttribute(OWN, "unix:ino");
  }

  @Test
  void codeRunsInsideInAThreadOfItsOwnAndTheCallerStaysOutside() throws Exception {
    long outside = here();
    try (var inside = new TestNamespace()) {
      var visited = inside.namespace().run(() -> new Object[] {here(), Thread.currentThread()});

      assertThat(visited[0]).isEqualTo(inside.namespace().inode()).isNotEqualTo(outside);
      assertThat(visited[1]).isNotSameAs(Thread.currentThread());
      assertThat(((Thread) visited[1]).isAlive()).isFalse();
      assertThat(here()).isEqualTo(outside);
    }
  }

  @Test
  void codeForThisProcessesNamespaceRunsInTheCallingThread() {
    var own = NetworkNamespace.ofThisProcess();
    assertThat(own.<Thread, RuntimeException>run(Thread::currentThread))
        .isSameAs(Thread.currentThread());
  }

  @Test
  void aSocketThatWasOpenedInsideStaysInside() throws Exception {
    try (var namespace = new TestNamespace();
        var server =
            namespace
                .namespace()
                .run(() -> new ServerSocket(0, 1, InetAddress.getLoopbackAddress()))) {
      var sockets = Files.readString(Path.of("/proc/thread-self/net/tcp"));
      assertThat(sockets).doesNotContain(":%04X ".formatted(server.getLocalPort()));
      int port = server.getLocalPort();
      namespace.namespace().run(() -> new java.net.Socket("127.0.0.1", port)).close();
      server.accept().close();
    }
  }

  @Test
  void namespacesThatAreMountedOrInhabitedAreFoundOnce() throws Exception {
    try (var mounted = new TestNamespace()) {
      var inhabitant = new ProcessBuilder("unshare", "-n", "sleep", "60").start();
      try {
        var inhabited = Path.of("/proc", Long.toString(inhabitant.pid()), "ns", "net");
        while (NetworkNamespace.at(inhabited).equals(NetworkNamespace.ofThisProcess())) {
          Thread.sleep(1); // not yet in its own
        }
        assertThat(NetworkNamespace.all())
            .doesNotHaveDuplicates()
            .contains(mounted.namespace(), NetworkNamespace.at(inhabited))
            .contains(NetworkNamespace.ofThisProcess());
      } finally {
        inhabitant.destroyForcibly().waitFor();
      }
    }
  }

  @Test
  void whatIsThrownInsideArrivesOutside() {
    try (var inside = new TestNamespace()) {
      assertThatExceptionOfType(IOException.class)
          .isThrownBy(
              () ->
                  inside
                      .namespace()
                      .run(
                          () -> {
                            throw new IOException("from inside");
                          }))
          .withMessage("from inside");
    }
  }

  @Test
  @Timeout(20)
  void interruptingTheCallerInterruptsTheVisitAndLosesNothing() throws Exception {
    try (var inside = new TestNamespace()) {
      var namespace = inside.namespace();
      var entered = new CountDownLatch(1);
      var outcome = new String[1];
      var caller =
          Thread.ofPlatform()
              .start(
                  () -> {
                    var told = namespace.<String, RuntimeException>run(() -> sleep(entered));
                    outcome[0] = told + ", caller " + Thread.currentThread().isInterrupted();
                  });
      entered.await();
      caller.interrupt();
      caller.join();
      assertThat(outcome[0]).isEqualTo("visit interrupted, caller true");
    }
  }

  private static String sleep(CountDownLatch entered) {
    entered.countDown();
    try {
      Thread.sleep(60_000);
      return "not interrupted";
    } catch (InterruptedException e) {
      return "visit interrupted";
    }
  }

  @Test
  void namespacesHaveCookiesOfTheirOwn() {
    try (var one = new TestNamespace();
        var other = new TestNamespace()) {
      assertThat(one.namespace().cookie())
          .isPositive()
          .isEqualTo(one.namespace().cookie())
          .isNotEqualTo(other.namespace().cookie())
          .isNotEqualTo(NetworkNamespace.ofThisProcess().cookie());
    }
  }

  @Test
  void oneNamespaceUnderTwoNamesIsEqual() {
    var byPid = NetworkNamespace.ofThisProcess();
    var bySelf = NetworkNamespace.at(Path.of("/proc/self/ns/net"));
    assertThat(byPid).isEqualTo(bySelf).hasSameHashCodeAs(bySelf);
    try (var other = new TestNamespace()) {
      assertThat(byPid).isNotEqualTo(other.namespace());
    }
  }

  @Test
  void itsDevicesAreListedWithNameAndNumber() {
    try (var inside = new TestNamespace()) {
      var namespace = inside.namespace();
      assertThat(namespace.devices()).contains(new NetworkDevice(namespace, "lo", 1));
      inside.ip("link", "add", "dummy7", "type", "veth", "peer", "name", "dummy8");
      assertThat(namespace.devices())
          .extracting(NetworkDevice::name)
          .contains("lo", "dummy7", "dummy8");
      assertThatExceptionOfType(BpfException.class)
          .isThrownBy(() -> namespace.device("eth99"))
          .withMessageContaining("dummy7")
          .withMessageContaining("[ENODEV]");
    }
  }

  @Test
  void aFileThatIsNoNetworkNamespaceIsRefused(@TempDir Path directory) throws IOException {
    var file = Files.createFile(directory.resolve("file"));
    for (var other : new Path[] {file, directory, Path.of("/proc/self/ns/mnt")}) {
      assertThatExceptionOfType(NotNetworkNamespaceException.class)
          .isThrownBy(() -> NetworkNamespace.at(other))
          .withMessageContaining("not a network namespace")
          .withMessageContaining(other.toString());
    }
    assertThatExceptionOfType(NotNetworkNamespaceException.class)
        .isThrownBy(() -> NetworkNamespace.at(directory.resolve("none")))
        .withMessageContaining("there is no such file");
  }

  @Test
  void aNamespaceThatIsGoneIsNotEntered() {
    NetworkNamespace gone;
    try (var inside = new TestNamespace()) {
      gone = inside.namespace();
    }
    assertThatExceptionOfType(NotNetworkNamespaceException.class).isThrownBy(gone::devices);
  }
}
