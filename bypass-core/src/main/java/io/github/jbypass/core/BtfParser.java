// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads BTF, the format that Documentation/bpf/btf.rst of the kernel describes. */
final class BtfParser {
  private static final int MAGIC = 0xeb9f;
  private static final int HEADER_SIZE = 24;
  private static final int MAX_DEPTH = 64; // of nested types; a valid object stays far below

  private static final List<String> VARIABLE_SECTIONS =
      List.of(".rodata", ".data", ".bss", ".kconfig");

  private static final String MAP_SECTION = ".maps";

  private static final List<String> BIG_ENDIAN = List.of("__be16", "__be32", "__be64");

  private static final int INT_SIGNED = 1; // encodings of integers
  private static final int INT_BOOL = 4;

  private static final int INT = 1;
  private static final int PTR = 2;
  private static final int ARRAY = 3;
  private static final int STRUCT = 4;
  private static final int UNION = 5;
  private static final int ENUM = 6;
  private static final int FWD = 7;
  private static final int TYPEDEF = 8;
  private static final int VOLATILE = 9;
  private static final int CONST = 10;
  private static final int RESTRICT = 11;
  private static final int FUNC = 12;
  private static final int FUNC_PROTO = 13;
  private static final int VAR = 14;
  private static final int DATASEC = 15;
  private static final int FLOAT = 16;
  private static final int DECL_TAG = 17;
  private static final int TYPE_TAG = 18;
  private static final int ENUM64 = 19;

  /** A type as it stands in the file; body points behind its twelve common bytes. */
  private record Type(String name, int kind, boolean flag, int count, int sizeOrType, int body) {}

  private final String object;
  private final ByteBuffer types;
  private final ByteBuffer strings;
  private final List<Type> table = new ArrayList<>();
  private final Map<Integer, Btf.Struct> layouts = new HashMap<>();

  private BtfParser(String object, ByteBuffer types, ByteBuffer strings) {
    this.object = object;
    this.types = types;
    this.strings = strings;
  }

  /** Parses BTF in this machine's byte order. No bytes at all are the BTF of an object without. */
  static Btf parse(String object, byte[] bytes) {
    if (bytes.length == 0) {
      return new Btf(Map.of(), Map.of(), Map.of(), Set.of(), Map.of(), Map.of());
    }
    try {
      var data = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
      if (Short.toUnsignedInt(data.getShort(0)) != MAGIC || data.getInt(4) < HEADER_SIZE) {
        throw malformed(object, "no BTF header");
      }
      int header = data.getInt(4);
      var types = section(data, header, data.getInt(8), data.getInt(12));
      var strings = section(data, header, data.getInt(16), data.getInt(20));
      return new BtfParser(object, types, strings).parse();
    } catch (BufferUnderflowException | IndexOutOfBoundsException | ArithmeticException e) {
      throw malformed(object, "truncated BTF");
    }
  }

  private static ByteBuffer section(ByteBuffer data, int header, int offset, int length) {
    return data.slice(Math.addExact(header, offset), length).order(data.order());
  }

  private static MalformedObjectException malformed(String object, String complaint) {
    return new MalformedObjectException("read the BTF of", object, 0, complaint);
  }

  private Btf parse() {
    table.add(new Type("void", 0, false, 0, 0, 0));
    while (types.hasRemaining()) {
      table.add(next());
    }
    for (var type : table) {
      checkReferences(type);
    }
    var structs = new LinkedHashMap<String, Btf.Struct>();
    var enums = new LinkedHashMap<String, Map<String, Long>>();
    var variables = new LinkedHashMap<String, Btf.Variable>();
    var functions = new LinkedHashSet<String>();
    var sections = new LinkedHashMap<String, Btf.Struct>();
    var maps = new LinkedHashMap<String, Btf.Struct>();
    for (int id = 1; id < table.size(); id++) {
      var type = table.get(id);
      switch (type.kind) {
        case STRUCT, UNION -> {
          var struct = struct(id, 0);
          if (!type.name.isEmpty()) {
            structs.putIfAbsent(type.name, struct);
          }
        }
        case ENUM, ENUM64 -> {
          if (!type.name.isEmpty()) {
            enums.putIfAbsent(type.name, enumValues(type));
          }
        }
        case FUNC -> functions.add(type.name);
        case DATASEC -> {
          if (type.name.equals(MAP_SECTION)) {
            addMaps(type, maps);
          } else {
            addVariables(type, variables, sections);
          }
        }
        default -> {
          // nothing that anybody asks for by name
        }
      }
    }
    return new Btf(
        Collections.unmodifiableMap(structs),
        Collections.unmodifiableMap(enums),
        Collections.unmodifiableMap(variables),
        Collections.unmodifiableSet(functions),
        Collections.unmodifiableMap(sections),
        Collections.unmodifiableMap(maps));
  }

