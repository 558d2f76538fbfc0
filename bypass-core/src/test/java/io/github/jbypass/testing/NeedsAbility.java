// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.testing;

import io.github.jbypass.core.KernelAbility;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The test is of something that jbypass does without where the kernel does not have it, or lets
 * nobody use it. There it is skipped, with the reason printed, also with {@code CI=true}: there is
 * nothing that could be tested.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@ExtendWith(AbilityCondition.class)
public @interface NeedsAbility {
  /** What the kernel has to be able to do. */
  KernelAbility value();
}
