// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs.testing;

import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

/** A thread that accepts connections until it is closed, and closes each when it is served. */
public final class Acceptor implements AutoCloseable {
  private static final Duration LOOK = Duration.ofMillis(50);

  private final PosixSocket listener;
  private final Consumer<PosixSocket> service;
  private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
  private final Thread thread;
  private volatile long accepted;
  private volatile boolean stopped;

  private Acceptor(PosixSocket listener, Consumer<PosixSocket> service) {
    this.listener = listener.nonBlocking(true);
    this.service = service;
    thread = Thread.ofPlatform().daemon().name("acceptor").start(this::run);
  }

  /** Starts; takes ownership of the listener. */
  public static Acceptor start(PosixSocket listener, Consumer<PosixSocket> service) {
    return new Acceptor(listener, service);
  }

  private void run() {
    while (!stopped) {
      if (listener.poll(Posix.POLLIN, LOOK) != 0) {
        serve();
      }
    }
  }

  private void serve() {
    try (PosixSocket socket = listener.accept()) {
      accepted = accepted + 1;
      service.accept(socket);
    } catch (RuntimeException | Error e) {
      failures.add(e);
    }
  }

  /** How many connections it has accepted. */
  public long accepted() {
    return accepted;
  }

  /** Fails if serving has. */
  public void throwFailures() {
    if (!failures.isEmpty()) {
      AssertionError all = new AssertionError(failures.size() + " connections failed");
      failures.stream().limit(5).forEach(all::addSuppressed);
      throw all;
    }
  }

  @Override
  public void close() {
    stopped = true;
    Threads.join(thread);
    listener.close();
  }
}
