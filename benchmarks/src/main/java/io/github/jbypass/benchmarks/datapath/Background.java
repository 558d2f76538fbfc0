// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.datapath;

import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** What another thread does meanwhile, and the processor time that it took. */
final class Background {
  /** What a thread does. */
  interface Task {
    void run() throws IOException;
  }

  private final FutureTask<Long> task;

  private Background(FutureTask<Long> task) {
    this.task = task;
  }

  static Background start(Task task) {
    var future =
        new FutureTask<>(
            () -> {
              long before = CpuTime.ofThisThread();
              task.run();
              return CpuTime.ofThisThread() - before;
            });
    Thread.ofPlatform().daemon().start(future);
    return new Background(future);
  }

  void cancel() {
    task.cancel(true);
  }

  /** Waits for the end: nanoseconds of processor time. */
  long await() throws IOException {
    try {
      return task.get();
    } catch (ExecutionException e) {
      throw new IOException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }
}
