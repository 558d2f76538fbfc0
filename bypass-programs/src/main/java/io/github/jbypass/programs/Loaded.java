// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import io.github.jbypass.core.BpfObject;
import io.github.jbypass.core.BpfProgram;
import org.jspecify.annotations.Nullable;

/**
 * What was loaded.
 *
 * @param object the object
 * @param redirector which of the two programs that redirect the kernel takes
 * @param iterator which of {@link Bypass#ITERATORS} it takes; null if none: flows are not told
 * @param fingerprint stands for the layout of what is shared from version to version
 * @param adopted the pinned data path whose maps the object uses; null if it has its own
 */
record Loaded(
    BpfObject object,
    BpfProgram redirector,
    @Nullable String iterator,
    String fingerprint,
    @Nullable PinnedLayout adopted) {}
