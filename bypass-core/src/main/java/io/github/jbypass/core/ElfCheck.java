// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Checks that bytes are a whole BPF object of this machine's byte order, before libbpf sees them.
 */
final class ElfCheck {
  private static final int HEADER_SIZE = 64;
  private static final int SECTION_SIZE = 64;
  private static final int MAGIC = 0x7f454c46;
  private static final int CLASS_64 = 2;
  private static final int LITTLE_ENDIAN = 1;
  private static final int BIG_ENDIAN = 2;
  private static final int TYPE_RELOCATABLE = 1;
  private static final int MACHINE_BPF = 247;
  private static final int SECTION_NOBITS = 8;

  private final String name;
  private final ByteBuffer elf;

  private ElfCheck(String name, byte[] bytes) {
    this.name = name;
    this.elf = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
  }

  static void check(String name, byte[] bytes) {
    var check = new ElfCheck(name, bytes);
    check.header();
    check.sections();
    BtfParser.parse(name, check.section(".BTF"));
  }

  private void header() {
    require(elf.capacity() >= HEADER_SIZE, "only " + elf.capacity() + " bytes long");
    require(elf.order(ByteOrder.BIG_ENDIAN).getInt(0) == MAGIC, "not an ELF file");
    elf.order(ByteOrder.nativeOrder());
    require(elf.get(4) == CLASS_64, "not a 64-bit ELF file");
    int order = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? LITTLE_ENDIAN : BIG_ENDIAN;
    require(elf.get(5) == order, "built for machines of the other byte order (-target bpf)");
    int type = unsignedShort(16);
    require(type == TYPE_RELOCATABLE, "not an object file (ELF type " + type + ")");
    int machine = unsignedShort(18);
    require(
        machine == MACHINE_BPF,
        "not built for BPF (ELF machine " + machine + "): compile it with clang -target bpf");
  }

  private void sections() {
    long table = elf.getLong(40);
    int count = unsignedShort(60);
    require(unsignedShort(58) == SECTION_SIZE && count > 0, "has no section table");
    require(unsignedShort(62) < count, "has no section names");
    requireInside(table, (long) count * SECTION_SIZE, "section table");
    for (int i = 0; i < count; i++) {
      int section = header(i);
      if (hasContent(section)) {
        requireInside(elf.getLong(section + 24), elf.getLong(section + 32), "section " + i);
      }
    }
  }

  /** The content of a section; no bytes if there is no such section. */
  private byte[] section(String wanted) {
    int names = header(unsignedShort(62));
    require(hasContent(names), "has no section names");
    for (int i = 0; i < unsignedShort(60); i++) {
      int section = header(i);
      if (nameAt(names, elf.getInt(section)).equals(wanted)) {
        require(hasContent(section), "its section " + wanted + " has no content");
        var content = new byte[(int) elf.getLong(section + 32)];
        elf.get((int) elf.getLong(section + 24), content);
        return content;
      }
    }
    return new byte[0];
  }

  /** Where the others lie, and how long they are, says nothing about the file. */
  private boolean hasContent(int section) {
    return elf.getInt(section + 4) != SECTION_NOBITS;
  }

  private int header(int section) {
    return (int) elf.getLong(40) + section * SECTION_SIZE;
  }

  private String nameAt(int names, int offset) {
    long size = elf.getLong(names + 32);
    require(offset >= 0 && offset < size, "has a section without a name");
    int begin = (int) elf.getLong(names + 24) + offset;
    int end = begin;
    while (end < elf.capacity() && elf.get(end) != 0) {
      end++;
    }
    return new String(elf.array(), begin, end - begin, StandardCharsets.UTF_8);
  }

  private void requireInside(long offset, long size, String what) {
    long end = elf.capacity();
    require(
        offset >= 0 && size >= 0 && offset <= end && size <= end - offset,
        "truncated: its " + what + " ends after byte " + end);
  }

  private int unsignedShort(int offset) {
    return Short.toUnsignedInt(elf.getShort(offset));
  }

  private void require(boolean condition, String complaint) {
    if (!condition) {
      throw new MalformedObjectException("open", name, 0, complaint);
    }
  }
}
