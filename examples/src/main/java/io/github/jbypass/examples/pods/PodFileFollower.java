// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples.pods;

import io.github.jbypass.core.BpfException;
import io.github.jbypass.maps.Mesh;
import io.github.jbypass.maps.PodMap;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps pods as a file has them, each change in one step. Looks at the content and at nothing else,
 * so that it does not matter whether the file is written, replaced or reached by another link. For
 * use by one thread.
 */
public final class PodFileFollower {
  private final Path file;
  private final Mesh preset;
  private final PodMap pods;
  private final IntConsumer applied;
  private final Consumer<String> refused;
  private byte @Nullable [] inEffect;
  private byte @Nullable [] seen;
  private @Nullable String complaint;

  /**
   * Nothing is read yet.
   *
   * @param preset what the file's {@code mesh} changes
   * @param pods what to keep; its mesh is what the file said at first
   * @param applied is told how many pods there are after a change
   * @param refused is told why a change is not made, once for each reason
   */
  public PodFileFollower(
      Path file, Mesh preset, PodMap pods, IntConsumer applied, Consumer<String> refused) {
    this.file = file;
    this.preset = preset;
    this.pods = pods;
    this.applied = applied;
    this.refused = refused;
  }

  /**
   * Puts what the file says into effect for the first time.
   *
   * @throws PodFileException if anything is wrong with it; then nothing is in effect
   */
  public void begin() {
    byte[] content = PodFile.content(file);
    apply(content);
    seen = content;
  }

  /**
   * Puts what the file says into effect if that is new, and the same as at the last look: it may
   * just be being written. What is refused is tried again at each look, as a namespace that is not
   * there yet may be there then.
   */
  public void look() {
    try {
      byte[] content = content();
      boolean settled = Arrays.equals(content, seen);
      seen = content;
      if (!settled) {
        return;
      }
      if (!Arrays.equals(content, inEffect)) {
        apply(content == null ? PodFile.content(file) : content);
      }
      complaint = null;
    } catch (PodFileException | BpfException e) {
      String reason = e.getMessage();
      if (!reason.equals(complaint)) {
        complaint = reason;
        refused.accept(reason);
      }
    }
  }

  /** Null if the file can't be read. */
  private byte @Nullable [] content() {
    try {
      return PodFile.content(file);
    } catch (PodFileException e) {
      return null; // it may just be being replaced: the next look complains
    }
  }

  private void apply(byte[] content) {
    PodFile read = PodFile.parse(file, content, preset);
    if (!read.mesh().equals(pods.mesh())) {
      throw new PodFileException(
          file + ": mesh: can't be changed while the agent runs; start it again");
    }
    try {
      pods.set(read.pods());
    } catch (IllegalArgumentException e) {
      throw new PodFileException(file + ": " + e.getMessage(), e);
    }
    inEffect = content;
    applied.accept(read.pods().size());
  }
}
