// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.datapath;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;

/** Processor time, in nanoseconds. */
final class CpuTime {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final long NANOS_PER_TICK = 10_000_000; // USER_HZ is 100 on every architecture
  private static final int IDLE = 4;
  private static final int IOWAIT = 5;
  private static final int STEAL = 8;

  private CpuTime() {}

  /** In user space and the kernel. */
  static long ofThisThread() {
    return THREADS.getCurrentThreadCpuTime();
  }

  /** Of all that runs on this machine, the kernel's own threads and interrupts included. */
  static long ofMachine() throws IOException {
    try (var lines = Files.lines(Path.of("/proc/stat"))) {
      // cpu user nice system idle iowait irq softirq steal ...; guests are part of user.
      var fields = lines.findFirst().orElseThrow().split("\\s+");
      long ticks = 0;
      for (int i = 1; i < STEAL; i++) {
        if (i != IDLE && i != IOWAIT) {
          ticks += Long.parseLong(fields[i]);
        }
      }
      return ticks * NANOS_PER_TICK;
    }
  }
}
