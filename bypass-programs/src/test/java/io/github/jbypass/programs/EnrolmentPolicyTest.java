// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jbypass.maps.Cidr;
import io.github.jbypass.maps.Counter;
import io.github.jbypass.programs.testing.DataPath;
import io.github.jbypass.programs.testing.Family;
import io.github.jbypass.programs.testing.Mode;
import io.github.jbypass.programs.testing.Namespace;
import io.github.jbypass.programs.testing.Pair;
import io.github.jbypass.programs.testing.PosixSocket;
import io.github.jbypass.programs.testing.Resources;
import io.github.jbypass.programs.testing.Talk;
import io.github.jbypass.testing.KernelTest;
import java.net.InetSocketAddress;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A policy says which connections are enrolled; the others work as if it were not there. */
@KernelTest
class EnrolmentPolicyTest {
  private static final int PORT = 7_000;

  private final Resources resources = new Resources();
  private Namespace namespace;
  private DataPath path;

  @BeforeEach
  void makeNamespace() {
    namespace = resources.add(Namespace.create());
    namespace.address("lo", "10.1.2.3/32").address("lo", "10.1.9.9/32");
    namespace.address("lo", "fd12::3/128").address("lo", "fd99::9/128");
  }

  @AfterEach
  void closeAll() {
    resources.close();
  }

  @Test
  void withoutAPolicyEverythingIsEnrolled() {
    policy(policy -> policy);
    assertEnrolled("127.0.0.1", PORT);
    assertEnrolled("::1", PORT);
  }

  @ParameterizedTest
  @EnumSource
  void anExcludedPortStaysOnTcp(Family family) {
    policy(policy -> policy.excludePorts(PORT));
    assertLeftToTcp(family, family.loopback().getHostAddress(), PORT);
    assertEnrolled(family, family.loopback().getHostAddress(), PORT + 1);
  }

  @ParameterizedTest
  @EnumSource
  void onlyIncludedPortsAreEnrolled(Family family) {
    policy(policy -> policy.includePorts(PORT));
    assertEnrolled(family, family.loopback().getHostAddress(), PORT);
    assertLeftToTcp(family, family.loopback().getHostAddress(), PORT + 1);
  }

  /** The client's own port is chance, so it never counts. */
  @Test
  void thePortOfTheClientDoesNotMatter() {
    namespace.sysctl("ipv4/ip_local_port_range", PORT + " " + (PORT + 101));
    policy(policy -> policy.excludePorts(IntStream.rangeClosed(PORT, PORT + 101).toArray()));
    assertEnrolled("127.0.0.1", PORT + 1000);
  }

  @Test
  void aThousandPortsAreAsGoodAsOne() {
    int[] ports = IntStream.range(0, 1_000).map(i -> PORT + 2 * i).toArray();
    policy(policy -> policy.excludePorts(ports));
    assertLeftToTcp("127.0.0.1", PORT);
    assertLeftToTcp("127.0.0.1", PORT + 1998);
    assertEnrolled("127.0.0.1", PORT + 1);
    assertEnrolled("127.0.0.1", PORT + 2000);
  }

  @Test
  void theLowestAndTheHighestPortCount() {
    policy(policy -> policy.excludePorts(1, 65535));
    assertLeftToTcp("127.0.0.1", 1);
    assertLeftToTcp("127.0.0.1", 65535);
    assertEnrolled("127.0.0.1", 2);
    assertEnrolled("127.0.0.1", 65534);
  }

  @Test
  void anExcludedIpv4NetworkStaysOnTcp() {
    policy(policy -> policy.excludeNetworks(Cidr.parse("10.1.2.0/24")));
    assertLeftToTcp("10.1.2.3", PORT);
    assertEnrolled("10.1.9.9", PORT);
    assertEnrolled("127.0.0.1", PORT);
    assertEnrolled("::1", PORT);
  }

  @Test
  void anExcludedIpv4NetworkCoversDualStackSockets() {
    policy(policy -> policy.excludeNetworks(Cidr.parse("10.1.2.0/24")));
    assertLeftToTcp(Family.MAPPED_SERVER, "10.1.2.3", PORT);
    assertLeftToTcp(Family.MAPPED_CLIENT, "10.1.2.3", PORT);
    assertLeftToTcp(Family.MAPPED_BOTH, "10.1.2.3", PORT);
    assertEnrolled(Family.MAPPED_BOTH, "10.1.9.9", PORT);
  }

  @Test
  void anExcludedIpv6NetworkStaysOnTcp() {
    policy(policy -> policy.excludeNetworks(Cidr.parse("fd12::/16")));
    assertLeftToTcp("fd12::3", PORT);
    assertEnrolled("fd99::9", PORT);
    assertEnrolled("10.1.2.3", PORT);
  }

  @Test
  void onlyIncludedNetworksAreEnrolled() {
    policy(policy -> policy.includeNetworks(Cidr.parse("10.1.2.0/24"), Cidr.parse("fd12::3")));
    assertEnrolled("10.1.2.3", PORT);
    assertEnrolled("fd12::3", PORT);
    assertLeftToTcp("10.1.9.9", PORT);
    assertLeftToTcp("fd99::9", PORT);
    assertLeftToTcp("127.0.0.1", PORT);
  }

