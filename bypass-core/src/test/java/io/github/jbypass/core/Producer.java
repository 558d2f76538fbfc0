// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.jbypass.testing.TestCgroup;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;

/** The programs of ring.bpf.c, attached to a group of one socket whose options make them run. */
final class Producer implements AutoCloseable {
  /** What ring.bpf.c writes at most in one call. */
  static final int MOST_RECORDS = 512;

  private final TestCgroup group = TestCgroup.create();
  private final BpfObject object = Fixture.open("ring").load();
  private final DatagramChannel socket;
  private final BpfLink link;

  Producer() throws IOException {
    group.enter();
    socket = DatagramChannel.open();
    group.leave();
    link = object.program("produce").attach(group.cgroup());
  }

  BpfObject object() {
    return object;
  }

  RingBuffer ring() {
    return RingBuffer.open(object, "ring");
  }

  RingBuffer second() {
    return RingBuffer.open(object, "second");
  }

  Producer discardingOneOf(int records) {
    object.global("discarded").set(JAVA_INT, 0, records);
    return this;
  }

  Producer alsoToSecond() {
    object.global("to_second").set(JAVA_INT, 0, 1);
    return this;
  }

  /** Has the program run once, on this thread. */
  void produce(int records) {
    object.global("records").set(JAVA_INT, 0, records);
    run();
  }

  /** Once more with as many. */
  void run() {
    try {
      socket.setOption(StandardSocketOptions.SO_REUSEADDR, true);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** How many records were numbered, whatever became of them. */
  long produced() {
    return object.global("produced").get(JAVA_LONG, 0);
  }

  @Override
  public void close() {
    link.close();
    object.close();
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    group.close();
  }
}
