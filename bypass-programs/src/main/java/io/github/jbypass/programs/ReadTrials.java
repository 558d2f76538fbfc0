// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static io.github.jbypass.core.internal.TrialSocket.IPPROTO_TCP;
import static io.github.jbypass.core.internal.TrialSocket.MSG_PEEK;
import static io.github.jbypass.core.internal.TrialSocket.MSG_WAITALL;
import static io.github.jbypass.core.internal.TrialSocket.SOL_SOCKET;
import static io.github.jbypass.programs.TrialPath.answer;
import static io.github.jbypass.programs.TrialPath.bytes;
import static io.github.jbypass.programs.TrialPath.receives;

import io.github.jbypass.core.internal.Errno;
import io.github.jbypass.core.internal.TrialTransfer;
import io.github.jbypass.programs.Trial.Different;
import io.github.jbypass.programs.Trial.Impossible;
import io.github.jbypass.programs.Trial.Outcome;
import io.github.jbypass.programs.Trial.Same;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntSupplier;

/** Ways to read. */
final class ReadTrials {
  private static final int SO_PEEK_OFF = 42;
  private static final int SO_TIMESTAMP = 29;
  private static final int TCP_INFO = 11;
  private static final int TCP_INFO_BYTES_RECEIVED = 128; // offset in struct tcp_info
  private static final int TCP_INQ = 36;
  private static final int SIZE = 100;

  private ReadTrials() {}

  static List<Trial> all() {
    return List.of(
        Trial.of(
            "splice_from_socket",
            "exclude the ports of programs that splice from sockets: Go's io.Copy between two"
                + " connections, HAProxy's option splice",
            ReadTrials::splice),
        Trial.of(
            "msg_waitall",
            "exclude the ports of programs that rely on it without a loop",
            ReadTrials::waitAll),
        Trial.of("msg_peek", "exclude the ports of programs that peek", ReadTrials::peek),
        Trial.of(
            "so_peek_off", "exclude the ports of programs that set it", ReadTrials::peekOffset),
        Trial.of(
            "blocking_recv",
            "programs with blocking sockets that do not try again after EAGAIN: exclude their ports",
            ReadTrials::resetWhileWaiting),
        Trial.of("tcp_inq", "exclude the ports of programs that set it", ReadTrials::inQueue),
        Trial.of(
            "so_timestamp", "exclude the ports of programs that set it", ReadTrials::timestamp),
        Trial.of(
            "tcp_info",
            "ss and tcpdump see none either; ./bypass flows tells what was redirected",
            ReadTrials::info));
  }

  private static Outcome splice(TrialPath path) {
    var pair = path.connect();
    TrialPath.send(pair.client(), 0, SIZE);
    TrialPath.awaitReadable(pair.server());
    pair.server().receiveTimeout(TrialPath.A_MOMENT);
    try (var transfer = new TrialTransfer()) {
      int count = transfer.spliceFrom(pair.server(), 2 * SIZE);
      boolean whole = count == SIZE && Arrays.equals(transfer.read(2 * SIZE), bytes(0, SIZE));
      return whole
          ? new Same("splice moves what has arrived into a pipe")
          : new Different(
              "splice from the socket gives %s where poll tells of bytes".formatted(answer(count)));
    }
  }

  private static Outcome waitAll(TrialPath path) {
    var pair = path.connect();
    TrialPath.send(pair.client(), 0, SIZE);
    TrialPath.awaitReadable(pair.server());
    var waiting = inBackground(() -> pair.server().receive(new byte[2 * SIZE], MSG_WAITALL));
    TrialPath.pause();
    TrialPath.send(pair.client(), SIZE, SIZE);
    int count = waiting.join();
    return count == 2 * SIZE
        ? new Same("recv waits until all is there")
        : new Different(
            "recv with MSG_WAITALL returns %s of %d bytes".formatted(answer(count), 2 * SIZE));
  }

