// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.chaos;

import io.github.jbypass.core.BpfObjectSpec;
import io.github.jbypass.core.Cgroup;
import io.github.jbypass.programs.Bypass;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;

/** One whose programs redirect without the gate, and are switched off and on all the time. */
final class UngatedAgent {
  private static final int PERIOD = 50; // ms

  private UngatedAgent() {}

  public static void main(String[] arguments) throws IOException, InterruptedException {
    var cgroup = Path.of(arguments[List.of(arguments).indexOf("--cgroup") + 1]);
    try (var resource = Bypass.class.getResourceAsStream("bypass.bpf.o");
        var spec = BpfObjectSpec.open("ungated", resource.readAllBytes())) {
      spec.autoload("redirect_messages_portable", false);
      spec.set("redirect_always", true);
      try (var object = spec.load();
          var _ = object.program("redirect_messages").attach(object.map("sockets"));
          var _ = object.program("pass_stream").attach(object.map("sockets"));
          var _ = object.program("track_connections").attach(Cgroup.at(cgroup))) {
        System.out.println("READY");
        var enabled = object.global("enabled");
        for (int on = 0; ; on = 1 - on) { // until it is killed
          enabled.set(ValueLayout.JAVA_INT, 0, on);
          Thread.sleep(PERIOD);
        }
      }
    }
  }
}
