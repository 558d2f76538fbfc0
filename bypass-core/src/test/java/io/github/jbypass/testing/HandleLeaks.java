// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.testing;

import io.github.jbypass.core.internal.OpenHandles;
import io.github.jbypass.core.internal.OpenHandles.Opening;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/**
 * Fails a test class that leaves handles of the library open, and shows the stacks that opened
 * them. JUnit finds it by itself: it watches all tests of all modules.
 */
public final class HandleLeaks implements BeforeAllCallback, AfterAllCallback {
  private static final Namespace NAMESPACE = Namespace.create(HandleLeaks.class);
  private static final Set<Opening> DELIBERATE = ConcurrentHashMap.newKeySet();
  private static final int ATTEMPTS = 100; // of 20 ms: threads may be about to close

  static {
    System.setProperty("io.github.jbypass.leaks", "true"); // before the library reads it
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    if (!OpenHandles.isRecorded()) {
      throw new IllegalStateException("the library was used before JUnit found this extension");
    }
    context.getStore(NAMESPACE).put(context.getUniqueId(), OpenHandles.openings());
  }

  @Override
  public void afterAll(ExtensionContext context) throws InterruptedException {
    var before = context.getStore(NAMESPACE).get(context.getUniqueId(), Set.class);
    for (int attempt = 1; !openedSince(before).isEmpty() && attempt < ATTEMPTS; attempt++) {
      Thread.sleep(20);
    }
    check(before, context.getDisplayName());
  }

  /**
   * Runs something that opens handles to be kept for as long as the JVM lives, such as an object
   * that many test classes share.
   */
  public static <T> T deliberate(Supplier<T> opening) {
    var before = OpenHandles.openings();
    try {
      return opening.get();
    } finally {
      DELIBERATE.addAll(openedSince(before));
    }
  }

  /** Fails if there are handles that were not open before. */
  static void check(Set<?> before, String who) {
    var leaks = openedSince(before);
    if (!leaks.isEmpty()) {
      var failure = new AssertionError(who + " left " + leaks.size() + " handles open");
      leaks.forEach(failure::addSuppressed);
      throw failure;
    }
  }

  private static Set<Opening> openedSince(Set<?> before) {
    var leaks = new HashSet<>(OpenHandles.openings());
    leaks.removeAll(before);
    leaks.removeAll(DELIBERATE);
    return leaks;
  }
}
