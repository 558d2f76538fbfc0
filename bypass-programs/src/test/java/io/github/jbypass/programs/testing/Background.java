// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs.testing;

import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** Tasks that may block, each on a thread of its own: a shared pool could run out of threads. */
public final class Background {
  private Background() {}

  public static <T> CompletableFuture<T> call(Supplier<T> task) {
    return CompletableFuture.supplyAsync(task, Background::start);
  }

  public static CompletableFuture<Void> run(Runnable task) {
    return CompletableFuture.runAsync(task, Background::start);
  }

  private static void start(Runnable task) {
    Thread.ofPlatform().daemon().name("background").start(task);
  }
}
