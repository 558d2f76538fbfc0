// SPDX-License-Identifier: Apache-2.0
/** What bytes of real sockets and real proxies take, with jbypass and without. */
@NullMarked
package io.github.jbypass.benchmarks.datapath;

import org.jspecify.annotations.NullMarked;
