// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static io.github.jbypass.programs.testing.Users.SIDECAR;
import static io.github.jbypass.programs.testing.Users.as;
import static java.util.stream.Collectors.toList;

import io.github.jbypass.maps.Cidr;
import io.github.jbypass.maps.PodPolicy;
import io.github.jbypass.programs.testing.Family;
import io.github.jbypass.programs.testing.Host;
import io.github.jbypass.programs.testing.Pair;
import io.github.jbypass.programs.testing.PosixSocket;
import io.github.jbypass.programs.testing.Resources;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A pod's policy says which of its connections its sidecar sees. */
class InterceptPolicyTest extends InterceptionTest {
  private static final int SOMEBODY = 4242;
  private static final int ROOT = 0;

  private PosixSocket outbound4;
  private PosixSocket outbound6;
  private PosixSocket inbound;

  /** Gives the stranger all addresses of some networks. */
  @BeforeAll
  void addNetworks() {
    network.route("10.96.0.0/12", stranger);
    network.route("fd99::/16", stranger);
  }

  @BeforeEach
  void startSidecars() {
    outbound4 = outboundOf(client, Family.IPV4);
    outbound6 = outboundOf(client, Family.IPV6);
    inbound = resources.add(server.listen(Family.MAPPED_BOTH, Family.address("::"), INBOUND));
  }

  @Test
  void everythingIsCapturedByDefault() {
    intercept();
    assertCaptured("10.99.1.1", 1);
    assertCaptured("fd99::1", 65_535);
    assertCapturedInbound(SERVICE);
  }

  @Test
  void onlyIncludedOutboundPortsAreCaptured() {
    intercept(PodPolicy.builder().includeOutboundPorts(80, 443));
    assertCaptured("10.99.1.1", 443);
    assertCaptured("fd99::1", 443);
    assertDirect("10.99.1.1", 444);
    assertDirect("fd99::1", 444);
  }

  @Test
  void excludedOutboundPortsAreLeftAlone() {
    intercept(PodPolicy.builder().excludeOutboundPorts(80, 443));
    assertDirect("10.99.1.1", 443);
    assertDirect("fd99::1", 443);
    assertCaptured("10.99.1.1", 444);
    assertCaptured("fd99::1", 444);
  }

  @Test
  void aPortThatIsIncludedAndExcludedIsLeftAlone() {
    intercept(PodPolicy.builder().includeOutboundPorts(80, 443).excludeOutboundPorts(443));
    assertDirect("10.99.1.1", 443);
    assertCaptured("10.99.1.1", 80);
  }

  @Test
  void onlyIncludedOutboundNetworksAreCaptured() {
    intercept(PodPolicy.builder().includeOutboundNetworks(networks("10.99.1.0/24", "fd99:1::/32")));
    assertCaptured("10.99.1.1", SERVICE);
    assertCaptured("fd99:1::1", SERVICE);
    assertDirect("10.99.2.1", SERVICE);
    assertDirect("fd99:2::1", SERVICE);
  }

  @Test
  void excludedOutboundNetworksAreLeftAlone() {
    intercept(PodPolicy.builder().excludeOutboundNetworks(networks("10.99.1.0/24", "fd99:1::/32")));
    assertDirect("10.99.1.1", SERVICE);
    assertDirect("fd99:1::1", SERVICE);
    assertCaptured("10.99.2.1", SERVICE);
    assertCaptured("fd99:2::1", SERVICE);
  }

  @Test
  void anIncludedPortInANetworkThatIsNotIncludedIsLeftAlone() {
    intercept(
        PodPolicy.builder()
            .includeOutboundPorts(443)
            .includeOutboundNetworks(networks("10.99.1.0/24")));
    assertCaptured("10.99.1.1", 443);
    assertDirect("10.99.2.1", 443);
    assertDirect("10.99.1.1", 444);
  }

  @Test
  void theMostSpecificNetworkDecides() {
    intercept(
        PodPolicy.builder()
            .includeOutboundNetworks(networks("10.99.0.0/16", "10.99.1.128/25", "fd99:1:1::/48"))
            .excludeOutboundNetworks(networks("10.99.1.0/24", "10.99.1.129/32", "fd99:1::/32")));
    assertCaptured("10.99.2.1", SERVICE);
    assertDirect("10.99.1.1", SERVICE);
    assertCaptured("10.99.1.128", SERVICE);
    assertDirect("10.99.1.129", SERVICE);
    assertCaptured("fd99:1:1::1", SERVICE);
    assertDirect("fd99:1:2::1", SERVICE);
  }

