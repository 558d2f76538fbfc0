// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples.pods;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.jbypass.core.NetworkNamespace;
import io.github.jbypass.maps.Cidr;
import io.github.jbypass.maps.Mesh;
import io.github.jbypass.maps.Pod;
import io.github.jbypass.maps.PodPolicy;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PodFileTest {
  private static final Path FILE = Path.of("pods.yaml");
  private static final String OWN = "namespace: /proc/self/ns/net";

  @Test
  void everyFieldIsUnderstood() {
    PodFile file =
        parse(
            """
            # what differs from the preset
            mesh:
              outboundPort: 1001
              inboundPort: 1002
              dnsPort: 1003
              sidecarUser: 7
              sidecarGroup: 8
              passthrough: [127.0.0.9, '::9']
              statusPorts: [1004, 1005]
              opensInbound: true
            pods:
              - name: web
                addresses: [10.1.2.3, 'fd00::1']
                namespace: /proc/self/ns/net
                policy:
                  includeOutboundPorts: [80, 9000-9002]
                  excludeOutboundPorts: [9001]
                  includeOutboundNetworks: [10.0.0.0/8, 'fd00::/8']
                  excludeOutboundNetworks: [10.9.0.0/16]
                  includeInboundPorts: [8080]
                  excludeInboundPorts: [22]
                  includeInboundNetworks: [10.0.0.0/8]
                  excludeInboundNetworks: [10.1.1.1]
                  excludeUsers: [33, 34]
                  captureDns: true
                  statusPort: 1006
                  sidecarUser: 9
                  sidecarGroup: 10
            """);
    assertThat(file.mesh())
        .isEqualTo(
            Mesh.ISTIO.toBuilder()
                .outboundPort(1001)
                .inboundPort(1002)
                .dnsPort(1003)
                .sidecarUser(7)
                .sidecarGroup(8)
                .passthroughFrom(InetAddress.ofLiteral("127.0.0.9"), InetAddress.ofLiteral("::9"))
                .statusPorts(1004, 1005)
                .opensInbound(true)
                .build());
    assertThat(file.pods())
        .containsExactly(
            Pod.named("web")
                .address("10.1.2.3")
                .address("fd00::1")
                .namespace(NetworkNamespace.ofThisProcess())
                .policy(
                    PodPolicy.builder()
                        .includeOutboundPorts(80, 9000, 9001, 9002)
                        .excludeOutboundPorts(9001)
                        .includeOutboundNetworks(networks("10.0.0.0/8", "fd00::/8"))
                        .excludeOutboundNetworks(networks("10.9.0.0/16"))
                        .includeInboundPorts(8080)
                        .excludeInboundPorts(22)
                        .includeInboundNetworks(networks("10.0.0.0/8"))
                        .excludeInboundNetworks(networks("10.1.1.1"))
                        .excludeUsers(33, 34)
                        .captureDns(true)
                        .statusPort(1006)
                        .sidecarUser(9)
                        .sidecarGroup(10)
                        .build())
                .build());
  }

  @Test
  void jsonIsUnderstood() {
    PodFile file =
        parse(
            """
            {
              "pods": [
                {"name": "web", "addresses": ["10.1.2.3"], "namespace": "/proc/self/ns/net",
                 "policy": {"excludeOutboundPorts": [22, "9000-9100"], "captureDns": false}}
              ]
            }
            """);
    assertThat(file.pods()).extracting(Pod::name).containsExactly("web");
    assertThat(file.mesh()).isEqualTo(Mesh.ISTIO);
  }

  @Test
  void theDocumentationsExampleIsUnderstood() throws Exception {
    String text = Files.readString(Path.of("../docs/pods.md"));
    String example = text.substring(text.indexOf("```yaml") + 7);
    String here =
        example
            .substring(0, example.indexOf("```"))
            .replaceAll("namespace: \\S+", OWN)
            .replaceAll("cgroups: \\[\\S+/app]", "cgroups: [.]")
            .replaceAll("(?m)^ *sidecarCgroups: .*$", "");
    assertThat(parse(here).pods()).extracting(Pod::name).containsExactly("web-1", "cart-1");
  }

  @Test
  void theDocumentationNamesEveryField() throws Exception {
    String text = Files.readString(Path.of("../docs/pods.md"));
    assertThat(Stream.of(MeshReader.FIELDS, PolicyReader.FIELDS).flatMap(f -> f.keySet().stream()))
        .allSatisfy(field -> assertThat(text).contains("`" + field + "`"));
    assertThat(PodReader.FIELDS)
        .allSatisfy(field -> assertThat(text).contains("| `" + field + "`"));
  }

  @Test
  void aFileMayListNoPods() {
    assertThat(parse("pods: []").pods()).isEmpty();
  }

  @Test
  void whatSeveralPodsHaveInCommonIsWrittenOnce() {
    String policy = "policy: &common {captureDns: true}";
    String other = "{name: b, cgroups: [.], policy: *common}";
    assertThat(parse(pod(policy) + "\n- " + other).pods())
        .extracting(Pod::policy)
        .containsOnly(PodPolicy.builder().captureDns(true).build());
  }

  @Test
  void aPolicyMayBeLong() {
    String networks =
        String.join(
            ",",
            IntStream.range(0, 2000)
                .mapToObj(i -> "10.%d.%d.0/24".formatted(i / 250, i % 250))
                .toList());
    assertThat(
            parse(
                    "pods: [{name: a, %s, policy: {excludeOutboundNetworks: [%s]}}]"
                        .formatted(OWN, networks))
                .pods())
        .hasSize(1);
  }

  static Stream<Arguments> mistakes() {
    return Stream.of(
        // not what it should be at all
        Arguments.of(1, "expected fields (mesh, pods), found the text 'web'", "web"),
        Arguments.of(1, "expected fields (mesh, pods), found a list", "- name: web"),
        Arguments.of(3, "is not YAML: ", "pods:\n- name: a\n  namespace: {b"),
        Arguments.of(2, "is not YAML: ", "pods:\n\t- name: a"),
        Arguments.of(2, "is not YAML: ", "pods: []\n--- \npods: []"),
        Arguments.of(1, "the list 'pods' is missing", "mesh: {outboundPort: 1}"),
        // fields
        Arguments.of(2, "there is no field 'pod'; did you mean 'pods'?", "mesh: {}\npod: []"),
        Arguments.of(1, "there is no field 'version'; there are mesh, pods", "version: 1"),
        Arguments.of(
            2,
            "pods[0]: there is no field 'adresses'; did you mean 'addresses'?",
            pod("adresses: []")),
        Arguments.of(
            2,
            "pods[0].policy: there is no field 'includeoutboundports'; did you mean 'includeOutboundPorts'?",
            pod("policy: {includeoutboundports: []}")),
        Arguments.of(
            2,
            "mesh: there is no field 'outboundport'; did you mean 'outboundPort'?",
            "mesh:\n  outboundport: 1"),
        Arguments.of(3, "pods: is there twice", "pods: []\nmesh: {}\npods: []"),
        // types
        Arguments.of(1, "pods: expected a list, found nothing", "pods:"),
        Arguments.of(1, "pods: expected a list, found fields", "pods: {a: b}"),
        Arguments.of(1, "pods[0]: expected fields (name, ", "pods: [a]"),
        Arguments.of(
            2,
            "pods[0].addresses: expected a list, found the text '10.0.0.1'",
            pod("addresses: 10.0.0.1")),
        Arguments.of(
            2,
            "pods[0].policy.captureDns: expected true or false, found the text 'yes'",
            pod("policy: {captureDns: yes}")),
        Arguments.of(
            2,
            "pods[0].policy.statusPort: expected a number, found the text 'http'",
            pod("policy: {statusPort: http}")),
        Arguments.of(
            2,
            "pods[0].policy.excludeUsers[1]: expected a number, found a list",
            pod("policy: {excludeUsers: [1, [2]]}")),
        Arguments.of(1, "pods[0].name: expected a text, found 5; quote it?", "pods: [{name: 5}]"),
        // ranges
        Arguments.of(1, "mesh.inboundPort: 0 is not between 1 and 65535", "mesh: {inboundPort: 0}"),
        Arguments.of(1, "mesh.dnsPort: 65536 is not between 1 and 65535", "mesh: {dnsPort: 65536}"),
        Arguments.of(
            1, "mesh.sidecarUser: -1 is not between 0 and 2147483647", "mesh: {sidecarUser: -1}"),
        Arguments.of(1, "mesh: mesh istio needs different ports", "mesh: {inboundPort: 15001}"),
        Arguments.of(
            1,
            "mesh.passthrough: sidecars pass through from one",
            "mesh: {passthrough: [127.0.0.6, 127.0.0.7]}"),
        Arguments.of(
            2,
            "pods[0].policy.includeOutboundPorts[1]: 70000 is not between",
            pod("policy: {includeOutboundPorts: [80, 70000]}")),
        Arguments.of(
            2,
            "pods[0].policy.excludeInboundPorts[0]: '9-8' is neither a port",
            pod("policy: {excludeInboundPorts: [9-8]}")),
        Arguments.of(
            2,
            "pods[0].policy.excludeUsers[0]: 99999999999999999999 is not between",
            pod("policy: {excludeUsers: [99999999999999999999]}")),
        // addresses and networks
        Arguments.of(2, "pods[0].addresses[0]: ", pod("addresses: [web.example.com]")),
        Arguments.of(
            2,
            "pods[0].addresses[0]: pod a: 127.0.0.1 is not an address that others can reach",
            pod("addresses: [127.0.0.1]")),
        Arguments.of(
            2,
            "pods[0].policy.includeOutboundNetworks[0]: 'ten' is not a network",
            pod("policy: {includeOutboundNetworks: [ten]}")),
        Arguments.of(
            2,
            "pods[0].policy.excludeInboundNetworks[0]: 10.0.0.0/33: the prefix length",
            pod("policy: {excludeInboundNetworks: [10.0.0.0/33]}")),
        Arguments.of(
            2,
            "pods[0].policy.excludeOutboundNetworks[0]: 10.1.0.0/8: the address has bits beyond the prefix; did you mean 10.0.0.0/8?",
            pod("policy: {excludeOutboundNetworks: [10.1.0.0/8]}")),
        // pods
        Arguments.of(1, "pods[0]: the pod's name is missing", "pods: [{}]"),
        Arguments.of(1, "pods[0].name: a pod needs a name", "pods: [{name: ''}]"),
        Arguments.of(1, "pods[0]: pod a has neither a namespace nor a cgroup", "pods: [{name: a}]"),
        Arguments.of(3, "pods[1].name: there is another pod named 'a'", pod("") + "\n- {name: a}"),
        Arguments.of(
            3,
            "pods[1].namespace: /proc/self/ns/net is there already, in pod 'a'",
            pod("") + "\n- {name: b, " + OWN + "}"),
        Arguments.of(
            3,
            "pods[1].addresses[0]: 10.0.0.1 is there already, in pod 'a'",
            pod("addresses: [10.0.0.1]") + "\n- {name: b, addresses: [10.0.0.1]}"),
        Arguments.of(
            1,
            "pods[0].namespace: open network namespace /run/netns/jbypass-none: there is no such file",
            "pods: [{name: a, namespace: jbypass-none}]"),
        Arguments.of(
            1,
            "pods[0].namespace: open network namespace /etc/hostname: not a network namespace",
            "pods: [{name: a, namespace: /etc/hostname}]"),
        Arguments.of(1, "pods[0].cgroups[0]: ", "pods: [{name: a, cgroups: [jbypass-none]}]"));
  }

  /** A file whose second line is a pod with that field. */
  private static String pod(String field) {
    return "pods:\n- {name: a, " + OWN + (field.isEmpty() ? "" : ", " + field) + "}";
  }

  @ParameterizedTest
  @MethodSource("mistakes")
  void aMistakeIsToldInOneLineWithItsPlace(int line, String complaint, String content) {
    assertComplaint(line, complaint, content);
  }

  @Test
  void dnsCanBeCapturedOnlyByMeshesThatAnswerIt() {
    String content = pod("policy: {captureDns: true}");
    assertThatThrownBy(() -> parse(content, Mesh.LINKERD))
        .isInstanceOf(PodFileException.class)
        .hasMessage(
            "pods.yaml:2: pods[0].policy.captureDns: mesh linkerd has no DNS port;"
                + " give one: mesh.dnsPort");
    assertThat(parse("mesh: {dnsPort: 5353}\n" + content, Mesh.LINKERD).pods()).hasSize(1);
  }

  @Test
  void whatIsEmptyOrNoTextIsToldWithoutALine() {
    assertThatThrownBy(() -> parse(""))
        .hasMessage("pods.yaml: is empty; it needs at least 'pods: []'");
    assertThatThrownBy(() -> parse("# nothing yet\n"))
        .hasMessageStartingWith("pods.yaml: is empty");
    assertThatThrownBy(() -> PodFile.parse(FILE, new byte[] {(byte) 0xff}, Mesh.ISTIO))
        .hasMessage("pods.yaml: is not text in UTF-8");
    assertThatThrownBy(() -> PodFile.read(Path.of("/none/pods.yaml"), Mesh.ISTIO))
        .hasMessage("/none/pods.yaml: there is no such file");
    assertThatThrownBy(() -> PodFile.read(Path.of("/"), Mesh.ISTIO))
        .hasMessageStartingWith("/: can't be read: ");
  }

  @Test
  void whatIsNestedWithoutEndIsTold() {
    assertThatThrownBy(() -> parse("pods: " + "[".repeat(100_000)))
        .isInstanceOf(PodFileException.class)
        .hasMessage("pods.yaml: is nested too deeply");
  }

  private static void assertComplaint(int line, String complaint, String content) {
    assertThatThrownBy(() -> parse(content))
        .isInstanceOf(PodFileException.class)
        .hasMessageStartingWith("pods.yaml:" + line + ": " + complaint)
        .message()
        .hasLineCount(1);
  }

  private static List<Cidr> networks(String... texts) {
    return Stream.of(texts).map(Cidr::parse).toList();
  }

  private static PodFile parse(String content) {
    return parse(content, Mesh.ISTIO);
  }

  private static PodFile parse(String content, Mesh preset) {
    return PodFile.parse(FILE, content.getBytes(StandardCharsets.UTF_8), preset);
  }
}