  private Type next() {
    var name = string(types.getInt());
    int info = types.getInt();
    int kind = info >>> 24 & 0x1f;
    int count = info & 0xffff;
    var type = new Type(name, kind, info < 0, count, types.getInt(), types.position());
    int length = bodyLength(kind, count);
    if (length < 0) {
      throw malformed(object, "unknown kind " + kind + " of type " + table.size());
    }
    if (length > types.remaining()) {
      throw new BufferUnderflowException();
    }
    types.position(types.position() + length);
    return type;
  }

  /** How many bytes follow the twelve that all types have; negative if the kind is not known. */
  static int bodyLength(int kind, int count) {
    return switch (kind) {
      case PTR, FWD, TYPEDEF, VOLATILE, CONST, RESTRICT, FUNC, FLOAT, TYPE_TAG -> 0;
      case INT, VAR, DECL_TAG -> 4;
      case ARRAY -> 12;
      case ENUM, FUNC_PROTO -> 8 * count;
      case STRUCT, UNION, DATASEC, ENUM64 -> 12 * count;
      default -> -1;
    };
  }

  /** Every type and string that a type refers to has to be there: libbpf 1.1 does not look. */
  private void checkReferences(Type type) {
    switch (type.kind) {
      case PTR, TYPE_TAG, DECL_TAG -> type(type.sizeOrType);
      case TYPEDEF, VOLATILE, CONST, RESTRICT, VAR -> resolve(type.sizeOrType, 0);
      case FUNC -> requireKind(type.sizeOrType, FUNC_PROTO);
      case ARRAY -> {
        resolve(types.getInt(type.body), 0);
        resolve(types.getInt(type.body + 4), 0);
      }
      case STRUCT, UNION -> checkEntries(type, 12, 4);
      case FUNC_PROTO -> {
        resolve(type.sizeOrType, 0);
        checkEntries(type, 8, 4);
      }
      case ENUM -> checkEntries(type, 8, -1);
      case ENUM64 -> checkEntries(type, 12, -1);
      case DATASEC -> {
        for (int i = 0; i < type.count; i++) {
          int id = types.getInt(type.body + 12 * i);
          requireKind(id, type(id).kind == FUNC ? FUNC : VAR);
        }
      }
      default -> {
        // refers to nothing
      }
    }
  }

  /** Checks entries that begin with a name and, unless typeOffset is negative, have a type. */
  private void checkEntries(Type type, int entrySize, int typeOffset) {
    for (int i = 0; i < type.count; i++) {
      int entry = type.body + entrySize * i;
      string(types.getInt(entry));
      if (typeOffset >= 0) {
        resolve(types.getInt(entry + typeOffset), 0);
      }
    }
  }

  private void requireKind(int id, int kind) {
    if (type(id).kind != kind) {
      throw malformed(object, "type " + id + " is of kind " + type(id).kind + ", not " + kind);
    }
  }

  private Btf.Struct struct(int id, int depth) {
    var known = layouts.get(id);
    if (known != null) {
      return known;
    }
    var type = type(id);
    var members = new ArrayList<Btf.Member>();
    for (int i = 0; i < type.count; i++) {
      int entry = type.body + 12 * i;
      int member = types.getInt(entry + 4);
      int position = types.getInt(entry + 8);
      int bitField = type.flag ? position >>> 24 : 0;
      members.add(
          new Btf.Member(
              string(types.getInt(entry)),
              type.flag ? position & 0xffffff : position,
              bitField != 0 ? bitField : Math.multiplyExact(size(member, depth + 1), Byte.SIZE),
              inner(member, depth + 1),
              element(member, depth + 1)));
    }
    var struct = new Btf.Struct(type.name, type.sizeOrType, List.copyOf(members));
    layouts.put(id, struct);
    return struct;
  }

  private Btf.@Nullable Struct inner(int id, int depth) {
    var type = resolve(id, depth);
    return switch (table.get(type).kind) {
      case STRUCT, UNION -> struct(type, depth);
      case ARRAY -> inner(types.getInt(table.get(type).body), depth + 1);
      default -> null;
    };
  }

  private Btf.Element element(int id, int depth) {
    int at = id;
    int length = -1;
    boolean bigEndian = false;
    for (int i = depth; i < MAX_DEPTH; i++) {
      var type = type(at);
      switch (type.kind) {
        case ARRAY -> {
          length = Math.multiplyExact(Math.abs(length), types.getInt(type.body + 8));
          at = types.getInt(type.body);
        }
        case TYPEDEF, VOLATILE, CONST, RESTRICT, TYPE_TAG, VAR -> {
          bigEndian |= type.kind == TYPEDEF && BIG_ENDIAN.contains(type.name);
          at = type.sizeOrType;
        }
        default -> {
          return new Btf.Element(kind(type), size(at, i), length, bigEndian);
        }
      }
    }
    throw malformed(object, "types nested too deep, or in a circle");
  }