  @Test
  void aNetworkThatIsIncludedAndExcludedIsLeftAlone() {
    intercept(
        PodPolicy.builder()
            .includeOutboundNetworks(networks("10.99.1.0/24", "10.99.2.0/24"))
            .excludeOutboundNetworks(networks("10.99.1.0/24")));
    assertDirect("10.99.1.1", SERVICE);
    assertCaptured("10.99.2.1", SERVICE);
  }

  @Test
  void allOfOneFamilySaysNothingOfTheOther() {
    intercept(PodPolicy.builder().excludeOutboundNetworks(networks("::/0")));
    assertDirect("fd99::1", SERVICE);
    assertCaptured("10.99.1.1", SERVICE);

    intercept(PodPolicy.builder().excludeOutboundNetworks(networks("0.0.0.0/0")));
    assertDirect("10.99.1.1", SERVICE);
    assertCaptured("fd99::1", SERVICE);

    intercept(PodPolicy.builder().includeOutboundNetworks(networks("::/0")));
    assertCaptured("fd99::1", SERVICE);
    assertDirect("10.99.1.1", SERVICE);
  }

  @Test
  void excludedUsersAreLeftAlone() {
    intercept(PodPolicy.builder().excludeUsers(SOMEBODY));
    assertDirect(SOMEBODY, ROOT, "10.99.1.1", SERVICE);
    assertDirect(SOMEBODY, ROOT, "fd99::1", SERVICE);
    assertCaptured(SOMEBODY + 1, ROOT, "10.99.1.1", SERVICE);
  }

  @Test
  void theMeshsUserAndGroupAreTheSidecar() {
    intercept();
    assertDirect(SIDECAR, ROOT, "10.99.1.1", SERVICE);
    assertDirect(SOMEBODY, SIDECAR, "10.99.1.1", SERVICE);
    assertCaptured(SOMEBODY, ROOT, "10.99.1.1", SERVICE);
  }

  @Test
  void aPodMayHaveASidecarOfAnotherUser() {
    intercept(PodPolicy.builder().sidecarUser(SOMEBODY));
    assertDirect(SOMEBODY, ROOT, "10.99.1.1", SERVICE);
    assertCaptured(SIDECAR, ROOT, "10.99.1.1", SERVICE);
  }

  @Test
  void aPodMayHaveASidecarOfAnotherGroup() {
    intercept(PodPolicy.builder().sidecarGroup(SOMEBODY));
    assertDirect(ROOT, SOMEBODY, "10.99.1.1", SERVICE);
    assertCaptured(ROOT, SIDECAR, "10.99.1.1", SERVICE);
  }

  @Test
  void onlyIncludedInboundPortsAreCaptured() {
    interceptInbound(PodPolicy.builder().includeInboundPorts(SERVICE));
    assertCapturedInbound(SERVICE);
    assertDirectInbound(SERVICE + 1);
  }

  @Test
  void excludedInboundPortsAreLeftAlone() {
    interceptInbound(PodPolicy.builder().excludeInboundPorts(SERVICE));
    assertDirectInbound(SERVICE);
    assertCapturedInbound(SERVICE + 1);
  }

  @Test
  void theStatusPortsAreLeftAlone() {
    interceptInbound(PodPolicy.builder().statusPort(SERVICE));
    assertDirectInbound(SERVICE);
    assertDirectInbound(15_021);
    assertCapturedInbound(SERVICE + 1);
  }

  @ParameterizedTest
  @EnumSource(names = {"IPV4", "IPV6"})
  void onlyConnectionsFromIncludedNetworksAreCaptured(Family family) {
    interceptInbound(
        PodPolicy.builder().includeInboundNetworks(networks("10.88.1.0/24", "fd88:1::/32")));
    assertCapturedInbound(client, family, SERVICE);
    assertDirectInbound(stranger, family, SERVICE);
  }

  @ParameterizedTest
  @EnumSource(names = {"IPV4", "IPV6"})
  void connectionsFromExcludedNetworksAreLeftAlone(Family family) {
    interceptInbound(
        PodPolicy.builder().excludeInboundNetworks(networks("10.88.1.0/24", "fd88:1::/32")));
    assertDirectInbound(client, family, SERVICE);
    assertCapturedInbound(stranger, family, SERVICE);
  }

