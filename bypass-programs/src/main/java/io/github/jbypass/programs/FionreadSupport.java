// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

/**
 * What applications get to know when they ask an enrolled socket how many bytes they can read:
 * {@code ioctl(FIONREAD)}, which is {@code InputStream.available()} in Java. A socket's bytes can
 * wait in two queues, TCP's and that of redirected messages, and kernels differ in which they
 * count. Tried out with real sockets when the programs are loaded.
 */
public enum FionreadSupport {
  /** The kernel counts both queues. */
  EXACT,

  /**
   * The kernel counts only redirected bytes, so a stream verdict program that passes everything is
   * attached: with it, TCP's bytes go to the same queue and are counted. It costs one-way streams
   * over loopback some of their speed. Kernels 6.6.128+, 6.12.75+, 6.18.14+, 6.19+ need it until a
   * later fix.
   */
  REPAIRED,

  /**
   * FIONREAD answers too little, and nothing repairs it: applications that rely on it may wait for
   * bytes that are there. Exclude their ports with an {@link EnrolmentPolicy}. Older kernels, which
   * count only TCP's bytes.
   */
  INEXACT
}