  private Btf.Kind kind(Type type) {
    return switch (type.kind) {
      case STRUCT, UNION -> Btf.Kind.STRUCT;
      case ENUM, ENUM64 -> Btf.Kind.ENUM;
      case PTR -> Btf.Kind.POINTER;
      case FLOAT -> Btf.Kind.FLOAT;
      default -> {
        int encoding = type.kind == INT ? types.getInt(type.body) >>> 24 : 0;
        yield (encoding & INT_BOOL) != 0
            ? Btf.Kind.BOOL
            : (encoding & INT_SIGNED) != 0 ? Btf.Kind.SIGNED : Btf.Kind.UNSIGNED;
      }
    };
  }

  private int size(int id, int depth) {
    var type = type(resolve(id, depth));
    return switch (type.kind) {
      case INT, STRUCT, UNION, ENUM, ENUM64, FLOAT, DATASEC -> type.sizeOrType;
      case PTR -> Long.BYTES;
      case ARRAY -> {
        int element = size(types.getInt(type.body), depth + 1);
        yield Math.multiplyExact(element, types.getInt(type.body + 8));
      }
      default -> throw malformed(object, "type " + id + " has no size");
    };
  }

  /** Follows typedefs and qualifiers to the type that they name. */
  private int resolve(int id, int depth) {
    int at = id;
    for (int i = depth; i < MAX_DEPTH; i++) {
      var type = type(at);
      switch (type.kind) {
        case TYPEDEF, VOLATILE, CONST, RESTRICT, TYPE_TAG, VAR -> at = type.sizeOrType;
        default -> {
          return at;
        }
      }
    }
    throw malformed(object, "types nested too deep, or in a circle");
  }

  private Type type(int id) {
    if (id < 0 || id >= table.size()) {
      throw malformed(object, "no type " + id);
    }
    return table.get(id);
  }

  private Map<String, Long> enumValues(Type type) {
    var values = new LinkedHashMap<String, Long>();
    for (int i = 0; i < type.count; i++) {
      int entry = type.body + i * (type.kind == ENUM ? 8 : 12);
      int low = types.getInt(entry + 4);
      long value = // before clang 15 nothing says whether an enum is signed: it is an int then
          type.kind == ENUM64
              ? (long) types.getInt(entry + 8) << 32 | Integer.toUnsignedLong(low)
              : low;
      values.put(string(types.getInt(entry)), value);
    }
    return Collections.unmodifiableMap(values);
  }

  private void addVariables(
      Type section, Map<String, Btf.Variable> variables, Map<String, Btf.Struct> sections) {
    if (VARIABLE_SECTIONS.stream().noneMatch(section.name::startsWith)) {
      return; // license holds no variables that anybody sets
    }
    var members = new ArrayList<Btf.Member>();
    for (int i = 0; i < section.count; i++) {
      int entry = section.body + 12 * i;
      var variable = type(types.getInt(entry));
      int offset = types.getInt(entry + 4);
      int size = types.getInt(entry + 8);
      variables.putIfAbsent(
          variable.name, new Btf.Variable(variable.name, section.name, offset, size));
      members.add(member(variable.name, Math.multiplyExact(offset, Byte.SIZE), variable));
    }
    sections.putIfAbsent(
        section.name, new Btf.Struct(section.name, section.sizeOrType, List.copyOf(members)));
  }

  /** A variable, or what a pointer points to. */
  private Btf.Member member(String name, int offsetBits, Type of) {
    int id = of.sizeOrType;
    return new Btf.Member(
        name, offsetBits, Math.multiplyExact(size(id, 0), Byte.SIZE), inner(id, 0), element(id, 0));
  }

  /** Maps are declared as structs with pointers that nobody follows, for their types' sake. */
  private void addMaps(Type section, Map<String, Btf.Struct> maps) {
    for (int i = 0; i < section.count; i++) {
      var variable = type(types.getInt(section.body + 12 * i));
      var declaration = type(resolve(variable.sizeOrType, 0));
      if (declaration.kind == STRUCT) {
        maps.putIfAbsent(variable.name, mapTypes(variable.name, declaration));
      }
    }
  }

  private Btf.Struct mapTypes(String name, Type declaration) {
    var members = new ArrayList<Btf.Member>();
    for (int i = 0; i < declaration.count; i++) {
      int entry = declaration.body + 12 * i;
      var property = string(types.getInt(entry));
      var pointer = type(resolve(types.getInt(entry + 4), 0));
      if (pointer.kind == PTR && (property.equals("key") || property.equals("value"))) {
        members.add(member(property, 0, pointer));
      }
    }
    return new Btf.Struct(name, 0, List.copyOf(members));
  }

  private String string(int offset) {
    int end = offset;
    while (strings.get(end) != 0) {
      end++;
    }
    var text = new byte[end - offset];
    strings.get(offset, text);
    return new String(text, StandardCharsets.UTF_8);
  }
}
