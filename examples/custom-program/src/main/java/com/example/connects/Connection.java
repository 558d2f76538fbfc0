// SPDX-License-Identifier: Apache-2.0
package com.example.connects;

import io.github.jbypass.core.typed.BigEndian;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The struct of the same name in connects.bpf.c. */
record Connection(@BigEndian int[] address, int port, int pid, byte[] comm) {
  /** Where it goes to. */
  InetSocketAddress destination() {
    var bytes = ByteBuffer.allocate(16);
    bytes.asIntBuffer().put(address);
    try {
      return new InetSocketAddress(InetAddress.getByAddress(bytes.array()), port);
    } catch (UnknownHostException e) {
      throw new AssertionError("16 bytes are an address", e);
    }
  }

  /** The name of the thread that connects, which C ends with a zero. */
  String command() {
    int length = 0;
    while (length < comm.length && comm[length] != 0) {
      length++;
    }
    return new String(comm, 0, length, StandardCharsets.UTF_8);
  }

  @Override
  public String toString() {
    return "%s[%d] connects to %s".formatted(command(), pid, destination());
  }
}
