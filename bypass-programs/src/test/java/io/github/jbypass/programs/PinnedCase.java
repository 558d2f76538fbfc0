// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import io.github.jbypass.core.TestBpfFileSystem;
import io.github.jbypass.programs.testing.Family;
import io.github.jbypass.programs.testing.Pair;
import io.github.jbypass.programs.testing.Resources;
import io.github.jbypass.testing.TestCgroup;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A bpf file system for pins, and a cgroup that this JVM is in. */
abstract class PinnedCase {
  final Resources resources = new Resources();
  TestCgroup cgroup;
  Path pins;

  @BeforeEach
  final void prepare() {
    pins = resources.add(new TestBpfFileSystem()).file("bypass");
    cgroup = resources.add(TestCgroup.create());
    cgroup.enter();
  }

  @AfterEach
  final void closeAll() {
    cgroup.leave();
    resources.close(); // the mount goes with all pins
  }

  final BypassBuilder builder() {
    return Bypass.builder().cgroup(cgroup.cgroup());
  }

  final Bypass adopt() {
    return resources.add(builder().adopt(pins));
  }

  final Pair connect() {
    return connect(1).getFirst();
  }

  final List<Pair> connect(int count) {
    List<Pair> pairs = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      pairs.add(resources.add(Pair.connect(i % 2 == 0 ? Family.IPV4 : Family.IPV6)));
    }
    return pairs;
  }
}
