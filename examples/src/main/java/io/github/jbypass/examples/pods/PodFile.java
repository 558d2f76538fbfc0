// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples.pods;

import io.github.jbypass.maps.Mesh;
import io.github.jbypass.maps.Pod;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a file of pods says.
 *
 * @param mesh the preset, with what the file changes in it
 * @param pods those that it lists
 */
public record PodFile(Mesh mesh, List<Pod> pods) {
  private static final Set<String> FIELDS = new LinkedHashSet<>(List.of("mesh", "pods"));

  /**
   * Reads a file; nothing else is touched.
   *
   * @throws PodFileException that says where and what, if anything is wrong with it
   */
  public static PodFile read(Path file, Mesh preset) {
    return parse(file, content(file), preset);
  }

  static byte[] content(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new PodFileException(file + ": there is no such file", e);
    } catch (IOException e) {
      throw new PodFileException(file + ": can't be read: " + e.getMessage(), e);
    }
  }

  static PodFile parse(Path file, byte[] content, Mesh preset) {
    Value root = Value.parse(file, text(file, content));
    Map<String, Value> fields = root.fields(FIELDS);
    Mesh mesh = fields.containsKey("mesh") ? MeshReader.read(fields.get("mesh"), preset) : preset;
    if (!fields.containsKey("pods")) {
      throw root.wrong("the list 'pods' is missing");
    }
    PodReader reader = new PodReader(mesh);
    return new PodFile(mesh, fields.get("pods").list().stream().map(reader::read).toList());
  }

  private static String text(Path file, byte[] content) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content)).toString();
    } catch (CharacterCodingException e) {
      throw new PodFileException(file + ": is not text in UTF-8", e);
    }
  }
}
