// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import static io.github.jbypass.core.internal.TrialSocket.MSG_OOB;
import static io.github.jbypass.core.internal.TrialSocket.PATIENCE;
import static io.github.jbypass.core.internal.TrialSocket.POLLIN;
import static io.github.jbypass.core.internal.TrialSocket.POLLPRI;
import static io.github.jbypass.core.internal.TrialSocket.SOL_SOCKET;
import static io.github.jbypass.programs.TrialPath.A_MOMENT;
import static io.github.jbypass.programs.TrialPath.receives;

import io.github.jbypass.core.internal.TrialEpoll;
import io.github.jbypass.programs.Trial.Different;
import io.github.jbypass.programs.Trial.Outcome;
import io.github.jbypass.programs.Trial.Same;
import java.time.Duration;
import java.util.List;

/** What tells applications that there is something to read. */
final class ReadinessTrials {
  static final String FIONREAD_REDIRECTED = "fionread_redirected";
  static final String FIONREAD_TCP = "fionread_tcp";

  private static final String FIONREAD_REMEDY =
      "exclude the ports of programs that rely on it (Java's available(), nginx, .NET)";
  private static final int SO_RCVLOWAT = 18;
  private static final int SIZE = 100;

  private ReadinessTrials() {}

  static List<Trial> all() {
    return List.of(
        Trial.of(FIONREAD_REDIRECTED, FIONREAD_REMEDY, path -> pending(path, true)),
        Trial.of(FIONREAD_TCP, FIONREAD_REMEDY, path -> pending(path, false)),
        Trial.essential("epoll_level", ReadinessTrials::level),
        Trial.essential("epoll_edge", ReadinessTrials::edge),
        Trial.of(
            "so_rcvlowat", "exclude the ports of programs that set it", ReadinessTrials::lowWater),
        Trial.of(
            "msg_oob",
            "exclude the ports of programs that send urgent data (telnet, rlogin)",
            ReadinessTrials::urgent));
  }

  private static Outcome pending(TrialPath path, boolean redirected) {
    var pair = path.connect();
    TrialPath.send(pair.client(), 0, SIZE); // so that the socket is one that was redirected to
    receives(pair.server(), 0, SIZE);
    path.redirecting(redirected);
    TrialPath.send(pair.client(), 0, SIZE);
    TrialPath.awaitReadable(pair.server());
    int pending = pair.server().pending();
    return pending == SIZE
        ? new Same("counts what can be read")
        : new Different("counts %d of %d bytes that can be read".formatted(pending, SIZE));
  }

  private static Outcome level(TrialPath path) {
    var pair = path.connect();
    try (var epoll = new TrialEpoll(pair.server(), false)) {
      boolean early = epoll.reports(Duration.ZERO);
      TrialPath.send(pair.client(), 0, SIZE);
      boolean woken = epoll.reports(PATIENCE);
      boolean still = epoll.reports(Duration.ZERO);
      receives(pair.server(), 0, SIZE);
      boolean late = epoll.reports(Duration.ZERO);
      return !early && woken && still && !late
          ? new Same("reports the socket as long as there are bytes")
          : new Different(
              "reports before, with and after the bytes: %s, %s and %s, %s"
                  .formatted(early, woken, still, late));
    }
  }

  private static Outcome edge(TrialPath path) {
    var pair = path.connect();
    try (var epoll = new TrialEpoll(pair.server(), true)) {
      boolean early = epoll.reports(Duration.ZERO);
      TrialPath.send(pair.client(), 0, SIZE);
      boolean woken = epoll.reports(PATIENCE);
      epoll.reports(Duration.ZERO); // once more is allowed
      TrialPath.send(pair.client(), SIZE, SIZE);
      boolean more = epoll.reports(PATIENCE);
      return !early && woken && more && receives(pair.server(), 0, 2 * SIZE)
          ? new Same("reports the socket for each arrival")
          : new Different(
              "reports before, with and with more bytes: %s, %s, %s".formatted(early, woken, more));
    }
  }

  private static Outcome lowWater(TrialPath path) {
    var pair = path.connect();
    pair.server().set(SOL_SOCKET, SO_RCVLOWAT, 2 * SIZE);
    TrialPath.send(pair.client(), 0, SIZE);
    boolean early = pair.server().poll(POLLIN, A_MOMENT) != 0;
    TrialPath.send(pair.client(), SIZE, SIZE);
    boolean woken = pair.server().poll(POLLIN, PATIENCE) != 0;
    return woken && !early
        ? new Same("poll tells of bytes when there are enough")
        : new Different(
            woken
                ? "poll tells of bytes when there are fewer than asked for"
                : "poll does not tell of enough bytes");
  }

  private static Outcome urgent(TrialPath path) {
    var pair = path.connect();
    TrialPath.send(pair.client(), 0, SIZE);
    pair.client().send(new byte[1], MSG_OOB);
    pair.server().poll(POLLIN, PATIENCE);
    return (pair.server().poll(POLLIN | POLLPRI, A_MOMENT) & POLLPRI) != 0
        ? new Same("tells of urgent data")
        : new Different("urgent data arrives in line, without POLLPRI");
  }
}
