// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.jbypass.core.AttachType;
import io.github.jbypass.core.AttachedProgram;
import io.github.jbypass.core.BpfMap;
import io.github.jbypass.core.BpfProgram;
import io.github.jbypass.core.Cgroup;
import io.github.jbypass.core.KernelVersion;
import io.github.jbypass.core.TestBpfFileSystem;
import io.github.jbypass.maps.Mesh;
import io.github.jbypass.programs.Health.Kind;
import io.github.jbypass.programs.Health.Problem;
import io.github.jbypass.programs.testing.Resources;
import io.github.jbypass.programs.testing.Stranger;
import io.github.jbypass.testing.KernelTest;
import io.github.jbypass.testing.TestCgroup;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whether what is attached stays so, whoever meddles with it. */
@KernelTest
class HealthTest {
  private static final KernelVersion SOCKMAP_LINKS = new KernelVersion(6, 10);

  private final Resources resources = new Resources();
  private TestCgroup cgroup;
  private Bypass bypass;

  @BeforeEach
  void attach() {
    cgroup = resources.add(TestCgroup.create());
    bypass = resources.add(Bypass.builder().cgroup(cgroup.cgroup()).load().attach());
  }

  @AfterEach
  void closeAll() {
    resources.close();
  }

  private BpfProgram tracker() {
    return bypass.object().program(Bypass.TRACKER);
  }

  private static List<Kind> kinds(Bypass bypass) {
    return bypass.health().problems().stream().map(Problem::kind).toList();
  }

  @Test
  void whatIsAttachedIsHealthy() {
    assertThat(bypass.health()).isEqualTo(new Health(true, List.of()));
    assertThat(bypass.health().isHealthy()).isTrue();
  }

  @Test
  void switchedOffIsToldAndNoProblem() {
    bypass.disable();
    assertThat(bypass.health()).isEqualTo(new Health(false, List.of()));
  }

  @Test
  void whatIsNotAttachedOrClosedIsNotHealthy() {
    var other = Bypass.builder().cgroup(cgroup.cgroup()).load();
    assertThat(kinds(other)).containsExactly(Kind.NOT_ATTACHED);
    other.attach();
    assertThat(other.health().isHealthy()).isTrue();
    other.close();
    assertThat(kinds(other)).containsExactly(Kind.CLOSED);
    assertThat(other.health().isEnabled()).isFalse();
  }

  @Test
  void aDetachedLinkIsNamed() {
    Stranger.detach(tracker());
    assertThat(bypass.health().problems())
        .singleElement()
        .hasToString(
            "detached: link of program track_connections to cgroup "
                + cgroup.path()
                + ": somebody detached it: load and attach anew");
  }

  @Test
  void aDetachedLinkStaysAProblemThoughAnotherProgramIsAttached() {
    Stranger.detach(tracker());
    resources.add(tracker().attach(cgroup.cgroup()));
    assertThat(kinds(bypass)).containsExactly(Kind.DETACHED);
  }

  @Test
  void aReplacedProgramIsAProblemUntilItIsBack() {
    var other = resources.add(Bypass.builder().cgroup(cgroup.cgroup()).load());
    var stranger = other.object().program(Bypass.TRACKER);
    Stranger.replace(tracker(), stranger);
    assertThat(bypass.health().problems())
        .singleElement()
        .asString()
        .endsWith("program %d runs in the place of %d".formatted(stranger.id(), tracker().id()));

    Stranger.replace(stranger, tracker());
    assertThat(bypass.health().isHealthy()).isTrue();
  }

  @Test
  void withoutTheProgramOnTheSocketMapItIsNotHealthy() {
    var sockets = bypass.object().map("sockets");
    var redirector = redirector(sockets);
    assumeTrue(redirector.isLinked, "sockmap links are from kernel 6.10 on");
    Stranger.detach(redirector.program);
    assertThat(AttachedProgram.list(sockets, AttachType.SK_MSG_VERDICT)).isEmpty();
    assertThat(bypass.health().problems())
        .singleElement()
        .asString()
        .startsWith("detached: link of program redirect_messages")
        .contains("map sockets");
  }

  private record Redirector(BpfProgram program, boolean isLinked) {}

  private Redirector redirector(BpfMap sockets) {
    int id = AttachedProgram.list(sockets, AttachType.SK_MSG_VERDICT).getFirst().program();
    var program =
        bypass.object().programs().stream().filter(it -> it.id() == id).findFirst().orElseThrow();
    return new Redirector(program, KernelVersion.running().compareTo(SOCKMAP_LINKS) >= 0);
  }

  @Test
  void whoAdoptsLooksAfterWhatItHasTakenOver() {
    var pins = resources.add(new TestBpfFileSystem()).file("bypass");
    var builder = Bypass.builder().cgroup(cgroup.cgroup());
    builder.load().attach().pinTo(pins).close();
    try (var adopted = builder.adopt(pins).attach()) {
      assertThat(adopted.health().isHealthy()).isTrue();
      Stranger.detach(adopted.object().program(Bypass.TRACKER));
      assertThat(kinds(adopted)).containsExactly(Kind.DETACHED);
      adopted.unload();
    }
  }

  @Test
  void aControlGroupThatWasRemovedStaysAProblemThoughOneOfItsNameIsMade() {
    var group = cgroup.cgroup().createChild("inner");
    try (var other = Bypass.builder().cgroup(group).intercept(Mesh.ISTIO).load().attach()) {
      assertThat(other.health().isHealthy()).isTrue();
      group.delete();
      assertThat(other.health().problems())
          .singleElement()
          .hasToString(
              "cgroup_gone: " + group + ": it was removed, and what was attached to it with it");

      Cgroup namesake = cgroup.cgroup().createChild("inner");
      assertThat(kinds(other)).containsExactly(Kind.CGROUP_GONE);
      namesake.delete();
    }
  }

  @Test
  void eachProgramThatInterceptsIsLookedAfter() {
    try (var other =
        Bypass.builder().cgroup(cgroup.cgroup()).intercept(Mesh.ISTIO).load().attach()) {
      Stranger.detach(other.object().program("intercept_connect6"));
      Stranger.detach(other.object().program("tell_original_destination"));
      assertThat(other.health().problems())
          .extracting(Problem::kind)
          .containsExactly(Kind.DETACHED, Kind.DETACHED);
      assertThat(other.health().problems())
          .extracting(Problem::object)
          .anyMatch(object -> object.contains("intercept_connect6"))
          .anyMatch(object -> object.contains("tell_original_destination"));
    }
  }
}
