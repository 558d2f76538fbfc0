// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.jbypass.core.BpfException;
import io.github.jbypass.core.BpfMap;
import io.github.jbypass.core.BpfObject;
import io.github.jbypass.core.CheckFailedException;
import io.github.jbypass.core.UpdateMode;
import io.github.jbypass.core.internal.Errno;
import io.github.jbypass.core.internal.TrialSocket;
import io.github.jbypass.maps.Counter;
import io.github.jbypass.maps.Counters;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Arrays;

/**
 * What has to hold on this kernel so that no byte is lost or overtaken, tried out with the loaded
 * programs before anything is attached to a control group: a socket that is connected to itself is
 * made its own peer, and all that it sends passes the real gate.
 *
 * <p>Throws {@link CheckFailedException} where one fails. For a freshly loaded object, whose
 * counters nobody else moves: they are zero again afterwards.
 */
final class LoadChecks {
  /** Larger than what the gate takes for a stream. */
  private static final int LARGE = 1 << 16;

  private static final int SMALL = 100;
  private static final int SO_RCVBUF = 8;

  /** A loaded machine may be late to deliver. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final BpfObject object;
  private final Counters counters;
  private final MemorySegment nobody; // the key of no real connection
  private final TrialSocket socket;
  private long sent; // bytes, which tells what the next ones look like
  private long received;

  private LoadChecks(BpfObject object, TrialSocket socket, Arena arena) {
    this.object = object;
    this.socket = socket;
    counters = new Counters(object);
    nobody = arena.allocate(object.map("sockets").keySize(), Long.BYTES);
  }

  /**
   * Runs the checks.
   *
   * @param loaded with maps of its own
   * @param fionread whether the repair is to be attached, too: it changes how TCP's bytes are read
   * @param limit with which it was loaded
   */
  static void run(Loaded loaded, FionreadSupport fionread, QueueLimit limit) {
    var object = loaded.object();
    var sockets = object.map("sockets");
    try (var _ = loaded.redirector().attach(sockets)) {
      run(object, limit);
      if (fionread == FionreadSupport.REPAIRED) {
        try (var _ = object.program(Place.PASS).attach(sockets)) {
          run(object, limit);
        }
      }
    }
  }

  private static void run(BpfObject object, QueueLimit limit) {
    try (var arena = Arena.ofConfined();
        var socket = TrialSocket.looped()) {
      long buffer = socket.get(TrialSocket.SOL_SOCKET, SO_RCVBUF, 0);
      new LoadChecks(object, socket, arena).all(limit.bytes(buffer));
    } catch (UncheckedIOException e) {
      throw notTried("sockets", e);
    } finally {
      object.global("counters").fill((byte) 0);
    }
  }

  /** The exception for a check that could not be made. */
  static BpfException notTried(String check, UncheckedIOException cause) {
    var failure = new BpfException("probe", check, 0, String.valueOf(cause.getMessage()));
    failure.initCause(cause);
    return failure;
  }

  private void all(long queueLimit) {
    sendBeforeEnrolment();
    try (var arena = Arena.ofConfined()) {
      var fd = arena.allocateFrom(JAVA_LONG, socket.fd());
      object.map("sockets").update(nobody, fd, UpdateMode.ANY);
      order();
      redirection(queueLimit);
      room(queueLimit);
    } finally {
      forget();
    }
    if (isShortOfMemory()) {
      new LogEvent("checks_left_out")
          .with(
              "reason",
              "TCP is short of memory on this host: nothing is redirected until it is not")
          .log(Level.WARNING);
    }
  }

  /** Then messages go over TCP, as they should, and no more can be found out. */
  private boolean isShortOfMemory() {
    return counters.get(Counter.TCP_NO_MEMORY) > 0;
  }

  /** Pairs the socket with itself, and leaves bytes in TCP's queue that nobody has read. */
  private void sendBeforeEnrolment() {
    BpfMap probes = object.map("probe_sockets");
    socket.cookie(); // only now it has one
    try (var arena = Arena.ofConfined();
        var _ = object.program("pair_with_itself").attach(probes)) {
      var slot = arena.allocateFrom(JAVA_INT, 0);
      probes.update(slot, arena.allocateFrom(JAVA_LONG, socket.fd()), UpdateMode.ANY);
      send(SMALL);
      probes.delete(slot);
    }
  }

  private void order() {
    send(SMALL);
    receiveAll("order", "a message that was sent after another one is read before it");
  }

  /** Everything is read, so nothing keeps a message from the short way. */
  private void redirection(long queueLimit) {
    for (int i = 0; i < 3; i++) {
      long before = counters.get(Counter.REDIRECTED);
      send((int) Math.min(SMALL, queueLimit));
      if (counters.get(Counter.REDIRECTED) == before && !isShortOfMemory()) {
        throw failure(
            "redirection",
            "no message is redirected (%s): nothing would be gained".formatted(counters));
      }
      receiveAll("redirection", "redirected bytes do not arrive as they were sent");
    }
  }

  /** The gate has to see how full the queue is. */
  private void room(long queueLimit) {
    long full = counters.get(Counter.TCP_QUEUE_FULL);
    int size = (int) Math.min(LARGE, queueLimit);
    while (counters.get(Counter.TCP_QUEUE_FULL) == full && !isShortOfMemory()) {
      if (sent - received > queueLimit) {
        throw failure(
            "backpressure",
            "%d bytes wait to be read, the limit is %d: a reader that stalls would not stop its sender"
                .formatted(sent - received, queueLimit));
      }
      send(size);
    }
    receiveAll("backpressure", "bytes are lost, or overtake each other, where the queue is full");
    redirection(queueLimit);
  }

  private void send(int size) {
    var data = pattern(sent, size);
    for (int done = 0; done < size; ) {
      int count = socket.send(done == 0 ? data : Arrays.copyOfRange(data, done, size), 0);
      if (count < 0) {
        throw failure("sending", "send fails: " + Errno.meaning(-count));
      }
      done += count;
    }
    sent += size;
  }

  /** Reads what was sent, and fails unless it is that. */
  private void receiveAll(String check, String complaint) {
    var buffer = new byte[LARGE];
    while (received < sent) {
      socket.poll(TrialSocket.POLLIN, PATIENCE);
      int count = socket.receive(buffer, TrialSocket.MSG_DONTWAIT);
      if (count <= 0 || !Arrays.equals(Arrays.copyOf(buffer, count), pattern(received, count))) {
        throw failure(check, complaint);
      }
      received += count;
    }
  }

  private static byte[] pattern(long from, int size) {
    var data = new byte[size];
    for (int i = 0; i < size; i++) {
      long at = from + i;
      data[i] = (byte) (at ^ at >> 8 ^ at >> 16);
    }
    return data;
  }

  private void forget() {
    try (var arena = Arena.ofConfined()) {
      var cookie = arena.allocateFrom(JAVA_LONG, socket.cookie());
      object.map("sockets").delete(nobody);
      object.map("proxies").delete(cookie);
    }
  }

  private CheckFailedException failure(String check, String seen) {
    return new CheckFailedException(
        check, "BPF object bypass", seen + "; force() loads it all the same");
  }
}
