// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples.rig;

/**
 * What wrk asks of the mesh.
 *
 * @param connections open at once
 * @param threads of wrk; at most {@code connections}
 * @param seconds how long
 * @param bodyBytes size of each answer's body
 * @param close whether each request asks for its connection to be closed
 */
public record Load(int connections, int threads, int seconds, int bodyBytes, boolean close) {
  public Load {
    if (connections < 1 || threads < 1 || threads > connections || seconds < 1 || bodyBytes < 0) {
      throw new IllegalArgumentException(
          "%d connections, %d threads, %d seconds, %d bytes: connections, threads and seconds are at least 1, threads are not more than connections"
              .formatted(connections, threads, seconds, bodyBytes));
    }
  }

  private static final int WRK_THREADS = 2; // wrk's own default

  /** Requests over kept connections. */
  public static Load keepAlive(int connections, int seconds, int bodyBytes) {
    return of(connections, seconds, bodyBytes, false);
  }

  /** With as many threads as wrk has unless told otherwise. */
  public static Load of(int connections, int seconds, int bodyBytes, boolean close) {
    return new Load(
        connections, Math.clamp(connections, 1, WRK_THREADS), seconds, bodyBytes, close);
  }
}
