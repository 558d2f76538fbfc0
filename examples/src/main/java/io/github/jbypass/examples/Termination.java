// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;

/**
 * SIGINT and SIGTERM as requests: the program ends in its own time, its try-with-resources blocks
 * run, and the exit status is its own rather than 128 + signal.
 */
public final class Termination {
  private static final CompletableFuture<Boolean> REQUESTED = new CompletableFuture<>();

  private Termination() {}

  /** Runs the program and ends the JVM with the status that it returns; 1 if it throws. */
  public static void runAndExit(IntSupplier program) throws InterruptedException {
    AtomicInteger status = new AtomicInteger(1);
    Thread thread = Thread.ofPlatform().name("program").start(() -> status.set(program.getAsInt()));
    Runtime.getRuntime().addShutdownHook(new Thread(() -> requestAndHalt(thread, status)));
    thread.join();
    System.exit(status.get());
  }

  private static void requestAndHalt(Thread thread, AtomicInteger status) {
    REQUESTED.complete(true);
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new AssertionError("nobody knows the thread of a shutdown hook", e);
    }
    System.out.flush();
    // Only halting changes the status of a JVM that a signal is ending.
    Runtime.getRuntime().halt(status.get());
  }

  /** Whether a signal has asked the program to end. */
  public static boolean isRequested() {
    return REQUESTED.isDone();
  }

  /** Waits that long, or until a signal asks the program to end: then true. */
  public static boolean isRequestedWithin(Duration time) {
    return REQUESTED.copy().completeOnTimeout(false, time.toMillis(), TimeUnit.MILLISECONDS).join();
  }

  /** Interrupts this thread as soon as a signal asks the program to end. */
  public static void interruptsThisThread() {
    REQUESTED.thenRun(Thread.currentThread()::interrupt);
  }
}
