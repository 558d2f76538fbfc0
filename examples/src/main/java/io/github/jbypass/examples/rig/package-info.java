// SPDX-License-Identifier: Apache-2.0
/**
 * A small service mesh on one machine: two namespaces, a sidecar in each, a web server behind one
 * and a load generator in front of the other.
 */
@NullMarked
package io.github.jbypass.examples.rig;

import org.jspecify.annotations.NullMarked;
