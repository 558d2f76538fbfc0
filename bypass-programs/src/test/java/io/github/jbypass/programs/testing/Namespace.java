// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs.testing;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * A network namespace with its loopback up. A socket that a task of {@link #call} makes lives in it
 * for good, whichever thread uses it later.
 */
public final class Namespace implements AutoCloseable {
  private static final AtomicInteger COUNT = new AtomicInteger();

  private final String name;
  private final ExecutorService inside;

  private Namespace(String name) {
    this.name = name;
    inside = Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name(name).factory());
  }

  public static Namespace create() {
    Namespace namespace =
        new Namespace("jbt-" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet());
    Command.run("ip", "netns", "add", namespace.name);
    try {
      namespace.call(
          () -> {
            Posix.enterNetworkNamespace(namespace.path());
            return null;
          });
      namespace.sysctl("ipv6/conf/default/accept_dad", "0"); // addresses are usable at once
      namespace.up("lo");
      return namespace;
    } catch (RuntimeException e) {
      namespace.close();
      throw e;
    }
  }

  /** The file that names it. */
  public Path path() {
    return Path.of("/run/netns", name);
  }

  /** Joins two namespaces by a veth pair and names it; the addresses carry their prefix length. */
  public static String join(
      Namespace left, String leftAddress, Namespace right, String rightAddress) {
    String device = join(left, leftAddress, right);
    right.address(device, rightAddress);
    return device;
  }

  /** The same, with no address on the right. */
  static String join(Namespace left, String leftAddress, Namespace right) {
    String device = "v" + COUNT.incrementAndGet();
    left.execute("ip", "link", "add", device, "type", "veth", "peer", device, "netns", right.name);
    left.address(device, leftAddress).up(device);
    right.up(device);
    return device;
  }

  /** Gives a device an address that can be used at once. */
  public Namespace address(String device, String address) {
    if (address.contains(":")) {
      execute("ip", "address", "add", address, "dev", device, "nodad");
    } else {
      execute("ip", "address", "add", address, "dev", device);
    }
    return this;
  }

  /** Sets a parameter below {@code /proc/sys/net} inside. */
  public Namespace sysctl(String name, String value) {
    Path file = Path.of("/proc/sys/net", name);
    return call(
        () -> {
          Files.writeString(file, value, StandardOpenOption.WRITE);
          return this;
        });
  }

  Namespace up(String device) {
    execute("ip", "link", "set", device, "up");
    return this;
  }

  /** Runs a program inside, which must succeed; what it writes. */
  public String execute(String... command) {
    return Command.output(inside(command));
  }

  /** The command that runs another one inside. */
  String[] inside(String... command) {
    return Stream.concat(Stream.of("ip", "netns", "exec", name), Stream.of(command))
        .toArray(String[]::new);
  }

  /** Runs a task on the thread that lives inside. */
  public <T> T call(Callable<T> task) {
    try {
      return CompletableFuture.supplyAsync(() -> unchecked(task), inside).join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      if (e.getCause() instanceof Error cause) {
        throw cause;
      }
      throw e;
    }
  }

  private static <T> T unchecked(Callable<T> task) {
    try {
      return task.call();
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new CompletionException(e);
    }
  }

  @Override
  public void close() {
    inside.close();
    Command.run("ip", "netns", "delete", name);
  }
}