  private static Outcome peek(TrialPath path) {
    var pair = path.connect();
    TrialPath.send(pair.client(), 0, SIZE);
    TrialPath.awaitReadable(pair.server());
    var peeked = new byte[SIZE];
    int count = pair.server().receive(peeked, MSG_PEEK);
    boolean same = count == SIZE && Arrays.equals(peeked, bytes(0, SIZE));
    return same && receives(pair.server(), 0, SIZE)
        ? new Same("bytes that were peeked at are still there")
        : new Different(
            "recv with MSG_PEEK gives %s, or takes bytes away".formatted(answer(count)));
  }

  private static Outcome peekOffset(TrialPath path) {
    var pair = path.connect();
    int set = pair.server().set(SOL_SOCKET, SO_PEEK_OFF, 0);
    if (set < 0) {
      return new Impossible("TCP does not have it here: " + answer(set));
    }
    TrialPath.send(pair.client(), 0, SIZE);
    TrialPath.awaitReadable(pair.server());
    var half = new byte[SIZE / 2];
    pair.server().receive(half, MSG_PEEK);
    pair.server().receive(half, MSG_PEEK);
    return Arrays.equals(half, bytes(SIZE / 2, SIZE / 2))
        ? new Same("the second peek goes on where the first has ended")
        : new Different("a second peek sees the first bytes again");
  }

  private static Outcome resetWhileWaiting(TrialPath path) {
    var pair = path.connect();
    TrialPath.send(pair.client(), 0, SIZE);
    receives(pair.server(), 0, SIZE);
    var waiting = inBackground(() -> pair.server().receive(new byte[SIZE], 0));
    TrialPath.pause();
    pair.client().reset();
    int result = waiting.join();
    if (result == -Errno.ECONNRESET) {
      return new Same("a recv that waits is told of a reset");
    }
    int next = pair.server().receive(new byte[SIZE], 0);
    return new Different(
        "a blocking recv that is woken by anything but data, such as a reset, fails with %s; the"
                .formatted(answer(result))
            + " next call gets "
            + answer(next));
  }

  private static Outcome inQueue(TrialPath path) {
    var pair = path.connect();
    int set = pair.server().set(IPPROTO_TCP, TCP_INQ, 1);
    if (set < 0) {
      return new Impossible("TCP does not have it here: " + answer(set));
    }
    TrialPath.send(pair.client(), 0, SIZE);
    TrialPath.awaitReadable(pair.server());
    var left = pair.server().receiveControl(SIZE / 2, IPPROTO_TCP, TCP_INQ);
    return left.isPresent() && left.getAsInt() == SIZE / 2
        ? new Same("tells what is left to read")
        : new Different(
            left.isPresent()
                ? "tells of %d bytes that are left, there are %d"
                    .formatted(left.getAsInt(), SIZE / 2)
                : "does not come with redirected bytes");
  }

  private static Outcome timestamp(TrialPath path) {
    var pair = path.connect();
    pair.server().set(SOL_SOCKET, SO_TIMESTAMP, 1);
    TrialPath.pause(); // the kernel switches stamping on a little later
    TrialPath.send(pair.client(), 0, SIZE);
    TrialPath.awaitReadable(pair.server());
    return pair.server().receiveControl(SIZE, SOL_SOCKET, SO_TIMESTAMP).isPresent()
        ? new Same("comes with the bytes")
        : new Different("does not come with redirected bytes");
  }

  private static Outcome info(TrialPath path) {
    var pair = path.connect();
    TrialPath.send(pair.client(), 0, SIZE);
    receives(pair.server(), 0, SIZE);
    int received = pair.server().get(IPPROTO_TCP, TCP_INFO, TCP_INFO_BYTES_RECEIVED);
    return received == SIZE
        ? new Same("counts what has arrived")
        : new Different("counts %d of %d bytes that have arrived".formatted(received, SIZE));
  }

  private static CompletableFuture<Integer> inBackground(IntSupplier call) {
    var result = new CompletableFuture<Integer>();
    Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              try {
                result.complete(call.getAsInt());
              } catch (RuntimeException | Error e) {
                result.completeExceptionally(e);
              }
            });
    return result;
  }
}
