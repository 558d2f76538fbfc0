// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jbypass.core.NetworkNamespace;
import io.github.jbypass.maps.Mesh;
import io.github.jbypass.maps.Pod;
import io.github.jbypass.programs.testing.DataPath;
import io.github.jbypass.programs.testing.Family;
import io.github.jbypass.programs.testing.Mode;
import io.github.jbypass.programs.testing.Namespace;
import io.github.jbypass.programs.testing.OriginalDestination;
import io.github.jbypass.programs.testing.Packets;
import io.github.jbypass.programs.testing.Pair;
import io.github.jbypass.programs.testing.PosixSocket;
import io.github.jbypass.programs.testing.Resources;
import io.github.jbypass.programs.testing.Talk;
import io.github.jbypass.programs.testing.Traffic;
import io.github.jbypass.programs.testing.Traffic.Shape;
import io.github.jbypass.programs.testing.TunDevice;
import io.github.jbypass.programs.testing.Wire;
import io.github.jbypass.testing.KernelTest;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the packets look like that reach a pod from outside, and that it answers with. */
@KernelTest
class OutsidePacketsTest {
  private static final int INBOUND = 15_006;
  private static final int SERVICE = 8080;

  private final Resources resources = new Resources();
  private DataPath path;

  @BeforeEach
  void open() {
    path = resources.add(DataPath.open(Mode.ACCELERATED, builder -> builder.intercept(Mesh.ISTIO)));
  }

  @AfterEach
  void closeAll() {
    resources.close();
  }

  @ParameterizedTest
  @EnumSource(names = {"IPV4", "IPV6"})
  void checksumsAreRight(Family family) {
    AtomicInteger right = new AtomicInteger();
    AtomicInteger wrong = new AtomicInteger();
    UnaryOperator<byte[]> verify =
        packet -> {
          if (Packets.isTcp(packet)) {
            (Packets.checksumsAreRight(packet) ? right : wrong).incrementAndGet();
          }
          return packet;
        };
    Pair pair = connect(resources.add(Wire.create(verify, verify)), family);
    resources.add(Traffic.start(List.of(pair), Shape.of(50, 16 << 10))).await();
    assertEquals(0, wrong.get(), "wrong checksums");
    assertTrue(right.get() > 100, right + " packets");
  }

  @ParameterizedTest
  @EnumSource(names = {"IPV4", "IPV6"})
  void optionsBetweenTheHeadersAreSkipped(Family family) {
    UnaryOperator<byte[]> insert =
        packet -> Packets.isTcp(packet) ? Packets.withOptions(packet) : packet;
    Talk.on(connect(resources.add(Wire.create(insert, insert)), family), 1);
  }

  @ParameterizedTest
  @EnumSource(names = {"IPV4", "IPV6"})
  void aVlanTagIsSkipped(Family family) {
    Talk.on(connect(resources.add(Wire.tagged(1)), family), 2);
  }

  @ParameterizedTest
  @EnumSource(names = {"IPV4", "IPV6"})
  void twoVlanTagsAreSkipped(Family family) {
    Talk.on(connect(resources.add(Wire.tagged(2)), family), 3);
  }

  /** The pod's namespace only passes them on: whether it opens tunnels is no matter here. */
  @Test
  void tunnelledPacketsAreLedInsideTheirTunnel() {
    Namespace namespace = resources.add(Namespace.create());
    namespace.sysctl("ipv4/ip_forward", "1");
    TunDevice near = resources.add(namespace.call(() -> TunDevice.create("near")));
    TunDevice far = resources.add(namespace.call(() -> TunDevice.create("far")));
    namespace.execute("ip", "link", "set", "near", "up");
    namespace.execute("ip", "link", "set", "far", "up");
    namespace.address("near", "10.67.1.1/24").address("far", "10.67.2.1/24");
    path.bypass()
        .pods()
        .add(
            Pod.named("pod")
                .address("10.68.0.1")
                .namespace(NetworkNamespace.at(namespace.path()))
                .build());
    InetSocketAddress gateway = at("10.67.1.9", 0);
    InetSocketAddress tunnelEnd = at("10.67.2.9", 0);
    InetSocketAddress client = at("10.69.0.1", 5000);

    byte[] syn = Packets.tcp(client, at("10.68.0.1", SERVICE), Packets.SYN, 1);
    near.deliver(Packets.tunnelled(syn, gateway, tunnelEnd));
    byte[] led = Packets.inner(far.next(Packets::isTunnelled));
    assertEquals(INBOUND, Packets.targetPort(led));
    assertEquals(5000, Packets.sourcePort(led));
    assertTrue(Packets.checksumsAreRight(led));

    byte[] answer = Packets.tcp(at("10.68.0.1", INBOUND), client, Packets.SYN | Packets.ACK, 2);
    far.deliver(Packets.tunnelled(answer, tunnelEnd, gateway));
    byte[] back = Packets.inner(near.next(Packets::isTunnelled));
    assertEquals(SERVICE, Packets.sourcePort(back));
    assertEquals(5000, Packets.targetPort(back));
    assertTrue(Packets.checksumsAreRight(back));
  }

  private static InetSocketAddress at(String address, int port) {
    return new InetSocketAddress(Family.address(address), port);
  }

  /** From the left, which is outside, to the right, which is a pod. */
  private Pair connect(Wire wire, Family family) {
    path.bypass()
        .pods()
        .add(
            Pod.named("pod")
                .address(wire.right().ipv4())
                .address(wire.right().ipv6())
                .namespace(wire.right().networkNamespace())
                .build());
    InetSocketAddress target = wire.right().at(family, SERVICE);
    PosixSocket sidecar = resources.add(wire.right().listen(family, INBOUND));
    PosixSocket socket = resources.add(path.outside(() -> wire.left().client(family)));
    socket.connect(target);
    PosixSocket accepted = resources.add(sidecar.accept());
    assertEquals(Optional.of(target), OriginalDestination.of(accepted));
    return new Pair(socket, accepted);
  }
}
