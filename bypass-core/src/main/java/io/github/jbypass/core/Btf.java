// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The type information of a BPF object: layouts of its structs, values of its enums, its functions,
 * and where its global variables lie. Immutable, thread-safe.
 */
public final class Btf {
  private final Map<String, Struct> structs;
  private final Map<String, Map<String, Long>> enums;
  private final Map<String, Variable> variables;
  private final Set<String> functions;
  private final Map<String, Struct> sections;
  private final Map<String, Struct> maps;

  Btf(
      Map<String, Struct> structs,
      Map<String, Map<String, Long>> enums,
      Map<String, Variable> variables,
      Set<String> functions,
      Map<String, Struct> sections,
      Map<String, Struct> maps) {
    this.structs = structs;
    this.enums = enums;
    this.variables = variables;
    this.functions = functions;
    this.sections = sections;
    this.maps = maps;
  }

  /**
   * Layout of a struct or union.
   *
   * @param name its name in C, "" if it has none
   * @param size in bytes
   * @param members in order of declaration
   */
  public record Struct(String name, int size, List<Member> members) {
    /**
     * Finds a member. Members of anonymous inner structs and unions are found by their own name.
     *
     * @param path a name, or names of nested members separated by dots
     * @return the member, with its offset from the start of this struct
     * @throws LayoutMismatchException if there is none
     */
    public Member member(String path) {
      return find(this, path, 0)
          .orElseThrow(() -> new LayoutMismatchException(name, "it has no member " + path));
    }

    private static Optional<Member> find(Struct struct, String path, int base) {
      int dot = path.indexOf('.');
      var head = dot < 0 ? path : path.substring(0, dot);
      for (var member : struct.members) {
        var inner = member.struct;
        int offset = base + member.offsetBits;
        Optional<Member> found = Optional.empty();
        if (member.name.equals(head)) {
          if (dot < 0) {
            found = Optional.of(new Member(head, offset, member.sizeBits, inner, member.element));
          } else if (inner != null) {
            found = find(inner, path.substring(dot + 1), offset);
          }
        } else if (member.name.isEmpty() && inner != null) {
          found = find(inner, path, offset);
        }
        if (found.isPresent()) {
          return found;
        }
      }
      return Optional.empty();
    }
  }

  /**
   * A member of a struct.
   *
   * @param name its name in C, "" if it is an anonymous struct or union
   * @param offsetBits from the start of the struct
   * @param sizeBits size of the member; of the whole array if it is one
   * @param struct its layout if it is itself a struct or union, or an array of them; else null
   * @param element what it is, or what its elements are if it is an array
   */
  public record Member(
      String name, int offsetBits, int sizeBits, @Nullable Struct struct, Element element) {
    /**
     * Offset in bytes; of a bit field, of the byte that it begins in.
     *
     * @return the offset
     */
    public int offset() {
      return offsetBits / Byte.SIZE;
    }

    /** {@return size in bytes; of a bit field, rounded up} */
    public int sizeBytes() {
      return (sizeBits + Byte.SIZE - 1) / Byte.SIZE;
    }
  }

  /** What sort of type an {@link Element} is. */
  public enum Kind {
    /** An integer with a sign, or a plain char. */
    SIGNED,
    /** An integer without a sign. */
    UNSIGNED,
    /** A {@code _Bool}. */
    BOOL,
    /** An enum. */
    ENUM,
    /** A floating-point number. */
    FLOAT,
    /** A pointer. */
    POINTER,
    /** A struct or a union. */
    STRUCT
  }

  /**
   * What a member consists of.
   *
   * @param kind its sort of type, typedefs resolved
   * @param size of one element in bytes
   * @param length how many there are in an array, of however many dimensions; -1 if it is no array
   * @param bigEndian whether a typedef says so: {@code __be16}, {@code __be32} or {@code __be64}
   */
  public record Element(Kind kind, int size, int length, boolean bigEndian) {
    /** {@return whether it is an array} */
    public boolean isArray() {
      return length >= 0;
    }
  }

  /**
   * A global variable.
   *
   * @param name its name in C
   * @param section such as ".rodata", ".data" or ".bss"
   * @param offset in bytes from the start of the section
   * @param size in bytes
   */
  public record Variable(String name, String section, int offset, int size) {}

  /**
   * {@return the layout of a struct or union}
   *
   * @param name its name in C
   * @throws LayoutMismatchException if the object does not have it
   */
  public Struct struct(String name) {
    var struct = structs.get(name);
    if (struct == null) {
      throw new LayoutMismatchException(name, "the object does not have it");
    }
    return struct;
  }

  /**
   * {@return the names and values of an enum, in order of declaration}
   *
   * @param name its name in C
   * @throws LayoutMismatchException if the object does not have it
   */
  public Map<String, Long> enumValues(String name) {
    var values = enums.get(name);
    if (values == null) {
      throw new LayoutMismatchException(name, "the object has no such enum");
    }
    return values;
  }

  /**
   * {@return a global variable}
   *
   * @param name its name in C
   * @throws IllegalArgumentException if the object does not have it
   */
  public Variable variable(String name) {
    var variable = variables.get(name);
    if (variable == null) {
      throw new IllegalArgumentException(
          "no global variable " + name + "; there are " + variables.keySet());
    }
    return variable;
  }

  /**
   * {@return a section of global variables as if it were a struct with these as members}
   *
   * @param name such as ".data" or ".bss"
   * @throws IllegalArgumentException if the object does not have it
   */
  public Struct section(String name) {
    var section = sections.get(name);
    if (section == null) {
      throw new IllegalArgumentException("no section " + name + "; there are " + sections.keySet());
    }
    return section;
  }

  /**
   * {@return what a declared map holds, as a struct with the members {@code key} and {@code value}:
   * those that the declaration gives a type}
   *
   * @param name its name in C
   * @throws IllegalArgumentException if the object does not declare it
   */
  public Struct mapTypes(String name) {
    var types = maps.get(name);
    if (types == null) {
      throw new IllegalArgumentException("no map " + name + "; there are " + maps.keySet());
    }
    return types;
  }

  /** {@return all structs and unions that have a name, by it, in the order of the object} */
  public Map<String, Struct> structs() {
    return structs;
  }

  /**
   * {@return the names and values of all enums that have a name, by it, in the order of the object}
   */
  public Map<String, Map<String, Long>> enums() {
    return enums;
  }

  /** {@return the names of all functions: programs, and what they call and was not inlined} */
  public Set<String> functions() {
    return functions;
  }

  /** {@return all global variables by name} */
  public Map<String, Variable> variables() {
    return variables;
  }
}
