// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.jbypass.core.internal.Lifetime;
import io.github.jbypass.core.internal.OpenHandles;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class HandleLeaksTest {
  private static final class Handle extends Lifetime {
    Handle() {
      super("a handle");
    }

    @Override
    protected void free() {
      // holds nothing
    }
  }

  private static Handle forget() {
    return new Handle();
  }

  @Test
  void aForgottenHandleIsReportedWithTheStackThatOpenedIt() {
    var before = OpenHandles.openings();
    try (var _ = forget()) {
      var failure =
          catchThrowableOfType(AssertionError.class, () -> HandleLeaks.check(before, "this test"));

      assertThat(failure).hasMessage("this test left 1 handles open");
      assertThat(failure.getSuppressed()).hasSize(1);
      assertThat(failure.getSuppressed()[0]).hasMessageStartingWith("a handle was opened by ");
      assertThat(Arrays.asList(failure.getSuppressed()[0].getStackTrace()))
          .anyMatch(frame -> frame.getMethodName().equals("forget"));
    }
  }

  @Test
  void whatWasClosedOrOpenBeforeOrIsKeptDeliberatelyIsNotReported() {
    try (var _ = forget()) {
      var before = OpenHandles.openings();
      forget().close();
      try (var _ = HandleLeaks.deliberate(HandleLeaksTest::forget)) {
        assertThatCode(() -> HandleLeaks.check(before, "this test")).doesNotThrowAnyException();
      }
    }
  }

  @Test
  void aHandleThatIsClosedWhileInUseIsNoLeak() {
    var before = OpenHandles.openings();
    var handle = forget();
    handle.acquire();
    handle.close();
    HandleLeaks.check(before, "this test");
    handle.release();
  }
}
