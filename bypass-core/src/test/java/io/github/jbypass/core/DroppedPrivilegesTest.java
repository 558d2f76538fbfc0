// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.github.jbypass.testing.KernelTest;
import io.github.jbypass.testing.TestCgroup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a process that is not root can do, by the capabilities that it was given. */
@KernelTest
class DroppedPrivilegesTest {
  private static final String NOBODY = "65534";
  private static final String ALL = "+bpf,+net_admin,+perfmon";

  @TempDir private static Path readable;
  private static TestCgroup group;
  private static TestNamespace namespace;

  /** Where the classes lie, another user may not be allowed to look. */
  @BeforeAll
  static void copyClasses() throws IOException {
    copy(Child.classes(BpfObject.class));
    copy(Child.classes(UnprivilegedUser.class));
    Files.setPosixFilePermissions(readable, PosixFilePermissions.fromString("rwxr-xr-x"));
    group = TestCgroup.create();
    namespace = new TestNamespace();
  }

  @AfterAll
  static void removeGroup() {
    group.close();
    namespace.close();
  }

  private static void copy(Path classes) throws IOException {
    try (var files = Files.walk(classes)) {
      for (var file : files.filter(Files::isRegularFile).toList()) {
        var target = readable.resolve(classes.relativize(file).toString());
        if (!target.endsWith("module-info.class")) {
          Files.createDirectories(target.getParent());
          Files.copy(file, target);
        }
      }
    }
  }

  /** What a process that is nobody, with these capabilities, reports of an attempt. */
  private static String attempt(String capabilities, String attempt) {
    var command =
        new ArrayList<>(List.of("setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"));
    if (capabilities.isEmpty()) {
      command.add("--inh-caps=-all");
    } else {
      command.addAll(List.of("--inh-caps=" + capabilities, "--ambient-caps=" + capabilities));
    }
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            readable.toString(),
            UnprivilegedUser.class.getName(),
            attempt,
            group.path().toString(),
            namespace.path().toString()));
    return Child.run(command);
  }

  private static JsonObject report(String capabilities) {
    return JsonParser.parseString(attempt(capabilities, "report")).getAsJsonObject();
  }

  @Test
  void threeCapabilitiesAreEnoughToLoadAttachAndUse() {
    assertThat(attempt(ALL, "use")).isEqualTo("DONE 65534\n");
    assertThat(attempt(ALL, "read-kernel-memory")).isEqualTo("DONE 65534\n");
  }

  @Test
  void withoutCapBpfNothingLoads() {
    assertThat(attempt("+net_admin,+perfmon", "use"))
        .startsWith("REFUSED [CAP_BPF] load BPF object fixture: this process lacks CAP_BPF (")
        .contains("creating maps and loading programs")
        .contains("AmbientCapabilities=")
        .contains("[EPERM]");
  }

  @Test
  void withoutCapNetAdminNothingThatSeesTheNetworkLoads() {
    assertThat(attempt("+bpf,+perfmon", "use"))
        .startsWith("REFUSED [CAP_NET_ADMIN] load BPF object fixture: ")
        .contains("this process lacks CAP_NET_ADMIN (socket maps and network programs");
  }

  @Test
  void withoutCapPerfmonOnlyWhatReadsKernelMemoryIsRefused() {
    assertThat(attempt("+bpf,+net_admin", "use")).isEqualTo("DONE 65534\n");
    assertThat(attempt("+bpf,+net_admin", "read-kernel-memory"))
        .startsWith("REFUSED [CAP_PERFMON] load program reads_kernel_memory: ")
        .contains("this process lacks CAP_PERFMON (programs that read kernel memory")
        // libbpf falls back to the old name; older kernels (6.1) say it the second way
        .containsPattern("(cannot use helper|unknown func) bpf_probe_read")
        .contains("caused by VerifierException");
  }

  @Test
  void withoutAnyAllThatIsMissingIsNamedAtOnce() {
    assertThat(attempt("", "use"))
        .startsWith("REFUSED [CAP_BPF, CAP_NET_ADMIN] load BPF object fixture: ");
  }

  @Test
  void runTimeStatisticsTakeCapSysAdmin() {
    assertThat(attempt(ALL, "statistics"))
        .startsWith("REFUSED [CAP_SYS_ADMIN] enable run-time statistics: ");
  }

  @Test
  void openingByNumberTakesCapSysAdmin() {
    assertThat(attempt(ALL, "open-map")).startsWith("REFUSED [CAP_SYS_ADMIN] open map number 1: ");
    assertThat(attempt(ALL, "open-program")).startsWith("REFUSED [CAP_SYS_ADMIN] open program 1: ");
  }

  @Test
  void itsOwnNamespaceIsOpenToEverybodyButOthersTakeCapSysAdmin() {
    assertThat(attempt("", "own-namespace")).isEqualTo("DONE 65534\n");
    assertThat(attempt(ALL, "enter-namespace"))
        .startsWith("REFUSED [CAP_SYS_ADMIN] enter network namespace " + namespace.path());
  }

  @Test
  void theReportSaysWhatItCouldNotTellAndWhy() {
    var features = report("").getAsJsonObject("features");

    for (var category : List.of("map types", "program types", "attach types")) {
      for (var feature : features.getAsJsonObject(category).entrySet()) {
        var support = feature.getValue().getAsJsonObject();
        assertThat(support.get("support").getAsString()).as(feature.getKey()).isNotEqualTo("yes");
      }
    }
    assertThat(features.getAsJsonObject("map types").getAsJsonObject("SOCKHASH"))
        .asString()
        .contains("\"support\":\"unknown\"")
        .contains("this process lacks CAP_BPF (")
        .contains("and CAP_NET_ADMIN (");
    assertThat(features.getAsJsonObject("abilities").getAsJsonObject("BTF"))
        .hasToString("{\"support\":\"yes\"}"); // which everybody may read
  }

  @Test
  void theReportListsWhatEachMissingCapabilityPrevents() {
    var capabilities = report("+bpf,+net_admin").getAsJsonObject("capabilities");

    assertThat(capabilities.get("effective")).hasToString("[\"CAP_BPF\",\"CAP_NET_ADMIN\"]");
    assertThat(capabilities.getAsJsonObject("missing").keySet())
        .containsExactly("CAP_PERFMON", "CAP_SYS_ADMIN");
    assertThat(capabilities.getAsJsonObject("missing").get("CAP_PERFMON").getAsString())
        .isEqualTo(Capability.CAP_PERFMON.prevents());
  }

  @Test
  void whatIsRefusedOnlyForWantOfACapabilityIsNotCalledMissing() {
    var helpers =
        report("+bpf,+net_admin").getAsJsonObject("features").getAsJsonObject("helpers of SK_MSG");

    assertThat(helpers.getAsJsonObject("MSG_REDIRECT_HASH")).hasToString("{\"support\":\"yes\"}");
    assertThat(helpers.getAsJsonObject("PROBE_READ_KERNEL"))
        .asString()
        .contains("\"support\":\"unknown\"")
        .contains("CAP_PERFMON");
  }
}
