// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core.internal;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Bytes between a socket and something else inside the kernel, for trials: a pipe and a file. */
public final class TrialTransfer implements AutoCloseable {
  private static final int O_CLOEXEC = 02000000;
  private static final int MFD_CLOEXEC = 1;
  private static final int SPLICE_F_NONBLOCK = 2;

  private static final MethodHandle PIPE = TrialCalls.toInt("pipe2", ADDRESS, JAVA_INT);
  private static final MethodHandle FILE = TrialCalls.toInt("memfd_create", ADDRESS, JAVA_INT);
  private static final MethodHandle WRITE =
      TrialCalls.toLong("write", JAVA_INT, ADDRESS, JAVA_LONG);
  private static final MethodHandle SPLICE =
      TrialCalls.toLong("splice", JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
  private static final MethodHandle SENDFILE =
      TrialCalls.toLong("sendfile", JAVA_INT, JAVA_INT, ADDRESS, JAVA_LONG);

  private final int reader;
  private final int writer;
  private final int file;

  /** Makes the pipe, and a file in memory. */
  public TrialTransfer() {
    try (var arena = Arena.ofConfined()) {
      var ends = arena.allocate(JAVA_INT, 2);
      TrialCalls.check(
          "make a pipe", TrialCalls.call((s, _) -> (int) PIPE.invokeExact(s, ends, O_CLOEXEC)));
      reader = ends.get(JAVA_INT, 0);
      writer = ends.get(JAVA_INT, 4);
      var name = arena.allocateFrom("jbypass-trial");
      file = TrialCalls.call((s, _) -> (int) FILE.invokeExact(s, name, MFD_CLOEXEC));
    }
    if (file < 0) {
      LibC.close(reader);
      LibC.close(writer);
      TrialCalls.check("make a file", file);
    }
  }

  /** Moves bytes from a socket into the pipe; how many, or a negative error number. */
  public int spliceFrom(TrialSocket socket, int atMost) {
    return splice(socket.fd(), writer, atMost);
  }

  /** Writes to the pipe and moves that to a socket; how many bytes, or a negative error number. */
  public int spliceTo(TrialSocket socket, byte[] data) {
    TrialCalls.check("write to a pipe", write(writer, data));
    return splice(reader, socket.fd(), data.length);
  }

  /** Writes to the file and sends that to a socket; how many bytes, or a negative error number. */
  public int sendFile(TrialSocket socket, byte[] data) {
    TrialCalls.check("write to a file", write(file, data));
    return TrialCalls.call(
        (state, arena) ->
            (long)
                SENDFILE.invokeExact(
                    state,
                    socket.fd(),
                    file,
                    arena.allocateFrom(JAVA_LONG, 0),
                    (long) data.length));
  }

  /** What has come out of the pipe. */
  public byte[] read(int atMost) {
    try (var arena = Arena.ofConfined()) {
      var buffer = arena.allocate(atMost);
      int count = TrialCalls.check("read from a pipe", FileCalls.read(reader, buffer));
      return buffer.asSlice(0, count).toArray(JAVA_BYTE);
    }
  }

  private static int write(int fd, byte[] data) {
    return TrialCalls.call(
        (state, arena) ->
            (long)
                WRITE.invokeExact(
                    state, fd, arena.allocateFrom(JAVA_BYTE, data), (long) data.length));
  }

  private static int splice(int from, int to, int atMost) {
    var here = MemorySegment.NULL;
    return TrialCalls.call(
        (state, _) ->
            (long)
                SPLICE.invokeExact(state, from, here, to, here, (long) atMost, SPLICE_F_NONBLOCK));
  }

  @Override
  public void close() {
    LibC.close(reader);
    LibC.close(writer);
    LibC.close(file);
  }
}