  @Test
  void theSmallestNetworkDecides() {
    policy(
        policy ->
            policy
                .excludeNetworks(Cidr.parse("10.0.0.0/8"))
                .includeNetworks(Cidr.parse("10.1.9.0/24")));
    assertEnrolled("10.1.9.9", PORT);
    assertLeftToTcp("10.1.2.3", PORT);
  }

  @Test
  void allOfIpv6IsNotIpv4() {
    policy(policy -> policy.excludeNetworks(Cidr.parse("::/0")));
    assertLeftToTcp("::1", PORT);
    assertEnrolled("127.0.0.1", PORT);
    assertEnrolled(Family.MAPPED_BOTH, "127.0.0.1", PORT);
  }

  @Test
  void allOfIpv4IsNotIpv6() {
    policy(policy -> policy.excludeNetworks(Cidr.parse("0.0.0.0/0")));
    assertLeftToTcp("127.0.0.1", PORT);
    assertEnrolled("::1", PORT);
  }

  @Test
  void twoThousandNetworksAreAsGoodAsOne() {
    Cidr[] networks =
        IntStream.range(0, 2_000)
            .mapToObj(i -> Cidr.parse("10." + (100 + i / 250) + "." + i % 250 + ".0/24"))
            .toArray(Cidr[]::new);
    policy(policy -> policy.excludeNetworks(networks).excludeNetworks(Cidr.parse("10.1.2.3")));
    namespace.address("lo", "10.107.249.7/32");
    assertLeftToTcp("10.107.249.7", PORT);
    assertLeftToTcp("10.1.2.3", PORT);
    assertEnrolled("10.1.9.9", PORT);
  }

  @Test
  void portsAndNetworksMustBothAgree() {
    policy(policy -> policy.includePorts(PORT).includeNetworks(Cidr.parse("10.1.2.0/24")));
    assertEnrolled("10.1.2.3", PORT);
    assertLeftToTcp("10.1.2.3", PORT + 1);
    assertLeftToTcp("10.1.9.9", PORT);
  }

  /** The application calls port 80 and reaches the sidecar's port: either may be named. */
  @ParameterizedTest
  @ValueSource(ints = {80, 15001})
  void behindAddressTranslationThePortOfEitherEndExcludes(int excluded) {
    policy(policy -> policy.excludePorts(excluded));
    redirect80to15001();
    assertEquals(0, pairedBy("10.1.2.3", 80, 15001));
  }

  @ParameterizedTest
  @ValueSource(ints = {80, 15001})
  void behindAddressTranslationThePortOfEitherEndIncludes(int included) {
    policy(policy -> policy.includePorts(included));
    redirect80to15001();
    assertEquals(1, pairedBy("10.1.2.3", 80, 15001));
  }

  @Test
  void aPortCannotBeBothIncludedAndExcluded() {
    EnrolmentPolicy.Builder policy =
        EnrolmentPolicy.builder().includePorts(80, 443).excludePorts(443);
    assertThrows(IllegalArgumentException.class, policy::build);
  }

  private void redirect80to15001() {
    namespace.execute(
        ("iptables-legacy -w -t nat -A OUTPUT -p tcp --dport 80" + " -j REDIRECT --to-ports 15001")
            .split(" "));
  }

  private void policy(UnaryOperator<EnrolmentPolicy.Builder> settings) {
    EnrolmentPolicy policy = settings.apply(EnrolmentPolicy.builder()).build();
    path = resources.add(DataPath.open(Mode.ACCELERATED, builder -> builder.policy(policy)));
  }

  private void assertEnrolled(String address, int port) {
    assertEnrolled(familyOf(address), address, port);
  }

  private void assertLeftToTcp(String address, int port) {
    assertLeftToTcp(familyOf(address), address, port);
  }

  private static Family familyOf(String address) {
    return address.contains(":") ? Family.IPV6 : Family.IPV4;
  }

  private void assertEnrolled(Family family, String address, int port) {
    long redirected = path.bypass().counters().get(Counter.REDIRECTED);
    assertEquals(1, pairedBy(family, address, port, port), "connections enrolled");
    assertTrue(path.bypass().counters().get(Counter.REDIRECTED) > redirected);
  }

  private void assertLeftToTcp(Family family, String address, int port) {
    long refused = path.bypass().counters().get(Counter.REFUSED_POLICY);
    long redirected = path.bypass().counters().get(Counter.REDIRECTED);
    assertEquals(0, pairedBy(family, address, port, port), "connections enrolled");
    assertEquals(redirected, path.bypass().counters().get(Counter.REDIRECTED));
    assertEquals(refused + 1, path.bypass().counters().get(Counter.REFUSED_POLICY));
  }

  private long pairedBy(String address, int called, int listening) {
    return pairedBy(familyOf(address), address, called, listening);
  }

  /** Talks over one connection; how many were enrolled by that. */
  private long pairedBy(Family family, String address, int called, int listening) {
    long before = path.bypass().counters().get(Counter.CONNECTIONS_PAIRED);
    try (PosixSocket listener =
            namespace.call(
                () ->
                    family
                        .serverSocket()
                        .bind(Family.address(family == Family.IPV6 ? "::" : "0.0.0.0"), listening)
                        .listen(1));
        Pair pair =
            Pair.connect(
                namespace.call(family::clientSocket),
                listener,
                new InetSocketAddress(address, called))) {
      Talk.on(pair, 1);
      pair.client().resetOnClose(); // frees the port at once
    }
    return path.bypass().counters().get(Counter.CONNECTIONS_PAIRED) - before;
  }
}