  @Test
  void twoHundredPortsFit() {
    int[] ports = IntStream.range(0, 200).map(i -> 1000 + 2 * i).toArray();
    intercept(PodPolicy.builder().includeOutboundPorts(ports));
    for (int port : ports) {
      assertCaptured("10.99.1.1", port);
    }
    for (int i = 0; i < 200; i += 20) {
      assertDirect("10.99.1.1", 1001 + 2 * i);
    }
  }

  @Test
  void twoThousandNetworksFit() {
    List<Cidr> excluded =
        Stream.concat(
                IntStream.range(0, 1000).mapToObj(i -> address4(i) + "/31"),
                IntStream.range(0, 1000).mapToObj(i -> address6(i) + "/48"))
            .map(Cidr::parse)
            .collect(toList());
    intercept(PodPolicy.builder().excludeOutboundNetworks(excluded));
    for (int i = 0; i < 1000; i += 50) {
      assertDirect(address4(i), SERVICE);
      assertDirect(address6(i) + "1", SERVICE);
      assertCaptured(address4(i).replaceFirst("\\.0$", ".2"), SERVICE);
      assertCaptured(address6(i).replace(":0:", ":1:") + "1", SERVICE);
    }
  }

  private static String address4(int number) {
    return "10." + (96 + number / 250) + "." + number % 250 + ".0";
  }

  private static String address6(int number) {
    return "fd99:0:" + Integer.toHexString(number) + "::";
  }

  private static List<Cidr> networks(String... texts) {
    return Stream.of(texts).map(Cidr::parse).toList();
  }

  /** Makes the server's host a pod with this policy. */
  private void interceptInbound(PodPolicy.Builder policy) {
    bypass
        .pods()
        .set(
            List.of(
                pod("client", client).build(),
                pod("server", server).policy(policy.build()).build()));
  }

  private void assertCaptured(String address, int port) {
    assertCaptured(ROOT, ROOT, address, port);
  }

  private void assertDirect(String address, int port) {
    assertDirect(ROOT, ROOT, address, port);
  }

  private void assertCaptured(int user, int group, String address, int port) {
    InetAddress target = Family.address(address);
    boolean ipv4 = address.indexOf(':') < 0;
    try (Resources once = new Resources()) {
      var to = new InetSocketAddress(target, port);
      Pair pair = connect(once, client, user, group, to, ipv4 ? outbound4 : outbound6);
      assertOriginalDestination(to, client, pair.server());
    }
  }

  private void assertDirect(int user, int group, String address, int port) {
    try (Resources once = new Resources()) {
      PosixSocket service = once.add(listenEverywhere(stranger, port));
      var to = new InetSocketAddress(Family.address(address), port);
      assertNotLed(stranger, connect(once, client, user, group, to, service).server());
    }
  }

  /** Whether a sidecar of this host connects, or somebody from outside. */
  private void assertCapturedInbound(int port) {
    for (Host from : List.of(client, stranger)) {
      assertCapturedInbound(from, Family.IPV4, port);
      assertCapturedInbound(from, Family.IPV6, port);
    }
  }

  private void assertDirectInbound(int port) {
    for (Host from : List.of(client, stranger)) {
      assertDirectInbound(from, Family.IPV4, port);
      assertDirectInbound(from, Family.IPV6, port);
    }
  }

  private void assertCapturedInbound(Host from, Family family, int port) {
    try (Resources once = new Resources()) {
      InetSocketAddress to = server.at(family, port);
      Pair pair = connect(once, from, SIDECAR, ROOT, to, inbound);
      assertOriginalDestination(to, server, pair.server());
    }
  }

  private void assertDirectInbound(Host from, Family family, int port) {
    try (Resources once = new Resources()) {
      PosixSocket service = once.add(listenEverywhere(server, port));
      Pair pair = connect(once, from, SIDECAR, ROOT, server.at(family, port), service);
      assertNotLed(server, pair.server());
    }
  }

  private static PosixSocket listenEverywhere(Host host, int port) {
    return host.listen(Family.MAPPED_BOTH, Family.address("::"), port);
  }

  private static Pair connect(
      Resources once, Host from, int user, int group, InetSocketAddress to, PosixSocket listener) {
    Family family = to.getAddress().getAddress().length == 4 ? Family.IPV4 : Family.IPV6;
    PosixSocket socket = once.add(from.client(family)).resetOnClose();
    as(user, group, () -> socket.connect(to));
    return new Pair(socket, once.add(listener.accept()));
  }
}
