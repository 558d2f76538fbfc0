// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;

/**
 * Finds numbers of the running kernel's types. Reads through some 100,000 of them each time:
 * whoever asks keeps the answer.
 */
final class KernelBtf {
  static final Path FILE = Path.of("/sys/kernel/btf/vmlinux");

  private static final int STRUCT = 4;
  private static final int FUNCTION = 12;

  private KernelBtf() {}

  /** The number of a function; empty if there is none, or no type information. */
  static OptionalInt function(String name) {
    return find(FUNCTION, name);
  }

  /** The number of a struct; empty if there is none, or no type information. */
  static OptionalInt struct(String name) {
    return find(STRUCT, name);
  }

  private static OptionalInt find(int kind, String name) {
    try {
      return find(
          ByteBuffer.wrap(Files.readAllBytes(FILE)).order(ByteOrder.nativeOrder()), kind, name);
    } catch (IOException e) {
      return OptionalInt.empty();
    }
  }

  private static OptionalInt find(ByteBuffer btf, int wanted, String name) {
    int header = btf.getInt(4);
    int begin = header + btf.getInt(8);
    int end = begin + btf.getInt(12);
    int strings = header + btf.getInt(16);
    var bytes = (name + '\0').getBytes(StandardCharsets.UTF_8);
    int id = 1;
    for (int at = begin; at < end; id++) {
      int info = btf.getInt(at + 4);
      int kind = info >>> 24 & 0x1f;
      if (kind == wanted && isAt(btf, strings + btf.getInt(at), bytes)) {
        return OptionalInt.of(id);
      }
      int length = BtfParser.bodyLength(kind, info & 0xffff);
      if (length < 0) {
        return OptionalInt.empty(); // a kind from the future: what follows can't be found
      }
      at += 12 + length;
    }
    return OptionalInt.empty();
  }

  private static boolean isAt(ByteBuffer btf, int offset, byte[] name) {
    for (int i = 0; i < name.length; i++) {
      if (btf.get(offset + i) != name[i]) {
        return false;
      }
    }
    return true;
  }
}
