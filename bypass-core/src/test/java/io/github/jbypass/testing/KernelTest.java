// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The test needs a kernel that it may load BPF programs into, and a cgroup v2 that it may create
 * groups in. Elsewhere it is skipped, with the reason printed; with the environment variable {@code
 * CI=true} it fails instead, so that no continuous integration passes by testing nothing. What has
 * the tag {@code kernel} is what {@code ./bypass test --kernel} runs on other kernels, unless it
 * also has the tag {@code build}: it needs compilers.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@Tag("kernel")
@ExtendWith(KernelCondition.class)
public @interface KernelTest {}
