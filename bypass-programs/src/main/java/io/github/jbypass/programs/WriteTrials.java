// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static io.github.jbypass.core.internal.TrialSocket.IPPROTO_TCP;
import static io.github.jbypass.core.internal.TrialSocket.MSG_ZEROCOPY;
import static io.github.jbypass.core.internal.TrialSocket.POLLERR;
import static io.github.jbypass.core.internal.TrialSocket.SOL_SOCKET;
import static io.github.jbypass.programs.TrialPath.answer;
import static io.github.jbypass.programs.TrialPath.bytes;
import static io.github.jbypass.programs.TrialPath.receives;

import io.github.jbypass.core.internal.TrialSocket;
import io.github.jbypass.core.internal.TrialTransfer;
import io.github.jbypass.programs.Trial.Different;
import io.github.jbypass.programs.Trial.Impossible;
import io.github.jbypass.programs.Trial.Measured;
import io.github.jbypass.programs.Trial.Outcome;
import io.github.jbypass.programs.Trial.Same;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Ways to write, and what can be switched on for a socket. */
final class WriteTrials {
  private static final Path UPPER_LAYERS = Path.of("/proc/sys/net/ipv4/tcp_available_ulp");
  private static final int SO_SNDBUF = 7;
  private static final int SO_ZEROCOPY = 60;
  private static final int TCP_NOTSENT_LOWAT = 25;
  private static final int TCP_ULP = 31;
  private static final int SIZE = 5000;

  private WriteTrials() {}

  static List<Trial> all() {
    return List.of(
        Trial.of(
            "sendfile",
            "exclude the ports of programs that use it",
            path -> moves(path, "sendfile", TrialTransfer::sendFile)),
        Trial.of(
            "splice_to_socket",
            "exclude the ports of programs that use it",
            path -> moves(path, "splice", TrialTransfer::spliceTo)),
        Trial.of(
            "msg_zerocopy",
            "exclude the ports of programs that wait for completions",
            WriteTrials::withoutCopying),
        Trial.of(
            "so_sndbuf",
            "none: it bounds what a sender parks with TCP; a size that the application sets stays",
            path -> option(path, SOL_SOCKET, SO_SNDBUF)),
        Trial.of(
            "tcp_notsent_lowat",
            "none: it lets a sender sleep until what it has parked with TCP has left; one that the"
                + " application sets stays",
            path -> option(path, IPPROTO_TCP, TCP_NOTSENT_LOWAT)),
        Trial.of(
            "tcp_ulp",
            "exclude the ports of programs that use kTLS; others go on without it",
            WriteTrials::upperLayer));
  }

  /** Returns how many bytes were moved. */
  @FunctionalInterface
  private interface Mover {
    int move(TrialTransfer transfer, TrialSocket socket, byte[] data);
  }

  private static Outcome moves(TrialPath path, String call, Mover mover) {
    var pair = path.connect();
    try (var transfer = new TrialTransfer()) {
      int count = mover.move(transfer, pair.client(), bytes(0, SIZE));
      return count == SIZE && receives(pair.server(), 0, SIZE)
          ? new Same("what is sent so arrives")
          : new Different("%s gives %s of %d bytes".formatted(call, answer(count), SIZE));
    }
  }

  private static Outcome withoutCopying(TrialPath path) {
    var pair = path.connect();
    int set = pair.client().set(SOL_SOCKET, SO_ZEROCOPY, 1);
    if (set < 0) {
      return new Impossible("TCP does not have it here: " + answer(set));
    }
    int count = pair.client().send(bytes(0, SIZE), MSG_ZEROCOPY);
    if (count != SIZE || !receives(pair.server(), 0, SIZE)) {
      return new Different("send with MSG_ZEROCOPY gives " + answer(count) + ", or bytes are lost");
    }
    return (pair.client().poll(0, TrialPath.A_MOMENT) & POLLERR) != 0
        ? new Same("bytes arrive, and the completion as well")
        : new Different("bytes arrive, but the completion never does");
  }

  private static Outcome option(TrialPath path, int level, int name) {
    var pair = path.connect();
    TrialPath.send(pair.client(), 0, SIZE);
    return new Measured("reads " + pair.client().get(level, name, 0));
  }

  /** Asking for one that is not there could make the kernel load a module. */
  private static Outcome upperLayer(TrialPath path) {
    try {
      if (!List.of(Files.readString(UPPER_LAYERS).strip().split(" ")).contains("tls")) {
        return new Impossible(
            "this kernel has no tls now (modprobe tls loads it, where it has it)");
      }
    } catch (IOException e) {
      return new Impossible("there is no " + UPPER_LAYERS);
    }
    var pair = path.connect();
    TrialPath.send(pair.client(), 0, SIZE);
    int set = pair.client().set(IPPROTO_TCP, TCP_ULP, "tls");
    return set == 0
        ? new Same("kTLS can be switched on")
        : new Different("setsockopt(TCP_ULP, \"tls\") fails with " + answer(set));
  }
}
