// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.jbypass.testing.KernelTest;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a user is told whose machine is not ready for BPF. */
@KernelTest
class EnvironmentTest {
  private static final List<String> AS_IS = List.of();

  private static List<String> with(List<String> options, String... more) {
    var all = new ArrayList<>(options);
    all.addAll(List.of(more));
    return all;
  }

  @Test
  void inOrderTheObjectLoads() {
    assertThat(Child.output(AS_IS, Child.onClassPath(), "relocated"))
        .isEqualToIgnoringNewLines("LOADED [address]COUNTING");
  }

  @Test
  void withoutLibbpf() {
    var options = with(Child.onClassPath(), "-Djbypass.libbpf=libinexistent.so.1");

    assertThat(Child.output(AS_IS, options, "fixture"))
        .startsWith("LibraryMissingException: open BPF object fixture: libinexistent.so.1")
        .contains("apt-get install libbpf1")
        .contains("dnf install libbpf")
        .contains("-Djbypass.libbpf=PATH");
  }

  @Test
  void withALibraryThatIsNotLibbpf() {
    var options = with(Child.onClassPath(), "-Djbypass.libbpf=libc.so.6");

    assertThat(Child.output(AS_IS, options, "fixture"))
        .startsWith("LibraryMissingException: ")
        .contains("libc.so.6 lacks [")
        .contains("bpf_object__load")
        .contains("libbpf 1.1 or newer is needed");
  }

  @Test
  void withoutTheRightToCountRunTime() {
    var some =
        List.of("setpriv", "--bounding-set=-all,+bpf,+net_admin,+perfmon", "--inh-caps=-all");

    assertThat(Child.output(some, Child.onClassPath(), "fixture"))
        .startsWith("LOADED [")
        .contains(
            "PrivilegeException: enable run-time statistics: this process lacks CAP_SYS_ADMIN");
  }

  @Test
  void inAUserNamespace() {
    var inside = List.of("unshare", "--user", "--map-root-user");

    assertThat(Child.output(inside, Child.onClassPath(), "fixture"))
        .startsWith("PrivilegeException: ")
        .contains("capabilities inside a user namespace do not count for BPF");
  }

  @Test
  void onAKernelWithoutBtf() {
    var hidden =
        List.of(
            "unshare",
            "--mount",
            "sh",
            "-c",
            "mount -t tmpfs hidden /sys/kernel/btf && exec \"$@\"",
            "sh");

    assertThat(Child.output(hidden, Child.onClassPath(), "relocated"))
        .startsWith("KernelUnsupportedException: load BPF object relocated: kernel without BTF")
        .contains("/sys/kernel/btf/vmlinux is missing")
        .contains("CONFIG_DEBUG_INFO_BTF");
  }

  @Test
  void asAModuleWithoutNativeAccess() {
    assertThat(Child.output(AS_IS, Child.asModule(), "fixture"))
        .startsWith("LibraryMissingException: ")
        .contains("run java with --enable-native-access=io.github.jbypass.core");
  }

  @Test
  void asAModuleWithNativeAccess() {
    var options = with(Child.asModule(), "--enable-native-access=io.github.jbypass.core");

    assertThat(Child.output(AS_IS, options, "fixture")).startsWith("LOADED [");
  }
}
