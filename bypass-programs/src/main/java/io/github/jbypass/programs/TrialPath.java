// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import io.github.jbypass.core.internal.Errno;
import io.github.jbypass.core.internal.TrialSocket;
import io.github.jbypass.core.internal.TrialSocket.Kind;
import io.github.jbypass.core.internal.TrialSocket.Pair;
import io.github.jbypass.maps.Counter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** What carries a trial's bytes: plain TCP, or connections that are redirected. */
final class TrialPath implements AutoCloseable {
  /** How long something that shall not happen is waited for. */
  static final Duration A_MOMENT = Duration.ofMillis(50);

  private final @Nullable Bypass bypass;
  private final @Nullable Pair earlier;
  private final Deque<Pair> pairs = new ArrayDeque<>();

  private TrialPath(@Nullable Bypass bypass, @Nullable Pair earlier) {
    this.bypass = bypass;
    this.earlier = earlier;
  }

  static TrialPath plain() {
    return new TrialPath(null, null);
  }

  /**
   * Connections that are redirected.
   *
   * @param earlier one that was there before; stays the caller's
   */
  static TrialPath redirected(Bypass bypass, Pair earlier) {
    return new TrialPath(bypass, earlier);
  }

  /** A new connection over IPv4, closed with this path. */
  Pair connect() {
    return connect(Kind.IPV4);
  }

  Pair connect(Kind kind) {
    var pair = TrialSocket.connect(kind);
    pairs.push(pair);
    return pair;
  }

  /** A connection that was established before anything was attached. */
  Pair earlier() {
    return earlier == null ? connect() : earlier;
  }

  boolean isRedirected() {
    return bypass != null;
  }

  /** How many messages were redirected so far. */
  long redirected() {
    return bypass == null ? 0 : bypass.counters().get(Counter.REDIRECTED);
  }

  /** Switches redirecting on or off. Plain TCP takes no notice. */
  void redirecting(boolean on) {
    if (bypass == null) {
      return;
    }
    if (on) {
      bypass.enable();
    } else {
      bypass.disable();
    }
  }

  /** Bytes that tell where in a stream they belong. */
  static byte[] bytes(long from, int size) {
    var data = new byte[size];
    for (int i = 0; i < size; i++) {
      long at = from + i;
      data[i] = (byte) (at ^ at >> 8 ^ at >> 16);
    }
    return data;
  }

  /** Sends all of it, as the next bytes of a stream that is this long. */
  static void send(TrialSocket socket, long from, int size) {
    int count = socket.send(bytes(from, size), 0);
    if (count != size) {
      throw failure("send %d bytes: %s".formatted(size, answer(count)));
    }
  }

  /** Whether the next bytes are these of the stream; fewer only where it ends or stalls. */
  static boolean receives(TrialSocket socket, long from, int size) {
    return Arrays.equals(receive(socket, size), bytes(from, size));
  }

  /** As many bytes as are asked for, fewer only where the stream ends or stalls. */
  static byte[] receive(TrialSocket socket, int size) {
    var all = new byte[size];
    int done = 0;
    while (done < size) {
      var buffer = new byte[size - done];
      if (socket.poll(TrialSocket.POLLIN, TrialSocket.PATIENCE) == 0) {
        break;
      }
      int count = socket.receive(buffer, TrialSocket.MSG_DONTWAIT);
      if (count < 0 && count != -Errno.EAGAIN) {
        throw failure("receive: " + answer(count));
      }
      if (count <= 0) {
        break;
      }
      System.arraycopy(buffer, 0, all, done, count);
      done += count;
    }
    return Arrays.copyOf(all, done);
  }

  static void awaitReadable(TrialSocket socket) {
    if (socket.poll(TrialSocket.POLLIN, TrialSocket.PATIENCE) == 0) {
      throw failure("poll does not tell of bytes that were sent");
    }
  }

  static void pause() {
    try {
      Thread.sleep(A_MOMENT);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** What a call has answered, as words: a number, or the name of an error. */
  static String answer(int result) {
    return result < 0 ? Errno.name(-result) : Integer.toString(result);
  }

  private static UncheckedIOException failure(String seen) {
    return new UncheckedIOException(seen, new IOException(seen));
  }

  @Override
  public void close() {
    redirecting(true);
    pairs.forEach(Pair::close);
  }
}
