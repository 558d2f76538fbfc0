// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static io.github.jbypass.programs.testing.PosixSocket.MSG_MORE;
import static io.github.jbypass.programs.testing.PosixSocket.MSG_PEEK;
import static io.github.jbypass.programs.testing.PosixSocket.MSG_TRUNC;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.jbypass.programs.testing.Background;
import io.github.jbypass.programs.testing.Content;
import io.github.jbypass.programs.testing.Eventually;
import io.github.jbypass.programs.testing.Family;
import io.github.jbypass.programs.testing.Flood;
import io.github.jbypass.programs.testing.Pair;
import io.github.jbypass.programs.testing.Posix;
import io.github.jbypass.programs.testing.PosixSocket;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The ways to send and to receive: peeking, vectors, files, tiny and huge messages. */
class MessageTest extends DataPathTest {
  private static final Content CONTENT = new Content(7);
  private static final int MAX_VECTORS = 1024;

  private PosixSocket client;
  private PosixSocket server;

  @BeforeEach
  void connect() {
    Pair pair = resources.add(Pair.connect(Family.IPV4));
    client = pair.client();
    server = pair.server();
  }

  @Test
  void peekingTakesNothing() {
    client.sendAll(CONTENT.bytes(0, 100));
    for (int i = 0; i < 3; i++) {
      assertArrayEquals(CONTENT.bytes(0, 100), server.receive(1000, MSG_PEEK));
    }
    assertArrayEquals(CONTENT.bytes(0, 100), server.receive(1000));
    path.assertRedirected();
  }

  @Test
  void peekingMaySeeLessThanThereIs() {
    client.sendAll(CONTENT.bytes(0, 100));
    assertArrayEquals(CONTENT.bytes(0, 10), server.receive(10, MSG_PEEK));
    assertArrayEquals(CONTENT.bytes(0, 50), server.receive(50));
    assertArrayEquals(CONTENT.bytes(50, 10), server.receive(10, MSG_PEEK));
    assertArrayEquals(CONTENT.bytes(50, 50), server.receive(100));
    path.assertRedirected();
  }

  @Test
  void peekingSeesSeveralMessagesAsOneStream() {
    client.sendAll(CONTENT.bytes(0, 30));
    client.sendAll(CONTENT.bytes(30, 30));
    client.sendAll(CONTENT.bytes(60, 30));
    Eventually.assertArrive(90, server);
    assertArrayEquals(CONTENT.bytes(0, 75), server.receive(75, MSG_PEEK));
    assertArrayEquals(CONTENT.bytes(0, 90), server.receive(1000));
    path.assertRedirected();
  }

  @Test
  void oneReceiveTakesSeveralMessages() {
    for (int i = 0; i < 100; i++) {
      client.sendAll(CONTENT.bytes(10L * i, 10));
    }
    Eventually.assertArrive(1000, server);
    assertArrayEquals(CONTENT.bytes(0, 1000), server.receive(5000));
    path.assertRedirected();
  }

  /** TCP discards what a truncating receive asks for. */
  @Test
  void truncatingTakesWhatItAsksFor() {
    client.sendAll(CONTENT.bytes(0, 100));
    Eventually.assertArrive(100, server);
    assertEquals(40, server.receive(40, MSG_TRUNC).length);
    assertArrayEquals(CONTENT.bytes(40, 60), server.receive(100));
    path.assertRedirected();
  }

  @Test
  void oneMessageMayBeReceivedInPieces() {
    client.sendAll(CONTENT.bytes(0, 100_000));
    for (int at = 0; at < 100_000; at += 1000) {
      assertArrayEquals(CONTENT.bytes(at, 1000), server.receiveFully(1000));
    }
    path.assertRedirected();
  }

  @Test
  void oneCallSendsAThousandBuffers() {
    byte[][] buffers = new byte[MAX_VECTORS][];
    for (int i = 0, at = 0; i < MAX_VECTORS; at += buffers[i++].length) {
      buffers[i] = CONTENT.bytes(at, i % 50); // some of them empty
    }
    int total = Arrays.stream(buffers).mapToInt(buffer -> buffer.length).sum();
    assertEquals(total, client.writev(buffers));
    assertArrayEquals(CONTENT.bytes(0, total), server.receiveFully(total));
    path.assertRedirected();
  }

  @Test
  void oneCallFillsManyBuffers() {
    client.sendAll(CONTENT.bytes(0, 1000));
    Eventually.assertArrive(1000, server);
    byte[][] buffers = {new byte[1], new byte[0], new byte[400], new byte[99], new byte[2000]};
    assertEquals(1000, server.readv(buffers));

    assertArrayEquals(CONTENT.bytes(0, 1), buffers[0]);
    assertArrayEquals(CONTENT.bytes(1, 400), buffers[2]);
    assertArrayEquals(CONTENT.bytes(401, 99), buffers[3]);
    assertArrayEquals(CONTENT.bytes(500, 500), Arrays.copyOf(buffers[4], 500));
    path.assertRedirected();
  }

