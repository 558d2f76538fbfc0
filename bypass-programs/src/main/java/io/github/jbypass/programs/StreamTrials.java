// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static io.github.jbypass.core.internal.TrialSocket.MSG_DONTWAIT;
import static io.github.jbypass.core.internal.TrialSocket.POLLIN;
import static io.github.jbypass.core.internal.TrialSocket.POLLOUT;
import static io.github.jbypass.programs.TrialPath.bytes;
import static io.github.jbypass.programs.TrialPath.receives;

import io.github.jbypass.core.internal.Errno;
import io.github.jbypass.core.internal.TrialSocket;
import io.github.jbypass.core.internal.TrialSocket.Kind;
import io.github.jbypass.core.internal.TrialSocket.Pair;
import io.github.jbypass.programs.Trial.Different;
import io.github.jbypass.programs.Trial.Impossible;
import io.github.jbypass.programs.Trial.LeftToTcp;
import io.github.jbypass.programs.Trial.Outcome;
import io.github.jbypass.programs.Trial.Same;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/** That all bytes arrive, in order, and no more of them than there is room for; and how it ends. */
final class StreamTrials {
  private static final String BYTES_LOST = "bytes are lost, or overtake each other";
  private static final int ROUNDS = 5;
  private static final int SIZE = 100;
  private static final int LARGE = 1 << 16; // which the gate does not take for a stream
  private static final int HOPELESS = 64 << 20;
  private static final Duration LIMIT = Duration.ofSeconds(2);

  private StreamTrials() {}

  static List<Trial> all() {
    return List.of(
        Trial.essential("ipv4", path -> exchange(path, Kind.IPV4)),
        Trial.essential("ipv6", path -> exchange(path, Kind.IPV6)),
        Trial.essential("order", StreamTrials::order),
        Trial.essential("backpressure", StreamTrials::backpressure),
        Trial.essential("half_close", StreamTrials::halfClose),
        Trial.essential("eof", StreamTrials::endOfStream),
        Trial.of(
            "close_with_unread_bytes",
            "none: exclude the ports of programs that tell an abort from an end by ECONNRESET",
            StreamTrials::unreadClose),
        Trial.of("mptcp", "", StreamTrials::multipath),
        Trial.of("earlier_connection", "", StreamTrials::earlier));
  }

  private static Outcome exchange(TrialPath path, Kind kind) {
    Pair pair;
    try {
      pair = path.connect(kind);
    } catch (UncheckedIOException e) {
      return new Impossible(String.valueOf(e.getMessage()));
    }
    long before = path.redirected();
    TrialPath.send(pair.client(), 0, SIZE);
    boolean there = receives(pair.server(), 0, SIZE);
    TrialPath.send(pair.server(), SIZE, SIZE);
    if (!there || !receives(pair.client(), SIZE, SIZE)) {
      return new Different(BYTES_LOST);
    }
    long redirected = path.redirected() - before;
    if (path.isRedirected() && redirected != 2) {
      return new Different(redirected + " of 2 messages were redirected, the others went over TCP");
    }
    return new Same("messages are redirected both ways");
  }

  /** A message over TCP that nobody has read, and one behind it that could take the short way. */
  private static Outcome order(TrialPath path) {
    var pair = path.connect();
    for (int round = 0; round < ROUNDS; round++) {
      if (!isOrdered(path, pair.client(), pair.server(), round * 4L * SIZE)
          || !isOrdered(path, pair.server(), pair.client(), round * 4L * SIZE)) {
        return new Different("a message that was sent later is read first");
      }
    }
    return new Same("kept where messages change from redirecting to TCP and back");
  }

  private static boolean isOrdered(TrialPath path, TrialSocket from, TrialSocket to, long at) {
    TrialPath.send(from, at, SIZE);
    path.redirecting(false);
    TrialPath.send(from, at + SIZE, SIZE);
    path.redirecting(true);
    TrialPath.send(from, at + 2 * SIZE, SIZE);
    boolean begins = receives(to, at, SIZE + SIZE / 2);
    TrialPath.send(from, at + 3 * SIZE, SIZE);
    return begins && receives(to, at + SIZE + SIZE / 2, 2 * SIZE + SIZE / 2);
  }

