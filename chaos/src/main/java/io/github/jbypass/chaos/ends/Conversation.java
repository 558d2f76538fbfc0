// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.chaos.ends;

import io.github.jbypass.chaos.ends.Content.Direction;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.random.RandomGenerator;

/**
 * One end of a connection: sends at its own pace until its budget is spent, then ends its
 * direction, and checks all that comes until the other direction has ended.
 */
final class Conversation {
  private static final int MIN_RATE = 2 << 10; // bytes a second
  private static final int MAX_RATE = 64 << 10;
  private static final int MIN_BUDGET = 2 << 10;
  private static final int MAX_BUDGET = 256 << 10;
  private static final int MAX_MESSAGE = 16 << 10;
  private static final int MAX_BURST = 1 << 20;
  private static final double BURSTS = 1.0 / 400;
  private static final double SMALL_BUFFERS = 0.05;
  private static final int SMALL_BUFFER = 16 << 10;

  private final long number;
  private final Route route;
  private final int generation;
  private final boolean client;
  private final SelectionKey key;
  private final SocketChannel channel;
  private final RandomGenerator random;
  private final Outgoing out;
  private final Incoming in;
  private final double rate;
  private long budget;
  private boolean shut;
  private boolean seenEnd;
  private boolean paused;
  private boolean hasTurn;

  Conversation(
      long number,
      Route route,
      int generation,
      boolean client,
      SelectionKey key,
      RandomGenerator random)
      throws IOException {
    this.number = number;
    this.route = route;
    this.generation = generation;
    this.client = client;
    this.key = key;
    this.random = random;
    channel = (SocketChannel) key.channel();
    out =
        new Outgoing(
            Content.of(number, client ? Direction.TO_SERVER : Direction.TO_CLIENT), random);
    in = new Incoming(Content.of(number, client ? Direction.TO_CLIENT : Direction.TO_SERVER));
    rate = between(MIN_RATE, MAX_RATE);
    budget = (long) between(MIN_BUDGET, MAX_BUDGET);
    channel.setOption(StandardSocketOptions.TCP_NODELAY, random.nextBoolean());
    if (random.nextDouble() < SMALL_BUFFERS) {
      channel.setOption(StandardSocketOptions.SO_RCVBUF, SMALL_BUFFER);
    }
  }

  /** Every order of magnitude is as likely. */
  private double between(int least, int most) {
    return least * Math.pow((double) most / least, random.nextDouble());
  }

  long number() {
    return number;
  }

  Route route() {
    return route;
  }

  int generation() {
    return generation;
  }

  boolean hasHeardNothing() {
    return in.received() == 0;
  }

  /** Whether it gets a turn to speak: one at a time. */
  boolean takeTurn() {
    boolean free = !hasTurn;
    hasTurn = true;
    return free;
  }

  void yieldTurn() {
    hasTurn = false;
  }

  /** Sends the next message; returns after how many nanoseconds it is another one's turn. */
  long speak() throws IOException {
    if (budget <= 0) {
      out.end();
      write();
      return Long.MAX_VALUE;
    }
    double size = random.nextDouble();
    int bytes =
        random.nextDouble() < BURSTS
            ? random.nextInt(1, MAX_BURST)
            : 1 + (int) (MAX_MESSAGE * size * size * size);
    return say(bytes);
  }

  /** Sends a lot at once. */
  void burst() throws IOException {
    if (budget > 0) {
      say(random.nextInt(1, MAX_BURST));
    }
  }

  private long say(int bytes) throws IOException {
    budget -= bytes;
    out.send(bytes);
    write();
    return (long) (Math.min(bytes, MAX_MESSAGE) / rate * 1e9);
  }

  void write() throws IOException {
    boolean done = out.write(channel, in.received());
    if (out.hasEnded() && !shut) {
      channel.shutdownOutput();
      shut = true;
    }
    setInterest(SelectionKey.OP_WRITE, !done);
  }

  /** Nothing more is said after the current message. */
  void spend() {
    budget = 0;
  }

  /** Whether something is still to be written. */
  boolean isWriting() {
    return (key.interestOps() & SelectionKey.OP_WRITE) != 0;
  }

  void pause(boolean pause) {
    paused = pause;
    setInterest(SelectionKey.OP_READ, !pause && !seenEnd);
  }

  private void setInterest(int operation, boolean wanted) {
    if (key.isValid()) {
      key.interestOps(wanted ? key.interestOps() | operation : key.interestOps() & ~operation);
    }
  }

  /** Reads what is there; returns how many bytes. */
  int read(ByteBuffer buffer) throws IOException {
    if (paused) {
      return 0;
    }
    int count = channel.read(buffer.clear().limit(1 + random.nextInt(buffer.capacity())));
    if (count < 0) {
      if (!in.hasEnded()) {
        throw new IOException("it ended at " + in.received() + ", in the middle");
      }
      seenEnd = true;
      setInterest(SelectionKey.OP_READ, false);
      return 0;
    }
    in.accept(buffer.flip(), out.written());
    return count;
  }

  boolean isOver() {
    return shut && seenEnd;
  }

  /** What this end knows of the connection when it has ended; {@link Record} reads it. */
  String record(String outcome) {
    return Record.line(
        number, client, route, out.written(), in.received(), in.acknowledged(), outcome);
  }

  void close() throws IOException {
    key.cancel();
    channel.close();
  }

  @Override
  public String toString() {
    return "connection %d (%s, %s end): written %d, received %d, acknowledged %d%s%s%s"
        .formatted(
            number,
            route,
            client ? "client's" : "server's",
            out.written(),
            in.received(),
            in.acknowledged(),
            shut ? ", output ended" : isWriting() ? ", writing" : "",
            in.hasEnded() ? ", input ended" : "",
            paused ? ", paused" : "");
  }
}