  @Test
  void aFileIsSentWhole(@TempDir Path directory) throws IOException {
    int size = (3 << 20) + 17;
    Path file = Files.write(directory.resolve("body"), CONTENT.bytes(0, size));
    CompletableFuture<Void> sending =
        Background.run(
            () -> {
              int fd = Posix.open(file, Posix.O_RDONLY);
              try {
                for (long left = size; left > 0; ) {
                  left -= Posix.sendfile(client.fd(), fd, left);
                }
              } finally {
                Posix.close(fd);
              }
            });
    assertArrayEquals(CONTENT.bytes(0, size), server.receiveFully(size));
    sending.join();
    path.assertRedirected();
  }

  /** As web servers answer: the header by a call that promises more, then the file. */
  @Test
  void aHeaderAndAFileArriveInOrder(@TempDir Path directory) throws IOException {
    Path file = Files.write(directory.resolve("body"), CONTENT.bytes(200, 10_000));
    client.send(CONTENT.bytes(0, 200), MSG_MORE);
    int fd = Posix.open(file, Posix.O_RDONLY);
    try {
      assertEquals(10_000, Posix.sendfile(client.fd(), fd, 10_000));
    } finally {
      Posix.close(fd);
    }
    assertArrayEquals(CONTENT.bytes(0, 10_200), server.receiveFully(10_200));
    path.assertRedirected();
  }

  @Test
  void messagesThatPromiseMoreArriveInOrder() {
    for (int i = 0; i < 100; i++) {
      client.send(CONTENT.bytes(10L * i, 10), i % 10 == 9 ? 0 : MSG_MORE);
    }
    assertArrayEquals(CONTENT.bytes(0, 1000), server.receiveFully(1000));
    path.assertRedirected();
  }

  @Test
  void eightMegabytesGoOutInOneCall() {
    int size = 8 << 20;
    CompletableFuture<Integer> sending = Background.call(() -> client.send(CONTENT.bytes(0, size)));
    assertArrayEquals(CONTENT.bytes(0, size), server.receiveFully(size));
    assertEquals(size, sending.join());
    path.assertRedirected();
  }

  @Test
  void singleBytesMakeAStream() {
    for (int i = 0; i < 5000; i++) {
      client.sendAll(CONTENT.bytes(i, 1));
    }
    assertArrayEquals(CONTENT.bytes(0, 5000), server.receiveFully(5000));
    path.assertRedirected();
  }

  @Test
  void anEmptyMessageIsNothingAtAll() {
    assertEquals(0, client.send(new byte[0]));
    assertEquals(0, server.poll(Posix.POLLIN, Duration.ofMillis(50)));

    client.sendAll(CONTENT.bytes(0, 10));
    assertEquals(0, client.send(new byte[0]));
    assertArrayEquals(CONTENT.bytes(0, 10), server.receive(100));
    path.assertRedirected();
  }

  @Test
  void aReceiveOfNothingReturnsAtOnce() {
    client.sendAll(new byte[10]);
    Eventually.assertArrive(10, server);
    assertEquals(0, server.receive(0).length);
    assertEquals(10, server.receive(100).length);
    path.assertRedirected();
  }

  @Test
  void bothDirectionsAreIndependent() {
    CompletableFuture<Void> there = Background.run(() -> Flood.send(client, 4 << 20));
    CompletableFuture<Void> back = Background.run(() -> Flood.send(server, 4 << 20));
    CompletableFuture<Void> reading = Background.run(() -> Flood.drain(client, 0, 4 << 20));
    Flood.drain(server, 0, 4 << 20);
    CompletableFuture.allOf(there, back, reading).join();
    path.assertRedirected();
  }

  /** Each writer's messages stay whole and in its order, whatever comes between them. */
  @Test
  void writersMayShareASocket() {
    int writers = 4;
    int messages = 1000;
    for (int round = 0; round < 5; round++) {
      List<CompletableFuture<Void>> writing = new ArrayList<>();
      for (int writer = 0; writer < writers; writer++) {
        byte id = (byte) writer;
        writing.add(
            Background.run(
                () -> {
                  for (int i = 0; i < messages; i++) {
                    client.send(new byte[] {id, (byte) i, (byte) (i >> 8), id});
                  }
                }));
      }
      int[] next = new int[writers];
      for (int i = 0; i < writers * messages; i++) {
        byte[] message = server.receiveFully(4);
        int expected = next[message[0]]++;
        assertArrayEquals(
            new byte[] {message[0], (byte) expected, (byte) (expected >> 8), message[0]}, message);
      }
      writing.forEach(CompletableFuture::join);
    }
    path.assertRedirected();
  }
}
