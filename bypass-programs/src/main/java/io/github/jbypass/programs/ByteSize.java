// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

/**
 * A number of bytes that says its unit where it is written: {@code MiB(1)}.
 *
 * @param bytes zero or more
 */
public record ByteSize(long bytes) {
  /**
   * Checks the number.
   *
   * @throws IllegalArgumentException if it is negative
   */
  public ByteSize {
    if (bytes < 0) {
      throw new IllegalArgumentException("a size of " + bytes + " bytes");
    }
  }

  /**
   * So many bytes.
   *
   * @param n how many bytes
   * @return the size
   */
  public static ByteSize bytes(long n) {
    return new ByteSize(n);
  }

  /**
   * So many times 1024 bytes.
   *
   * @param n how many KiB
   * @return the size
   */
  public static ByteSize KiB(long n) {
    return new ByteSize(Math.multiplyExact(n, 1L << 10));
  }

  /**
   * So many times 1024 KiB.
   *
   * @param n how many MiB
   * @return the size
   */
  public static ByteSize MiB(long n) {
    return new ByteSize(Math.multiplyExact(n, 1L << 20));
  }

  /** In the largest unit that divides it. */
  @Override
  public String toString() {
    if (bytes != 0 && bytes % (1 << 20) == 0) {
      return (bytes >> 20) + " MiB";
    }
    return bytes != 0 && bytes % (1 << 10) == 0 ? (bytes >> 10) + " KiB" : bytes + " B";
  }
}
