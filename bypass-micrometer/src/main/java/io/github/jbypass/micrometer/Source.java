// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.micrometer;

import io.github.jbypass.core.BpfException;
import io.github.jbypass.programs.Bypass;
import io.github.jbypass.programs.Health.Kind;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Reads from a {@link Bypass} until that is closed, and then lets go of it: a registry may keep its
 * meters longer. Thread-safe.
 */
final class Source {
  private volatile @Nullable Bypass bypass;

  Source(Bypass bypass) {
    this.bypass = bypass;
  }

  /** Never falls, and stays what it was last once the bypass is closed. */
  LongSupplier growing(ToLongFunction<Bypass> question) {
    var last = new AtomicLong();
    return () -> {
      var value = ask(question::applyAsLong);
      return value == null ? last.get() : last.accumulateAndGet(value, Math::max);
    };
  }

  /** No number once the bypass is closed, and where the kernel does not tell. */
  Supplier<Number> current(Function<Bypass, Number> question) {
    return () -> {
      var value = ask(question);
      return value == null ? Double.NaN : value;
    };
  }

  private <T> @Nullable T ask(Function<Bypass, T> question) {
    var open = bypass;
    if (open == null) {
      return null;
    }
    try {
      return question.apply(open);
    } catch (BpfException e) {
      return null; // a meter has no other way to say so
    } catch (IllegalStateException e) {
      if (!isClosed(open)) {
        throw e;
      }
      bypass = null;
      return null;
    }
  }

  private static boolean isClosed(Bypass bypass) {
    return bypass.health().problems().stream().anyMatch(problem -> problem.kind() == Kind.CLOSED);
  }
}
