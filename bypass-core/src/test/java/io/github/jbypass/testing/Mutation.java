// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.testing;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Damages an ELF file, in a way that a number decides: the same number does the same again. */
final class Mutation {
  private static final int SECTION_SIZE = 64;
  private static final int SYMBOLS = 2;
  private static final int RELOCATIONS = 9;

  /** Values that break what counts on others. */
  private static final long[] ODD = {
    0,
    1,
    -1,
    2,
    7,
    8,
    0x7f,
    0x80,
    0xff,
    0x100,
    0x7fff,
    0xffff,
    0x7fffffff,
    0x80000000L,
    0xffffffffL,
    0xfffffff8L,
    Long.MAX_VALUE,
    Long.MIN_VALUE
  };

  private record Section(int header, int type, int offset, int size) {}

  private final ByteBuffer elf;
  private final Random random;
  private final List<Section> sections = new ArrayList<>();

  private Mutation(byte[] whole, long seed) {
    elf = ByteBuffer.wrap(whole.clone()).order(ByteOrder.nativeOrder());
    random = new Random(seed);
    int table = (int) elf.getLong(40);
    for (int i = 0; i < elf.getShort(60); i++) {
      int header = table + i * SECTION_SIZE;
      sections.add(
          new Section(
              header,
              elf.getInt(header + 4),
              (int) elf.getLong(header + 24),
              (int) elf.getLong(header + 32)));
    }
  }

  /** A damaged copy. */
  static byte[] of(byte[] whole, long seed) {
    return new Mutation(whole, seed).damage();
  }

  private byte[] damage() {
    int kind = random.nextInt(10);
    int times = 1 + random.nextInt(3);
    for (int i = 0; i < times; i++) {
      switch (kind) {
        case 0 -> flipBit(0, elf.capacity());
        case 1 -> elf.put(random.nextInt(elf.capacity()), (byte) random.nextInt());
        case 2 -> oddNumber(0, elf.capacity());
        case 3 -> oddNumber(0, 64); // the header of the file
        case 4 -> editHeader();
        case 5 -> swapHeaders();
        case 6 -> inSection(any(SYMBOLS));
        case 7 -> inSection(any(RELOCATIONS));
        case 8 -> inSection(named(random.nextBoolean() ? ".BTF.ext" : ".BTF"));
        default -> {
          return Arrays.copyOf(elf.array(), random.nextInt(elf.capacity()));
        }
      }
    }
    return elf.array();
  }

  private void flipBit(int begin, int end) {
    int at = begin + random.nextInt(end - begin);
    elf.put(at, (byte) (elf.get(at) ^ 1 << random.nextInt(8)));
  }

  private void oddNumber(int begin, int end) {
    long value = ODD[random.nextInt(ODD.length)];
    int width = 1 << random.nextInt(4);
    int places = (end - begin) / width;
    if (places == 0) {
      return;
    }
    int at = begin + width * random.nextInt(places);
    switch (width) {
      case 1 -> elf.put(at, (byte) value);
      case 2 -> elf.putShort(at, (short) value);
      case 4 -> elf.putInt(at, (int) value);
      default -> elf.putLong(at, value);
    }
  }

  private void editHeader() {
    int header = sections.get(random.nextInt(sections.size())).header;
    switch (random.nextInt(3)) {
      case 0 -> oddNumber(header, header + SECTION_SIZE);
      case 1 -> flipBit(header, header + SECTION_SIZE);
      default -> elf.putInt(header + 40, random.nextInt(sections.size() + 2)); // its link
    }
  }

  private void swapHeaders() {
    var one = new byte[SECTION_SIZE];
    var other = new byte[SECTION_SIZE];
    int a = sections.get(random.nextInt(sections.size())).header;
    int b = sections.get(random.nextInt(sections.size())).header;
    elf.get(a, one).get(b, other);
    elf.put(a, other).put(b, one);
  }

  private void inSection(Section section) {
    if (section.size == 0) {
      return;
    }
    int end = section.offset + section.size;
    if (random.nextBoolean()) {
      oddNumber(section.offset, end);
    } else {
      flipBit(section.offset, end);
    }
  }

  private Section any(int type) {
    var fitting = sections.stream().filter(section -> section.type == type).toList();
    return fitting.get(random.nextInt(fitting.size()));
  }

  private Section named(String name) {
    int names = sections.get(elf.getShort(62)).offset;
    var wanted = (name + '\0').getBytes(StandardCharsets.UTF_8);
    return sections.stream()
        .filter(
            section -> {
              int at = names + elf.getInt(section.header);
              return Arrays.equals(elf.array(), at, at + wanted.length, wanted, 0, wanted.length);
            })
        .findFirst()
        .orElseThrow();
  }
}
