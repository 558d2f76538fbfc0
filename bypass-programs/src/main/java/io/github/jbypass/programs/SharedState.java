// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import io.github.jbypass.core.BpfObjectSpec;
import io.github.jbypass.core.Btf;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * What old and new programs have in common when one version takes over from another: everything
 * that is known of connections. Policy and pods are a version's own.
 */
final class SharedState {
  static final String SWITCHES = ".data.switches";

  /** In C: maps, and sections of global variables. */
  static final List<String> MAPS =
      List.of(
          "sockets",
          "proxies",
          "senders",
          "handshakes",
          "tcp_totals",
          "events",
          "led_sockets",
          "dialled",
          "original_destinations",
          "arrived",
          "arriving",
          Leader.MAP,
          ".data.shared",
          SWITCHES);

  private static final int FINGERPRINT_BYTES = 8;

  private SharedState() {}

  /** Names of pins can't contain dots. */
  static String pinName(String map) {
    return map.startsWith(".") ? map.substring(1).replace('.', '_') : map;
  }

  /**
   * Stands for the layout and meaning of all that is shared: programs with the same fingerprint can
   * take over from each other. As many hexadecimal digits as always.
   */
  static String fingerprint(BpfObjectSpec spec, boolean intercepts) {
    var text = new StringBuilder();
    text.append(spec.btf().enumValues("layout")).append(spec.btf().enumValues("counter"));
    text.append(intercepts);
    for (var map : MAPS) {
      text.append('\n').append(spec.map(map));
      describe(map.startsWith(".") ? spec.btf().section(map) : spec.btf().mapTypes(map), text);
    }
    try {
      var hash =
          MessageDigest.getInstance("SHA-256")
              .digest(text.toString().getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, FINGERPRINT_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e); // every Java has it
    }
  }

  private static void describe(Btf.Struct struct, StringBuilder text) {
    text.append('{').append(struct.size());
    for (var member : struct.members()) {
      text.append(' ').append(member.name());
      text.append(' ').append(member.offsetBits()).append(' ').append(member.sizeBits());
      text.append(' ').append(member.element());
      if (member.struct() != null) {
        describe(member.struct(), text);
      }
    }
    text.append('}');
  }

  /** Whether a directory's name is a fingerprint. */
  static boolean isFingerprint(String name) {
    return name.matches("[0-9a-f]{" + 2 * FINGERPRINT_BYTES + "}");
  }
}
