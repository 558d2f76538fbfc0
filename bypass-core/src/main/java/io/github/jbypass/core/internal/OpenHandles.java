// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core.internal;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Remembers who opened what, for tests that look for handles that nobody has closed. Does so only
 * in a JVM that was started with {@code -Dio.github.jbypass.leaks=true}; elsewhere it costs
 * nothing. Thread-safe.
 */
public final class OpenHandles {
  static final boolean RECORDED = Boolean.getBoolean("io.github.jbypass.leaks");

  private static final Map<Lifetime, Opening> OPEN = new ConcurrentHashMap<>();

  /** Who opened a handle: its stack. Each is equal to itself only. */
  public static final class Opening extends Throwable {
    private static final long serialVersionUID = 1L;

    private Opening(String description) {
      super(description + " was opened by " + Thread.currentThread().getName());
    }
  }

  private OpenHandles() {}

  static void opened(Lifetime handle, String description) {
    OPEN.put(handle, new Opening(description));
  }

  static void closed(Lifetime handle) {
    OPEN.remove(handle);
  }

  /** Whether this JVM remembers. */
  public static boolean isRecorded() {
    return RECORDED;
  }

  /** Those that are open now. */
  public static Set<Opening> openings() {
    return Set.copyOf(OPEN.values());
  }
}
