// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A network namespace for one test, with nothing but a loopback device, which is up. */
final class TestNamespace implements AutoCloseable {
  private static final AtomicInteger COUNTER = new AtomicInteger();

  private final String name =
      "jbypass-test-" + ProcessHandle.current().pid() + "-" + COUNTER.incrementAndGet();

  TestNamespace() {
    run("ip", "netns", "add", name);
    run("ip", "-n", name, "link", "set", "lo", "up");
  }

  Path path() {
    return Path.of("/run/netns", name);
  }

  NetworkNamespace namespace() {
    return NetworkNamespace.at(path());
  }

  NetworkDevice loopback() {
    return namespace().device("lo");
  }

  /** Sends one packet over the loopback device. */
  void sendPacket() {
    namespace().run(TestNamespace::sendPacketHere);
  }

  private static boolean sendPacketHere() {
    try (var receiver = new DatagramSocket(new InetSocketAddress("127.0.0.1", 0));
        var sender = new DatagramSocket()) {
      var to = InetAddress.getByName("127.0.0.1");
      sender.send(new DatagramPacket(new byte[1], 1, to, receiver.getLocalPort()));
      receiver.setSoTimeout(5000);
      receiver.receive(new DatagramPacket(new byte[1], 1));
      return true;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** What tc prints inside the namespace. */
  String tc(String... arguments) {
    return runInside("tc", arguments);
  }

  /** What ip prints inside the namespace. */
  String ip(String... arguments) {
    return runInside("ip", arguments);
  }

  private String runInside(String tool, String... arguments) {
    var command = new ArrayList<>(List.of(tool, "-n", name));
    command.addAll(List.of(arguments));
    return run(command.toArray(String[]::new));
  }

  static String run(String... command) {
    try {
      var builder = new ProcessBuilder(command).redirectErrorStream(true);
      builder.environment().merge("PATH", "/usr/sbin:/sbin", (path, sbin) -> path + ":" + sbin);
      var process = builder.start();
      var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new AssertionError(String.join(" ", command) + ": " + output);
      }
      return output;
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    run("ip", "netns", "del", name);
  }
}
