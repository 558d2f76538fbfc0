// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.google.gson.JsonParser;
import io.github.jbypass.testing.KernelTest;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The supported floor is Linux 5.15: what it has must be found, by trying it. */
@KernelTest
class KernelFeaturesTest {
  private static final KernelVersion FLOOR = KernelVersion.of("5.15");

  @ParameterizedTest
  @EnumSource(
      value = MapType.class,
      names = {
        "HASH", "ARRAY", "PERCPU_HASH", "PERCPU_ARRAY", "LRU_HASH", "LRU_PERCPU_HASH", "LPM_TRIE",
        "ARRAY_OF_MAPS", "HASH_OF_MAPS", "SOCKMAP", "SOCKHASH", "QUEUE", "STACK", "SK_STORAGE",
        "RINGBUF", "PROG_ARRAY", "CGROUP_STORAGE"
      })
  void mapsForSocketWorkAreThere(MapType type) {
    assertThat(KernelFeatures.mapType(type)).isEqualTo(Probe.YES);
  }

  @ParameterizedTest
  @EnumSource(
      value = ProgramType.class,
      names = {
        "SCHED_CLS",
        "CGROUP_SKB",
        "CGROUP_SOCK",
        "SOCK_OPS",
        "SK_SKB",
        "SK_MSG",
        "TRACING",
        "CGROUP_SOCK_ADDR",
        "CGROUP_SOCKOPT",
        "SK_LOOKUP"
      })
  void programsForSocketWorkAreThere(ProgramType type) {
    assertThat(KernelFeatures.programType(type)).isEqualTo(Probe.YES);
  }

  @ParameterizedTest
  @EnumSource(
      value = AttachType.class,
      mode = EnumSource.Mode.MATCH_ANY,
      names = {"CGROUP_.*", "SK_.*", "TRACE_ITER", "NETFILTER", "TCX_.*", "NETKIT_.*"})
  void attachTypesOfTheFloorAreThere(AttachType type) {
    if (type.since().compareTo(FLOOR) <= 0) {
      assertThat(KernelFeatures.attachType(type)).isEqualTo(Probe.YES);
    } else {
      assertThat(KernelFeatures.attachType(type)).isNotInstanceOf(Support.Unknown.class);
    }
  }

  @ParameterizedTest
  @EnumSource(KernelAbility.class)
  void abilitiesAgreeWithTheVersionThatBroughtThem(KernelAbility ability) {
    var support = KernelFeatures.ability(ability);
    // Lockdown is no question of versions.
    assumeFalse(
        ability == KernelAbility.SOCKET_MAP_ITERATOR && support instanceof Support.Unknown,
        () -> ability + ": " + support);

    if (ability.since().compareTo(FLOOR) <= 0) {
      assertThat(support).isEqualTo(Probe.YES);
    } else if (support instanceof Support.No no) { // or carried back by the distribution
      assertThat(no.minimum()).contains(ability.since());
      assertThat(no.reason()).contains(ability.since().toString());
    }
  }

  @Test
  void helpersAreAskedForByTypeOfProgram() {
    assertThat(KernelFeatures.helper(ProgramType.SK_MSG, Helper.MSG_REDIRECT_HASH).isPresent())
        .isTrue();
    assertThat(KernelFeatures.helper(ProgramType.SK_MSG, Helper.SK_STORAGE_GET).isPresent())
        .isTrue();
    assertThat(KernelFeatures.helper(ProgramType.SOCK_OPS, Helper.GET_NETNS_COOKIE).isPresent())
        .isTrue();
    assertThat(KernelFeatures.helper(ProgramType.SOCK_OPS, Helper.SOCK_HASH_UPDATE).isPresent())
        .isTrue();

    assertThat(KernelFeatures.helper(ProgramType.SOCK_OPS, Helper.MSG_REDIRECT_HASH))
        .isInstanceOfSatisfying(
            Support.No.class,
            no ->
                assertThat(no.reason())
                    .isEqualTo(
                        "programs of type SOCK_OPS can't call bpf_msg_redirect_hash on this"
                            + " kernel"));
    assertThat(KernelFeatures.helper(ProgramType.LSM, Helper.KTIME_GET_NS))
        .isInstanceOf(Support.Unknown.class);
  }

  @Test
  void theTableOfHelpersIsTheKernels() {
    assertThat(Helper.MAP_LOOKUP_ELEM.number()).isEqualTo(1);
    assertThat(Helper.MSG_REDIRECT_HASH.number()).isEqualTo(71);
    assertThat(Helper.GET_NETNS_COOKIE.number()).isEqualTo(122);
    assertThat(Helper.CGRP_STORAGE_DELETE.number()).isEqualTo(211);
    assertThat(Helper.of(71)).contains(Helper.MSG_REDIRECT_HASH);
    assertThat(Helper.of(0)).isEmpty();
    assertThat(Helper.of(212)).isEmpty();
  }

  @Test
  void aKernelIsAskedOnlyOnce() {
    KernelReport.create();
    long before = System.nanoTime();
    for (int i = 0; i < 10_000; i++) {
      assertThat(KernelFeatures.mapType(MapType.SOCKHASH).isPresent()).isTrue();
    }
    assertThat(System.nanoTime() - before).isLessThan(1_000_000_000L); // 10,000 probes take longer
  }

  @Test
  void threadsThatAskAtOnceGetOneAnswer() throws Exception {
    var questions = new ArrayList<Callable<Support>>();
    for (int i = 0; i < 64; i++) {
      questions.add(() -> KernelFeatures.mapType(MapType.BLOOM_FILTER));
    }
    try (var threads = Executors.newFixedThreadPool(16)) {
      var answers = new ArrayList<Support>();
      for (var answer : threads.invokeAll(questions)) {
        answers.add(answer.get());
      }
      assertThat(answers).containsOnly(KernelFeatures.mapType(MapType.BLOOM_FILTER));
    }
  }

  @Test
  void whatIsMissingIsExplainedByTheVersion() {
    assertThat(Probe.no(KernelVersion.of("99.9")))
        .hasToString("no: it takes Linux 99.9, this is " + KernelVersion.running());
    assertThat(Probe.no(KernelVersion.of("4.1")).toString())
        .startsWith("no: Linux has it since 4.1, but this ")
        .endsWith(" was built without it");
  }

  @Test
  void theReportIsReadableByPeople() {
    assertThat(KernelReport.create().text())
        .contains("kernel             " + System.getProperty("os.version"))
        .contains("libbpf             1.")
        .contains("cgroup v2          /")
        .contains("helpers of SK_MSG\n  yes: ")
        .contains("msg_redirect_hash")
        .satisfies(text -> assertThat(text.lines()).allMatch(line -> line.length() < 200));
  }

  @Test
  void theReportIsReadableByPrograms() {
    var report = JsonParser.parseString(KernelReport.create().json()).getAsJsonObject();

    assertThat(report.keySet()).containsExactly("facts", "capabilities", "features");
    assertThat(report.getAsJsonObject("facts").get("kernel").getAsString())
        .startsWith(System.getProperty("os.version"));
    var features = report.getAsJsonObject("features");
    assertThat(features.getAsJsonObject("map types").keySet())
        .hasSameSizeAs(EnumSet.complementOf(EnumSet.of(MapType.OTHER)));
    assertThat(features.getAsJsonObject("map types").getAsJsonObject("SOCKHASH"))
        .hasToString("{\"support\":\"yes\"}");
    assertThat(features.getAsJsonObject("helpers of SK_MSG").getAsJsonObject("BIND").get("support"))
        .hasToString("\"no\"");
  }
}
