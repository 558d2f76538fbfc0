// SPDX-License-Identifier: Apache-2.0
/** The file that lists the pods of a mesh for the agent; docs/pods.md describes it. */
@NullMarked
package io.github.jbypass.examples.pods;

import org.jspecify.annotations.NullMarked;