  private static Outcome backpressure(TrialPath path) {
    var pair = path.connect();
    long sent = 0;
    long deadline = System.nanoTime() + LIMIT.toNanos();
    do {
      int count = pair.client().send(bytes(sent, LARGE), MSG_DONTWAIT);
      if (count < 0 && count != -Errno.EAGAIN) {
        return new Different("send fails with " + TrialPath.answer(count));
      }
      sent += Math.max(0, count);
      if (sent > HOPELESS) {
        return new Different("nothing holds a sender whose peer does not read");
      }
      if (System.nanoTime() > deadline) {
        return new Different("poll goes on telling a sender that it can send, but it can't");
      }
    } while (pair.client().poll(POLLOUT, TrialPath.A_MOMENT) != 0);
    for (long at = 0; at < sent; at += LARGE) {
      if (!receives(pair.server(), at, (int) Math.min(LARGE, sent - at))) {
        return new Different(BYTES_LOST + " behind a reader that stalls");
      }
    }
    if (pair.client().poll(POLLOUT, TrialSocket.PATIENCE) == 0) {
      return new Different("the sender is not woken when its peer reads again");
    }
    return new Same(
        "a reader that stalls holds its sender after %d KiB; nothing is lost"
            .formatted(sent >> 10));
  }

  private static Outcome halfClose(TrialPath path) {
    var pair = path.connect();
    TrialPath.send(pair.client(), 0, SIZE);
    pair.client().shutdownOutput();
    if (!receives(pair.server(), 0, SIZE)) {
      return new Different("bytes are lost behind the end of the stream");
    }
    int end = end(pair.server());
    TrialPath.send(pair.server(), 0, SIZE);
    boolean answered = receives(pair.client(), 0, SIZE);
    return end == 0 && answered
        ? new Same("the end of the stream arrives, and answers go on")
        : new Different("reading ends with " + TrialPath.answer(end) + ", or no answer arrives");
  }

  private static Outcome endOfStream(TrialPath path) {
    var pair = path.connect();
    TrialPath.send(pair.client(), 0, SIZE);
    pair.client().close();
    TrialPath.pause();
    if (!receives(pair.server(), 0, SIZE)) {
      return new Different("bytes that were sent before close are lost");
    }
    int end = end(pair.server());
    return end == 0
        ? new Same("what was sent before close arrives, then the end of the stream")
        : new Different("the stream ends with " + TrialPath.answer(end));
  }

  private static Outcome unreadClose(TrialPath path) {
    var pair = path.connect();
    TrialPath.send(pair.client(), 0, SIZE);
    TrialPath.awaitReadable(pair.server());
    pair.server().close();
    int end = end(pair.client());
    return end == -Errno.ECONNRESET
        ? new Same("the peer of one who closes without reading gets ECONNRESET")
        : new Different(
            "the peer of one who closes without reading gets %s, not ECONNRESET"
                .formatted(end == 0 ? "the end of the stream" : TrialPath.answer(end)));
  }

  private static int end(TrialSocket socket) {
    socket.poll(POLLIN, TrialSocket.PATIENCE);
    return socket.receive(new byte[SIZE], MSG_DONTWAIT);
  }

  private static Outcome multipath(TrialPath path) {
    try {
      return staysOnTcp(path, path.connect(Kind.MULTIPATH));
    } catch (UncheckedIOException e) {
      return new Impossible("there is no Multipath TCP here");
    }
  }

  private static Outcome earlier(TrialPath path) {
    return staysOnTcp(path, path.earlier());
  }

  private static Outcome staysOnTcp(TrialPath path, Pair pair) {
    long before = path.redirected();
    TrialPath.send(pair.client(), 0, SIZE);
    var arrived = TrialPath.receive(pair.server(), SIZE);
    if (!Arrays.equals(arrived, bytes(0, SIZE))) {
      return new Different(BYTES_LOST);
    }
    return path.redirected() == before
        ? new LeftToTcp("it goes on over TCP, without any difference")
        : new Same("it is redirected");
  }
}
