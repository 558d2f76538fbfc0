// SPDX-License-Identifier: Apache-2.0
/** Real sockets, network namespaces, slow links and verified traffic for tests of the data path. */
@NullMarked
package io.github.jbypass.programs.testing;

import org.jspecify.annotations.NullMarked;
