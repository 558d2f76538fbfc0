// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.testing;

import io.github.jbypass.core.BpfException;
import io.github.jbypass.core.BpfObjectSpec;
import io.github.jbypass.core.Cgroup;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Whether this machine lets tests load BPF programs. Tries it once: asking versions would guess.
 */
final class KernelCondition implements ExecutionCondition {
  private static final Optional<String> OBSTACLE = findObstacle();

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    if (OBSTACLE.isEmpty()) {
      return ConditionEvaluationResult.enabled("BPF programs load here");
    }
    var reason = "needs a kernel to load BPF programs into: " + OBSTACLE.get();
    if ("true".equals(System.getenv("CI"))) {
      throw new ExtensionConfigurationException(context.getDisplayName() + " " + reason);
    }
    System.out.println("SKIPPED " + context.getDisplayName() + " " + reason);
    return ConditionEvaluationResult.disabled(reason);
  }

  private static Optional<String> findObstacle() {
    try (var elf = KernelCondition.class.getResourceAsStream("/bpf/fixture.bpf.o")) {
      if (elf == null) {
        throw new IllegalStateException("the test-jar of bypass-core lacks its BPF objects");
      }
      BpfObjectSpec.open("probe", elf.readAllBytes()).load().close();
      Cgroup.at(Cgroup.mountPoint());
      try (var group = TestCgroup.create()) {
        group.cgroup().id();
      }
      return Optional.empty();
    } catch (BpfException e) {
      return Optional.of(e.getMessage());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
