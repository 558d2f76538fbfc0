// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.jbypass.testing.KernelTest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

@KernelTest
class MalformedObjectTest {
  private static void assertRefused(byte[] bytes, String complaint) {
    assertThatExceptionOfType(MalformedObjectException.class)
        .isThrownBy(() -> BpfObjectSpec.open("odd", bytes).close())
        .withMessage("open BPF object odd: " + complaint);
  }

  private static byte[] with(int offset, int value) {
    var bytes = Fixture.bytes("fixture");
    bytes[offset] = (byte) value;
    return bytes;
  }

  @Test
  void garbageIsNoObject() {
    assertRefused(new byte[0], "only 0 bytes long");
    assertRefused("not an object".getBytes(), "only 13 bytes long");
    assertRefused(new byte[4096], "not an ELF file");
  }

  @Test
  void objectsForOtherMachinesAreNamed() throws IOException {
    var program = Files.readAllBytes(Path.of("/proc/self/exe"));

    assertThatExceptionOfType(MalformedObjectException.class)
        .isThrownBy(() -> BpfObjectSpec.open("java", program))
        .withMessageContaining("not an object file (ELF type");
    assertRefused(with(4, 1), "not a 64-bit ELF file");
    assertRefused(with(5, 3), "built for machines of the other byte order (-target bpf)");
    assertRefused(
        with(18, 62), "not built for BPF (ELF machine 62): compile it with clang -target bpf");
  }

  @Test
  void aTruncatedObjectIsRefusedWhereverItWasCut() {
    var whole = Fixture.bytes("fixture");
    for (int length = 0; length < whole.length; length += 7) {
      var cut = Arrays.copyOf(whole, length);
      assertThatExceptionOfType(MalformedObjectException.class)
          .as("%d of %d bytes", length, whole.length)
          .isThrownBy(() -> BpfObjectSpec.open("cut", cut).close());
    }
  }

  @Test
  void sectionsThatClaimContentOutsideTheFileAreRefused() {
    assertRefused(emptied(Fixture.bytes("fixture"), ".BTF"), "its section .BTF has no content");
    assertRefused(emptied(Fixture.bytes("fixture"), ".strtab"), "has no section names");
  }

  /** As if the section took no room in the file (SHT_NOBITS), but lay behind its end. */
  private static byte[] emptied(byte[] bytes, String section) {
    var elf = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
    int table = (int) elf.getLong(40);
    int names = (int) elf.getLong(table + elf.getShort(62) * 64 + 24);
    var wanted = (section + '\0').getBytes();
    int header = table;
    while (!ByteBuffer.wrap(wanted).equals(elf.slice(names + elf.getInt(header), wanted.length))) {
      header += 64;
    }
    elf.putInt(header + 4, 8).putLong(header + 24, -1).putLong(header + 32, 16);
    return bytes;
  }

  @Test
  void typesThatReferToThemselvesAreRefused() {
    var bytes = ByteBuffer.allocate(24 + 24 + 1).order(ByteOrder.nativeOrder());
    bytes.putShort((short) 0xeb9f).put((byte) 1).put((byte) 0).putInt(24);
    bytes.putInt(0).putInt(24).putInt(24).putInt(1);
    bytes.putInt(0).putInt(8 << 24).putInt(2); // typedef of the next
    bytes.putInt(0).putInt(8 << 24).putInt(1); // typedef of the one before

    assertThatExceptionOfType(MalformedObjectException.class)
        .isThrownBy(() -> BtfParser.parse("BPF object odd", bytes.array()))
        .withMessage("read the BTF of BPF object odd: types nested too deep, or in a circle");
  }
}
