// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.chaos.ends;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.jbypass.chaos.ends.Content.Direction;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A receiver knows every byte that may come next. */
class StreamTest {
  private static final long CONNECTION = 7;
  private static final int SENT = 1000; // of the other direction

  private byte[] stream;
  private Incoming in;

  @BeforeEach
  void send() throws IOException {
    stream = stream(CONNECTION);
    in = new Incoming(Content.of(CONNECTION, Direction.TO_SERVER));
  }

  private static byte[] stream(long connection) throws IOException {
    var out = new Outgoing(Content.of(connection, Direction.TO_SERVER), new Random(1));
    var bytes = new ByteArrayOutputStream();
    out.send(100_000);
    out.end();
    assertThat(out.write(Channels.newChannel(bytes), 500)).isTrue();
    assertThat(out.hasEnded()).isTrue();
    return bytes.toByteArray();
  }

  @Test
  void whatWasSentIsAcceptedInWhateverPieces() {
    for (int from = 0, size = 1; from < stream.length; from += size, size = size * 3 % 4001) {
      accept(Arrays.copyOfRange(stream, from, Math.min(from + size, stream.length)));
    }
    assertThat(in.received()).isEqualTo(stream.length);
    assertThat(in.acknowledged()).isEqualTo(500);
    assertThat(in.hasEnded()).isTrue();
  }

  @Test
  void anEndThatIsMissingShows() {
    int last = stream.length - 1;
    accept(concat(Arrays.copyOf(stream, last - 1), from(last)));
    assertThat(in.hasEnded()).isFalse();
  }

  @Test
  void aLostByteIsNoticed() {
    for (int lost : new int[] {0, 5, 11, 12, 50_000}) {
      assertIsCorrupt(concat(Arrays.copyOf(stream, lost), from(lost + 1)));
    }
  }

  @Test
  void aByteTwiceIsNoticed() {
    assertIsCorrupt(concat(Arrays.copyOf(stream, 50_001), from(50_000)));
  }

  @Test
  void overtakenBytesAreNoticed() {
    var overtaken = stream.clone();
    System.arraycopy(stream, 20_000, overtaken, 10_000, 1000);
    System.arraycopy(stream, 10_000, overtaken, 20_000, 1000);
    assertIsCorrupt(overtaken);
  }

  @Test
  void bytesOfAnotherConnectionAreNoticed() throws IOException {
    assertIsCorrupt(
        concat(Arrays.copyOf(stream, 30_000), Arrays.copyOfRange(stream(8), 30_000, 60_000)));
  }

  @Test
  void bytesOfTheOtherDirectionAreNoticed() {
    in = new Incoming(Content.of(CONNECTION, Direction.TO_CLIENT));
    assertThatThrownBy(() -> accept(stream)).isInstanceOf(CorruptionException.class);
  }

  @Test
  void bytesAfterTheLastAreNoticed() {
    assertIsCorrupt(concat(stream, new byte[1]));
  }

  @Test
  void moreAcknowledgedThanSentIsNoticed() {
    assertThatThrownBy(() -> in.accept(ByteBuffer.wrap(stream.clone()), 499))
        .isInstanceOf(CorruptionException.class)
        .hasMessageContaining("acknowledges 500 of 499");
  }

  private void assertIsCorrupt(byte[] bytes) {
    in = new Incoming(Content.of(CONNECTION, Direction.TO_SERVER));
    assertThatThrownBy(() -> accept(bytes)).isInstanceOf(CorruptionException.class);
  }

  private void accept(byte[] bytes) {
    in.accept(ByteBuffer.wrap(bytes.clone()), SENT);
  }

  private byte[] from(int position) {
    return Arrays.copyOfRange(stream, position, stream.length);
  }

  private static byte[] concat(byte[] one, byte[] other) {
    var both = Arrays.copyOf(one, one.length + other.length);
    System.arraycopy(other, 0, both, one.length, other.length);
    return both;
  }
}
