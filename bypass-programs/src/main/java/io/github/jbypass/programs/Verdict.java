// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

/** What a {@link Finding} comes down to. */
public enum Verdict {
  /** As it has to be; of behaviour: as on plain TCP. */
  OK,

  /** The kernel does it otherwise, and the library makes it good. */
  REPAIRED,

  /** The library leaves such connections to TCP. */
  EXCLUDED,

  /** Applications can notice it, or a feature of the library is not to be had. */
  DIFFERS,

  /** The data path can't work here, or must not be relied on: loading is refused. */
  REFUSED,

  /** It could not be found out; the notice says why. */
  NOT_TRIED
}
