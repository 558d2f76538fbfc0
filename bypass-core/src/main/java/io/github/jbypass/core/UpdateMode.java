// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

/** What an update does with an entry that exists, or does not. */
public enum UpdateMode {
  /** Creates the entry or replaces its value. */
  ANY,
  /** Creates the entry; an existing one is an {@link AlreadyExistsException}. */
  NO_EXIST,
  /** Replaces the value of an existing entry; a missing one is a {@link BpfException} (ENOENT). */
  EXIST
}
