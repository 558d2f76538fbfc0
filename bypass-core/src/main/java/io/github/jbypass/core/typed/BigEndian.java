// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core.typed;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The number is in network byte order in C, whatever the host's: {@code __be16}, {@code __be32},
 * {@code __be64}, or a plain integer that holds such a number. For components of records that
 * {@link RecordCodec} translates.
 */
@Documented
@Target(ElementType.RECORD_COMPONENT)
@Retention(RetentionPolicy.RUNTIME)
public @interface BigEndian {}
