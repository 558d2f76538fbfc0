// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jbypass.core.AlreadyExistsException;
import io.github.jbypass.core.BpfMap;
import io.github.jbypass.core.Cgroup;
import io.github.jbypass.core.MapFullException;
import io.github.jbypass.maps.Cidr;
import io.github.jbypass.maps.Mesh;
import io.github.jbypass.maps.Pod;
import io.github.jbypass.maps.PodMap;
import io.github.jbypass.maps.PodPolicy;
import io.github.jbypass.programs.testing.ThreadCgroup;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The pods of a host: what can be done with them, and what the kernel is told. */
class PodMapTest extends InterceptionTest {
  private static final List<String> TABLES =
      List.of("identities", "pods", "pod_rules", "pod_networks");

  private final PodPolicy policy =
      PodPolicy.builder()
          .excludeOutboundPorts(1, 2, 3)
          .includeInboundPorts(4)
          .excludeUsers(5)
          .excludeOutboundNetworks(List.of(Cidr.parse("10.1.0.0/16")))
          .build();

  @Test
  void aPodThatWasAddedIsThere() {
    Pod pod = pod("one", client).policy(policy).build();
    bypass.pods().add(pod);
    assertEquals(Optional.of(pod), bypass.pods().get("one"));
    assertEquals(List.of(pod), bypass.pods().list());
    assertEquals(Optional.empty(), bypass.pods().get("two"));
  }

  @Test
  void aPodIsReplacedByAnotherOfItsName() {
    bypass.pods().add(pod("one", client).build());
    Pod changed = pod("one", server).policy(policy).build();
    bypass.pods().update(changed);
    assertEquals(List.of(changed), bypass.pods().list());
  }

  @Test
  void aPodIsRemovedByItsName() {
    bypass.pods().add(pod("one", client).build());
    assertTrue(bypass.pods().remove("one"));
    assertFalse(bypass.pods().remove("one"));
    assertEquals(List.of(), bypass.pods().list());
  }

  @Test
  void settingAddsUpdatesAndRemoves() {
    bypass.pods().set(List.of(pod("gone", client).build(), pod("changed", server).build()));
    List<Pod> next =
        List.of(pod("changed", server).policy(policy).build(), pod("new", client).build());
    bypass.pods().set(next);
    assertEquals(next, bypass.pods().list());
  }

  @Test
  void podsMayExchangeWhatTheyAreKnownBy() {
    bypass.pods().set(List.of(pod("one", client).build(), pod("two", server).build()));
    bypass.pods().set(List.of(pod("one", server).build(), pod("two", client).build()));
    assertEquals(2, entries("pods"));
    assertEquals(6, entries("identities"));
  }

  @Test
  void theTablesAreEmptyWhenThePodsAreGone() {
    bypass
        .pods()
        .set(List.of(pod("one", client).policy(policy).build(), pod("two", server).build()));
    bypass.pods().update(pod("two", server).policy(policy).build());
    bypass.pods().remove("one");
    bypass.pods().remove("two");
    for (String table : TABLES) {
      assertEquals(0, entries(table), table);
    }
  }

  @Test
  void whatIsThereAlreadyChangesNothing() {
    List<Pod> pods = List.of(pod("one", client).policy(policy).build());
    bypass.pods().set(pods);
    Map<String, String> before = tables();
    bypass.pods().set(List.of(pod("one", client).policy(policy).build()));
    assertEquals(before, tables());
  }

  @Test
  void aNameIsUsedOnce() {
    bypass.pods().add(pod("one", client).build());
    assertChangesNothing(
        () ->
            assertThatThrownBy(() -> bypass.pods().add(pod("one", server).build()))
                .isInstanceOf(AlreadyExistsException.class)
                .hasMessageContaining("pod one")
                .hasMessageContaining("there is one of that name"));
    assertChangesNothing(
        () ->
            assertThatIllegalArgumentException()
                .isThrownBy(
                    () ->
                        bypass
                            .pods()
                            .set(List.of(pod("a", client).build(), pod("a", server).build())))
                .withMessage("there are two pods named a"));
  }

