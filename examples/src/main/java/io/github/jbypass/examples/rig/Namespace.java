// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples.rig;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A network namespace of our own, known to {@code ip netns} by its name. Closing removes it. */
public final class Namespace implements AutoCloseable {
  private final String name;

  private Namespace(String name) {
    this.name = name;
  }

  public static Namespace create(String name) {
    Command.run("ip", "netns", "add", name);
    return new Namespace(name);
  }

  /** The file that names it. */
  public Path path() {
    return Path.of("/run/netns", name);
  }

  /** Gives a new namespace an interface {@code eth0}, with a router at the other end. */
  public void connect(
      String address, Namespace router, String interfaceThere, String addressThere) {
    Command.run(
        "ip",
        "-n",
        name,
        "link",
        "add",
        "eth0",
        "type",
        "veth",
        "peer",
        "name",
        interfaceThere,
        "netns",
        router.name);
    up("lo");
    configure("eth0", address);
    router.configure(interfaceThere, addressThere);
    Command.run("ip", "-n", name, "route", "add", "default", "via", addressThere);
  }

  private void configure(String device, String address) {
    Command.run("ip", "-n", name, "address", "add", address + "/24", "dev", device);
    up(device);
  }

  private void up(String device) {
    Command.run("ip", "-n", name, "link", "set", device, "up");
  }

  /** The command line that runs a command inside. */
  public List<String> inside(String... command) {
    List<String> line = new ArrayList<>(List.of("ip", "netns", "exec", name));
    line.addAll(List.of(command));
    return line;
  }

  /** Sets a parameter under {@code /proc/sys/net} that belongs to this namespace alone. */
  void setParameter(String parameter, String value) {
    Command.run(inside("sh", "-c", "echo \"$0\" > \"/proc/sys/net/$1\"", value, parameter));
  }

  /** Whether a socket of this namespace listens on an IPv4 port. */
  boolean listensOn(int port) {
    // Columns of /proc/net/tcp: number, local address:port, remote address:port, state (0A:
    // LISTEN).
    String listener = "(?s).*:%04X 00000000:0000 0A .*".formatted(port);
    return Command.run(inside("cat", "/proc/net/tcp")).matches(listener);
  }

  @Override
  public void close() {
    Command.run("ip", "netns", "delete", name);
  }
}
