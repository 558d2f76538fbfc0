// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core.typed;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.jbypass.core.BpfMap;
import io.github.jbypass.core.BpfObjectSpec;
import io.github.jbypass.core.Btf;
import io.github.jbypass.core.LayoutMismatchException;
import io.github.jbypass.testing.KernelTest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The structs are those of maps.bpf.c. */
@KernelTest
class RecordCodecTest {
  private static final MethodHandles.Lookup LOOKUP = MethodHandles.lookup();
  private static final ValueLayout.OfInt BIG = ValueLayout.JAVA_INT.withOrder(ByteOrder.BIG_ENDIAN);

  private final Arena arena = Arena.ofConfined();
  private final Btf btf;

  RecordCodecTest() {
    try (var spec = spec()) {
      btf = spec.btf();
    }
  }

  private static BpfObjectSpec spec() {
    try (var elf = RecordCodecTest.class.getResourceAsStream("/bpf/maps.bpf.o")) {
      return BpfObjectSpec.open("maps", elf.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @AfterEach
  void release() {
    arena.close();
  }

  record Address(byte[] bytes) {
    static Address of(int first) {
      var bytes = new byte[16];
      bytes[0] = (byte) first;
      return new Address(bytes);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Address address && Arrays.equals(bytes, address.bytes);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(bytes);
    }
  }

  record Endpoint(Address address, @BigEndian int port, long ifindex) {}

  record Flow(
      Endpoint local,
      Endpoint remote,
      long sentBytes,
      int balance,
      boolean open,
      int mood,
      char[] marks,
      @BigEndian long label,
      int word,
      short inside,
      int beside,
      Endpoint[] hops,
      long[] totals) {}

  private static Endpoint endpoint(int first, int port) {
    return new Endpoint(Address.of(first), port, 0xfffffffeL);
  }

  private static Flow flow() {
    return new Flow(
        endpoint(1, 0xabcd),
        endpoint(2, 80),
        -1,
        -5,
        true,
        -128,
        new char[] {1, 0xffff, 3},
        0xc0a80001L,
        0x12345678,
        (short) 0x8000,
        0xffff,
        new Endpoint[] {endpoint(3, 3), endpoint(4, 4)},
        new long[] {10, 20});
  }

  @Test
  void aRecordSurvivesTheWayToCAndBack() {
    var codec = RecordCodec.of(LOOKUP, Flow.class, btf.struct("flow"));
    var memory = arena.allocate(codec.size() + 1, 8).fill((byte) -1);
    codec.write(flow(), memory, 1); // need not be aligned
    var read = codec.read(memory, 1);

    assertThat(codec.size()).isEqualTo(btf.struct("flow").size());
    assertThat(read).usingRecursiveComparison().withStrictTypeChecking().isEqualTo(flow());
  }

  @Test
  void membersLieWhereTheCompilerPutThem() {
    var struct = btf.struct("flow");
    var codec = RecordCodec.of(LOOKUP, Flow.class, struct);
    var memory = arena.allocate(codec.size(), 8).fill((byte) -1);
    codec.write(flow(), memory, 0);

    int port = struct.member("remote.port").offset();
    assertThat(memory.get(JAVA_BYTE, port)).isZero();
    assertThat(memory.get(JAVA_BYTE, port + 1)).isEqualTo((byte) 80);
    assertThat(memory.get(JAVA_BYTE, port + 2)).as("padding").isZero();
    assertThat(memory.get(BIG, struct.member("label").offset())).isEqualTo(0xc0a80001);
    assertThat(memory.get(JAVA_BYTE, struct.member("mood").offset())).isEqualTo((byte) -128);
    assertThat(memory.get(JAVA_BYTE, struct.member("parts").offset()))
        .isEqualTo(ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN ? (byte) 0x12 : (byte) 0x78);
  }

  @Test
  void recordsAreKeysAndValues() {
    try (var spec = spec();
        var map = BpfMap.create(spec.map("flows"))) {
      var flows =
          TypedMap.of(
              map,
              RecordCodec.of(LOOKUP, Endpoint.class, btf.struct("endpoint")),
              RecordCodec.of(LOOKUP, Flow.class, btf.struct("flow")));
      flows.put(endpoint(9, 9), flow());

      assertThat(flows.get(endpoint(9, 8))).isNull();
      assertThat(flows.get(endpoint(9, 9))).usingRecursiveComparison().isEqualTo(flow());
    }
  }

  record Awkward(
      int low,
      int high,
      int wide,
      int[] array,
      byte[] address,
      int port,
      char negative,
      double unheardOf) {}

  @Test
  void everyDifferenceIsListed() {
    assertThatExceptionOfType(LayoutMismatchException.class)
        .isThrownBy(() -> RecordCodec.of(LOOKUP, Awkward.class, btf.struct("awkward")))
        .satisfies(
            e ->
                assertThat(e.differences())
                    .containsExactly(
                        "low: is a bit field",
                        "high: is a bit field",
                        "wide: Java has int, C has unsigned of 8 bytes",
                        "array: Java has int, C has an array of 4 unsigned of 2 bytes",
                        "address: Java has byte[], C has struct of 16 bytes",
                        "port: is big-endian in C: annotate it with @BigEndian",
                        "negative: Java has char, C has signed of 2 bytes",
                        "unheardOf: the struct has no such member",
                        "forgotten: Awkward has no component"))
        .withMessageStartingWith("check the layout of struct awkward: low: is a bit field; high:");
  }

  record Outer(Inner local, Address remote) {}

  record Inner(Address address, @BigEndian int port, int ifindex, int more) {}

  @Test
  void differencesOfNestedRecordsHaveTheWholePath() {
    assertThatExceptionOfType(LayoutMismatchException.class)
        .isThrownBy(() -> RecordCodec.of(LOOKUP, Outer.class, btf.struct("flow")))
        .satisfies(
            e ->
                assertThat(e.differences())
                    .contains(
                        "local.more: the struct has no such member",
                        "remote.bytes: the struct has no such member",
                        "remote.port: Address has no component",
                        "sent_bytes: Outer has no component"));
  }

  @Test
  void numbersThatCDoesNotHoldAreRefused() {
    var codec = RecordCodec.of(LOOKUP, Endpoint.class, btf.struct("endpoint"));
    var memory = arena.allocate(codec.size());

    assertThatIllegalArgumentException()
        .isThrownBy(() -> codec.write(new Endpoint(Address.of(1), 0x10000, 0), memory, 0))
        .withMessage("port: 65536 does not fit into 2 unsigned bytes");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> codec.write(new Endpoint(Address.of(1), -1, 0), memory, 0));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> codec.write(new Endpoint(new Address(new byte[4]), 1, 0), memory, 0))
        .withMessage("address.bytes has 4 elements, not 16");
  }

  @Test
  void aRecordThatTheLookupMayNotUseIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                RecordCodec.of(MethodHandles.publicLookup(), Address.class, btf.struct("address")))
        .withMessageContaining("pass MethodHandles.lookup()");
  }

  @Test
  void plainCodecsReadWhatTheyWrote() {
    var memory = arena.allocate(16);
    Codec.INT.write(-5, memory, 3);
    Codec.LONG.write(-6L, memory, 7);
    assertThat(Codec.INT.read(memory, 3)).isEqualTo(-5);
    assertThat(Codec.LONG.read(memory, 7)).isEqualTo(-6);
    var bytes = Codec.bytes(3);
    bytes.write(new byte[] {1, 2, 3}, memory, 5);
    assertThat(bytes.read(memory, 5)).containsExactly(1, 2, 3);
  }
}
