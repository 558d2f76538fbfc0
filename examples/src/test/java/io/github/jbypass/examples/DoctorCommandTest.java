// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.github.jbypass.core.Cgroup;
import io.github.jbypass.testing.KernelTest;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class DoctorCommandTest {
  private static final int COLUMNS = 100;
  private static final Set<String> VERDICTS =
      Set.of("ok", "repaired", "excluded", "differs", "refused", "not_tried");

  @TempDir private static Path readable;
  private static String classPath;

  /** Where the classes lie, another user may not be allowed to look. */
  @BeforeAll
  static void copyClasses() throws IOException {
    var copies = new ArrayList<String>();
    for (var entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      if (Files.exists(Path.of(entry))) {
        copies.add(copy(Path.of(entry), readable.resolve(Integer.toString(copies.size()))));
      }
    }
    Files.setPosixFilePermissions(readable, PosixFilePermissions.fromString("rwxr-xr-x"));
    classPath = String.join(File.pathSeparator, copies);
  }

  private static String copy(Path from, Path to) throws IOException {
    var target = Files.isRegularFile(from) ? Path.of(to + ".jar") : to;
    try (var files = Files.walk(from)) {
      for (var file : files.toList()) {
        Files.copy(file, target.resolve(from.relativize(file).toString()));
      }
    }
    return target.toString();
  }

  private static List<String> as(String user, String capabilities) {
    return List.of(
        "setpriv",
        "--reuid=" + user,
        "--regid=" + user,
        "--clear-groups",
        "--bounding-set=-all" + capabilities,
        "--inh-caps=-all" + capabilities,
        "--ambient-caps=-all" + capabilities,
        "--no-new-privs");
  }

  private static Map<String, JsonObject> findings(Child doctor) {
    var document = JsonParser.parseString(doctor.output()).getAsJsonObject();
    assertThat(document.keySet()).containsExactly("works", "kernel", "findings");
    var findings = new TreeMap<String, JsonObject>();
    for (var element : document.getAsJsonArray("findings")) {
      var finding = element.getAsJsonObject();
      assertThat(finding.keySet()).containsExactly("area", "check", "verdict", "notice", "remedy");
      assertThat(finding.get("verdict").getAsString()).isIn(VERDICTS);
      assertThat(findings.put(finding.get("check").getAsString(), finding)).isNull();
    }
    return findings;
  }

  private static String verdict(Map<String, JsonObject> findings, String check) {
    return findings.get(check).get("verdict").getAsString();
  }

  @KernelTest
  @Test
  void asJsonItIsOneDocument() throws Exception {
    try (var doctor = Child.start("doctor", "--json")) {
      var findings = findings(doctor);
      assertThat(verdict(findings, "load")).isEqualTo("ok");
      assertThat(verdict(findings, "order")).isEqualTo("ok");
      assertThat(verdict(findings, "earlier_connection")).isEqualTo("excluded");
      assertThat(doctor.status()).isZero();
      assertThat(doctor.errors()).isEmpty();
    }
  }

  @KernelTest
  @Test
  void asTextEachCheckHasItsLineAndTheLastOneIsTheConclusion() throws Exception {
    try (var doctor = Child.start("doctor")) {
      var lines = doctor.output().lines().toList();
      assertThat(lines).anyMatch(line -> line.startsWith("  ok         order"));
      assertThat(lines.getLast()).startsWith("The data path can work here.");
      assertThat(lines).allMatch(line -> line.length() <= COLUMNS);
      assertThat(doctor.status()).isZero();
    }
  }

  @KernelTest
  @Test
  void anOrdinaryUserIsToldWhatIsMissing() throws Exception {
    try (var doctor = Child.startBy(as("65534", ""), classPath, "doctor", "--json")) {
      var findings = findings(doctor);
      assertThat(verdict(findings, "btf")).isEqualTo("ok");
      assertThat(verdict(findings, "capabilities")).isEqualTo("refused");
      assertThat(findings.get("capabilities").get("notice").getAsString())
          .contains("without CAP_BPF", "without CAP_NET_ADMIN", "without CAP_PERFMON");
      assertThat(verdict(findings, "load")).isEqualTo("refused");
      assertThat(verdict(findings, "splice_from_socket")).isEqualTo("not_tried");
      assertThat(doctor.status()).isEqualTo(1);
      assertThat(doctor.errors()).isEmpty();
    }
  }

  @KernelTest
  @Test
  void threeCapabilitiesAreEnoughForTheDataPath() throws Exception {
    var wrapper = as("65534", ",+bpf,+net_admin,+perfmon");
    try (var doctor = Child.startBy(wrapper, classPath, "doctor", "--json")) {
      var findings = findings(doctor);
      assertThat(verdict(findings, "capabilities")).isEqualTo("differs");
      assertThat(verdict(findings, "load")).isEqualTo("ok");
      assertThat(verdict(findings, "temporary_group")).isEqualTo("not_tried");
      assertThat(verdict(findings, "agents")).isEqualTo("not_tried"); // it takes CAP_SYS_ADMIN
      assertThat(doctor.status()).isZero();
    }
  }

  @KernelTest
  @Test
  void whereNoGroupCanBeMadeTheProgramsAreLoadedAllTheSame() throws Exception {
    var mount = Cgroup.mountPoint().toString();
    var readOnly =
        "mount --make-rprivate / && mount -o remount,bind,ro '%s' && exec \"$@\"".formatted(mount);
    var wrapper = List.of("unshare", "-m", "sh", "-c", readOnly, "sh");
    try (var doctor = Child.startBy(wrapper, classPath, "doctor", "--json")) {
      var findings = findings(doctor);
      assertThat(findings.get("temporary_group").get("notice").getAsString()).contains("Read-only");
      assertThat(verdict(findings, "load")).isEqualTo("ok");
      assertThat(verdict(findings, "order")).isEqualTo("not_tried");
      assertThat(doctor.status()).isZero();
    }
  }

  @KernelTest
  @Test
  void asksToEndLeaveNothingBehind() throws Exception {
    try (var doctor = Child.start("doctor")) {
      var group = Cgroup.mountPoint().resolve("jbypass-doctor-" + doctor.pid());
      Eventually.check(() -> assertThat(group).exists());
      doctor.signal("INT");
      assertThat(doctor.status()).isEqualTo(130);
      assertThat(group).doesNotExist();
    }
  }

  @Test
  void aPathThatIsNoCgroupIsToldInOneLine() throws Exception {
    try (var doctor = Child.start("doctor", "--cgroup", readable.toString())) {
      assertThat(doctor.status()).isEqualTo(1);
      assertThat(doctor.errors().lines()).singleElement().asString().contains("not a cgroup v2");
    }
  }

  /** docs/doctor.md describes every check, and no other. */
  @KernelTest
  @Test
  void everyCheckIsDescribed() throws Exception {
    var page = Files.readString(Path.of("../docs/doctor.md"));
    var described =
        page.lines()
            .filter(line -> line.startsWith("| `"))
            .map(line -> line.substring(3, line.indexOf('`', 3)))
            .collect(Collectors.toSet());
    try (var doctor = Child.start("doctor", "--json")) {
      assertThat(described).isEqualTo(findings(doctor).keySet());
    }
  }
}
