// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.testing;

import io.github.jbypass.core.KernelFeatures;
import io.github.jbypass.core.Support;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/** Whether the kernel has what a test says that it {@link NeedsAbility needs}. */
final class AbilityCondition implements ExecutionCondition {
  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    return AnnotationSupport.findAnnotation(context.getElement(), NeedsAbility.class)
        .map(needed -> evaluate(context, needed))
        .orElseGet(() -> ConditionEvaluationResult.enabled("needs nothing in particular"));
  }

  private static ConditionEvaluationResult evaluate(ExtensionContext context, NeedsAbility needed) {
    Support support = KernelFeatures.ability(needed.value());
    if (support.isPresent()) {
      return ConditionEvaluationResult.enabled("the kernel has " + needed.value());
    }
    var reason = "needs %s of the kernel: %s".formatted(needed.value(), support);
    System.out.println("SKIPPED " + context.getDisplayName() + " " + reason);
    return ConditionEvaluationResult.disabled(reason);
  }
}
