// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.maps;

import io.github.jbypass.core.Btf;
import io.github.jbypass.core.LayoutMismatchException;
import java.util.Map;

/**
 * What a codec expects of its C struct: the size of the whole and, for each member that it touches,
 * offset and size in bytes.
 */
record StructLayout(String name, int size, Map<String, Field> fields) {
  record Field(int offset, int size) {}

  static Field at(int offset, int size) {
    return new Field(offset, size);
  }

  /**
   * Compares with what the object was compiled with.
   *
   * @throws LayoutMismatchException that names the first difference
   */
  void check(Btf btf) {
    var struct = btf.struct(name);
    if (struct.size() != size) {
      throw new LayoutMismatchException(
          name, "Java expects " + size + " bytes, the object has " + struct.size());
    }
    fields.forEach(
        (path, expected) -> {
          var member = struct.member(path);
          var actual = new Field(member.offset(), member.sizeBytes());
          if (!actual.equals(expected)) {
            throw new LayoutMismatchException(
                name, path + ": Java expects " + expected + ", the object has " + actual);
          }
        });
  }
}
