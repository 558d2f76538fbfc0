// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.entry;

import io.github.jbypass.testing.KernelTest;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

@KernelTest
class BtfTest {
  private final Btf btf;

  BtfTest() {
    try (var spec = Fixture.open("fixture")) {
      btf = spec.btf();
    }
  }

  @Test
  void aStructIsLaidOutAsTheCompilerDid() {
    var outer = btf.struct("outer");

    assertThat(outer.size()).isEqualTo(48);
    assertThat(outer.members())
        .extracting(Btf.Member::name)
        .containsExactly("first", "pair", "", "low", "high", "pointer", "colour");
    assertThat(outer.member("first").offset()).isZero();
    assertThat(outer.member("pointer").offset()).isEqualTo(32);
    assertThat(outer.member("pointer").sizeBytes()).isEqualTo(8);
    assertThat(outer.member("colour").offset()).isEqualTo(40);
    assertThat(outer.member("colour").sizeBytes()).isEqualTo(4);
  }

  @Test
  void anArrayHasTheSizeOfAllItsElementsAndTheLayoutOfOne() {
    var pair = btf.struct("outer").member("pair");

    assertThat(pair.offset()).isEqualTo(4);
    assertThat(pair.sizeBytes()).isEqualTo(16);
    assertThat(pair.struct()).isEqualTo(btf.struct("inner"));
  }

  @Test
  void nestedMembersAreCountedFromTheOutside() {
    var outer = btf.struct("outer");

    assertThat(outer.member("pair.tail").offset()).isEqualTo(6);
    assertThat(outer.member("pair.tail").sizeBytes()).isEqualTo(6);
    assertThat(outer.member("word").offset()).isEqualTo(20);
    assertThat(outer.member("bytes").offset()).isEqualTo(20);
  }

  @Test
  void bitFieldsAreMeasuredInBits() {
    var high = btf.struct("outer").member("high");

    assertThat(high.offsetBits()).isEqualTo(24 * 8 + 3);
    assertThat(high.sizeBits()).isEqualTo(5);
  }

  @Test
  void enumsHaveSignedValues() {
    assertThat(btf.enumValues("colour"))
        .containsExactly(entry("RED", 1L), entry("GREEN", 5L), entry("BLUE", -3L));
  }

  @Test
  void globalVariablesAreFoundInTheirSections() {
    assertThat(btf.variable("runs").section()).isEqualTo(".bss");
    assertThat(btf.variable("runs").size()).isEqualTo(8);
    assertThat(btf.variable("enabled").section()).isEqualTo(".data");
    assertThat(btf.variable("step").section()).isEqualTo(".rodata");
    assertThat(btf.variables())
        .containsOnlyKeys("step", "wide", "reverse", "name", "enabled", "runs", "outer_value");
  }

  @Test
  void allThatHasANameIsListed() {
    assertThat(btf.structs()).containsKeys("inner", "outer").doesNotContainKey("");
    assertThat(btf.structs().get("outer")).isEqualTo(btf.struct("outer"));
    assertThat(btf.enums()).containsKey("colour").doesNotContainKey("");
    assertThat(btf.functions())
        .containsExactlyInAnyOrder("count_runs", "pass_message", "pass_stream");
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> btf.functions().clear());
  }

  @Test
  void whatIsNotThereIsNamed() {
    assertThatExceptionOfType(LayoutMismatchException.class)
        .isThrownBy(() -> btf.struct("inexistent"))
        .withMessageContaining("struct inexistent");
    assertThatExceptionOfType(LayoutMismatchException.class)
        .isThrownBy(() -> btf.struct("outer").member("pair.none"))
        .withMessageContaining("struct outer: it has no member pair.none");
    assertThatExceptionOfType(LayoutMismatchException.class)
        .isThrownBy(() -> btf.enumValues("inexistent"));
    assertThatIllegalArgumentException().isThrownBy(() -> btf.variable("inexistent"));
  }

  @Test
  void wideEnumsHaveWideValues() {
    // clang 14, which may have compiled the fixture, does not write BTF_KIND_ENUM64
    var strings = "\0huge\0HUGE\0".getBytes(StandardCharsets.UTF_8);
    var bytes = ByteBuffer.allocate(24 + 24 + strings.length).order(ByteOrder.nativeOrder());
    bytes.putShort((short) 0xeb9f).put((byte) 1).put((byte) 0).putInt(24);
    bytes.putInt(0).putInt(24).putInt(24).putInt(strings.length);
    bytes.putInt(1).putInt(19 << 24 | 1).putInt(8); // enum64 huge, one value
    bytes.putInt(6).putInt(0x89abcdef).putInt(0x01234567);
    bytes.put(strings);

    assertThat(BtfParser.parse("wide", bytes.array()).enumValues("huge"))
        .containsExactly(entry("HUGE", 0x0123456789abcdefL));
  }
}
