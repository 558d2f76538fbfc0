// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import java.io.IOException;
import java.io.UncheckedIOException;

/** The objects that were compiled from src/test/bpf. */
final class Fixture {
  private Fixture() {}

  static byte[] bytes(String name) {
    try (var elf = Fixture.class.getResourceAsStream("/bpf/" + name + ".bpf.o")) {
      if (elf == null) {
        throw new IllegalArgumentException("no object " + name);
      }
      return elf.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static BpfObjectSpec open(String name) {
    return BpfObjectSpec.open(name, Fixture.class.getResourceAsStream("/bpf/" + name + ".bpf.o"));
  }

  static BpfObject load() {
    return open("fixture").load();
  }
}