  @Test
  void onlyWhatIsThereCanBeUpdated() {
    bypass.pods().add(pod("one", client).build());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> bypass.pods().update(pod("two", server).build()))
        .withMessage("there is no pod two to update; there are [one]");
  }

  @Test
  void anAddressBelongsToOnePod() {
    bypass.pods().add(pod("one", client).build());
    Pod other =
        Pod.named("two").address(client.ipv4()).namespace(server.networkNamespace()).build();
    assertRefused(other, client.ipv4().getHostAddress() + " belongs to both pod one and pod two");
  }

  @Test
  void anAddressIsTheSameInEitherNotation() throws UnknownHostException {
    bypass.pods().add(pod("one", client).build());
    byte[] mapped = new byte[16];
    mapped[10] = mapped[11] = -1;
    System.arraycopy(client.ipv4().getAddress(), 0, mapped, 12, 4);
    Pod other =
        Pod.named("two")
            .address(InetAddress.getByAddress(mapped))
            .namespace(server.networkNamespace())
            .build();
    assertRefused(other, client.ipv4().getHostAddress() + " belongs to both pod one and pod two");
  }

  @Test
  void aNamespaceBelongsToOnePod() {
    bypass.pods().add(Pod.named("one").namespace(client.networkNamespace()).build());
    assertRefused(
        Pod.named("two").namespace(client.networkNamespace()).build(),
        client.networkNamespace() + " belongs to both pod one and pod two");
  }

  @Test
  void aCgroupBelongsToOnePod() {
    Cgroup cgroup =
        resources.add(ThreadCgroup.create(path.cgroup().cgroup(), "container")).cgroup();
    bypass.pods().add(Pod.named("one").cgroup(cgroup).build());
    for (Pod.Builder other :
        List.of(Pod.named("two").cgroup(cgroup), Pod.named("two").sidecarCgroup(cgroup))) {
      assertRefused(
          other.build(), "cgroup " + cgroup.path() + " belongs to both pod one and pod two");
    }
  }

  @Test
  void aMeshWithoutDnsCapturesNone() {
    PodMap pods = new PodMap(bypass.object(), Mesh.LINKERD, PodMap.Listener.NONE);
    Pod pod = pod("one", client).policy(PodPolicy.builder().captureDns(true).build()).build();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> pods.add(pod))
        .withMessage("pod one wants its DNS captured, but mesh linkerd has no DNS port");
  }

  @Test
  void somebodyHasToBeTheSidecar() {
    Mesh mesh = Mesh.builder("own").outboundPort(1).inboundPort(2).build();
    PodMap pods = new PodMap(bypass.object(), mesh, PodMap.Listener.NONE);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> pods.add(pod("one", client).build()))
        .withMessage(
            "nothing tells who is the sidecar of pod one:"
                + " give mesh own, or the pod, a user, a group or a cgroup");
    pods.add(pod("one", client).policy(PodPolicy.builder().sidecarUser(7).build()).build());
    assertTrue(pods.remove("one"));
  }

  @Test
  void aPodThatDoesNotFitChangesNothing() {
    bypass.pods().add(pod("one", client).policy(policy).build());
    int[] ports = IntStream.rangeClosed(1, 65_535).toArray();
    int[] users = IntStream.range(0, 140_000).toArray();
    Pod large =
        pod("large", server)
            .policy(
                PodPolicy.builder()
                    .excludeOutboundPorts(ports)
                    .excludeInboundPorts(ports)
                    .excludeUsers(users)
                    .build())
            .build();
    assertChangesNothing(
        () ->
            assertThatThrownBy(() -> bypass.pods().add(large))
                .isInstanceOf(MapFullException.class));
  }

  @Test
  void addressesThatDoNotFitChangeNothing() throws UnknownHostException {
    bypass.pods().add(pod("one", client).policy(policy).build());
    Pod.Builder large = pod("one", server);
    for (int i = 0; i < 70_000; i++) {
      byte[] address = {20, (byte) (i >> 16), (byte) (i >> 8), (byte) i};
      large.address(InetAddress.getByAddress(address));
    }
    assertChangesNothing(
        () ->
            assertThatThrownBy(() -> bypass.pods().update(large.build()))
                .isInstanceOf(MapFullException.class));
  }

  @Test
  void aListenerThatObjectsPreventsTheChange() {
    bypass.pods().add(pod("one", client).policy(policy).build());
    PodMap.Listener objector =
        (before, after) -> {
          throw new IllegalStateException("no");
        };
    PodMap pods = new PodMap(bypass.object(), Mesh.ISTIO, objector);
    assertChangesNothing(
        () ->
            assertThatThrownBy(() -> pods.add(pod("two", server).policy(policy).build()))
                .hasMessage("no"));
  }

  @Test
  void aListenerIsToldBeforeAndAfter() {
    List<String> told = new ArrayList<>();
    PodMap.Listener listener =
        new PodMap.Listener() {
          @Override
          public void changing(Collection<Pod> before, Collection<Pod> after) {
            told.add(before + " to " + after);
          }

          @Override
          public void changed(Collection<Pod> pods) {
            told.add("now " + pods);
          }
        };
    PodMap pods = new PodMap(bypass.object(), Mesh.ISTIO, listener);
    pods.add(pod("one", client).build());
    pods.remove("one");
    assertEquals(List.of("[] to [pod one]", "now [pod one]", "[pod one] to []", "now []"), told);
  }

  private void assertRefused(Pod pod, String message) {
    assertChangesNothing(
        () ->
            assertThatIllegalArgumentException()
                .isThrownBy(() -> bypass.pods().add(pod))
                .withMessage(message));
  }

  private void assertChangesNothing(Runnable attempt) {
    Map<String, String> before = tables();
    List<Pod> pods = bypass.pods().list();
    attempt.run();
    assertEquals(before.keySet(), tables().keySet());
    assertEquals(inEffect(before), inEffect(tables()));
    assertEquals(pods, bypass.pods().list());
  }

  /** The last field of an identity's entry; the others tell since when. */
  private static Map<String, String> inEffect(Map<String, String> tables) {
    Map<String, String> inEffect = new TreeMap<>(tables);
    inEffect.replaceAll(
        (key, value) -> key.startsWith("identities") ? value.substring(value.length() - 8) : value);
    return inEffect;
  }

  /** All entries of all tables in hexadecimal. */
  private Map<String, String> tables() {
    Map<String, String> all = new TreeMap<>();
    try (Arena arena = Arena.ofConfined()) {
      for (String table : TABLES) {
        BpfMap map = bypass.object().map(table);
        MemorySegment key = arena.allocate(map.keySize(), 8);
        MemorySegment value = arena.allocate(map.transferSize(), 8);
        for (boolean more = map.nextKey(null, key); more; more = map.nextKey(key, key)) {
          assertTrue(map.lookup(key, value));
          all.put(table + " " + hex(key, map.keySize()), hex(value, map.valueSize()));
        }
      }
    }
    return all;
  }

  private static String hex(MemorySegment segment, int size) {
    return HexFormat.of().formatHex(segment.asSlice(0, size).toArray(ValueLayout.JAVA_BYTE));
  }
}
