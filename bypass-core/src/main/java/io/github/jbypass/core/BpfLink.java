// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import java.nio.file.Path;

/**
 * An attached program. It does not depend on the object that the program came from: that one may be
 * closed first.
 *
 * <p>How long the attachment lasts:
 *
 * <ul>
 *   <li>{@link KernelLink}: until it is closed, at the latest with the process; if it is pinned,
 *       until it is unpinned as well.
 *   <li>{@link DirectAttachment}: until it is closed; if the process ends without that, for as long
 *       as the socket map lives.
 *   <li>{@link TcFilter}: until it is closed, or {@linkplain #detach detached} if it is a
 *       persistent one; if the process ends without that, for as long as the network device lives.
 * </ul>
 *
 * <p>All end with what they are attached to. Thread-safe; after {@link #close} every other method
 * throws {@link IllegalStateException}.
 */
public sealed interface BpfLink extends AutoCloseable
    permits KernelLink, DirectAttachment, TcFilter {
  /**
   * Opens a link that is pinned, perhaps by another process. {@link #info} tells what it is.
   *
   * @param pin its file in a bpf file system
   * @return the link, which stays attached when it is closed
   * @throws PinException if there is none, it is something else, or it is another user's
   */
  static BpfLink adopt(Path pin) {
    return KernelLink.open(pin);
  }

  /**
   * Puts another program in the place of the present one. At no moment is there none. Sockets that
   * are in a socket map already keep the program that they met when they were put in.
   *
   * @param program one of the same type
   */
  void update(BpfProgram program);

  /**
   * As {@link #update}, but only if nobody else has put another program there.
   *
   * @param expected the program that is there now
   * @param next one of the same type
   * @return whether it was there, and therefore was replaced
   * @throws UnsupportedByTypeException without a link, because it could not be done atomically
   */
  boolean replace(BpfProgram expected, BpfProgram next);

  /**
   * Keeps the attachment when this link is closed and when the process ends, until it is unpinned.
   *
   * @param file one that does not exist yet, in a bpf file system
   * @throws AlreadyExistsException if it exists
   * @throws PinException if it does not lie in a bpf file system
   * @throws UnsupportedByTypeException without a link
   */
  void pin(Path file);

  /**
   * Removes the pin that this link was given, or adopted from.
   *
   * @throws IllegalStateException if it has none
   * @throws PinException if something else is pinned there now
   */
  void unpin();

  /**
   * Detaches the program now, even if the link is pinned or others have it open too. What remains
   * can only be unpinned and closed. Kernel 5.9 for links. Idempotent.
   */
  void detach();

  /** {@return what is attached to what} */
  LinkInfo info();

  /**
   * Gives the attachment up: unless something else keeps it, the program is detached. Idempotent.
   */
  @Override
  void close();
}
