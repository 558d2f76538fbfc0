// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core.typed;

import io.github.jbypass.core.Btf;
import io.github.jbypass.core.LayoutMismatchException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds the member of each component, and collects what does not fit. */
final class RecordMatching {
  private final MethodHandles.Lookup lookup;
  private final List<String> differences = new ArrayList<>();

  RecordMatching(MethodHandles.Lookup lookup) {
    this.lookup = lookup;
  }

  List<String> differences() {
    return differences;
  }

  /** A codec, of use only if there are no differences. */
  <R extends Record> RecordCodec<R> match(Class<R> type, Btf.Struct struct, String path) {
    var fields = new ArrayList<RecordCodec.Field>();
    var covered = new BitSet();
    for (var component : type.getRecordComponents()) {
      var name = path + component.getName();
      var member = find(struct, component.getName());
      if (member.isEmpty()) {
        differences.add(name + ": the struct has no such member");
        continue;
      }
      covered.set(member.get().offsetBits(), member.get().offsetBits() + member.get().sizeBits());
      codec(component, member.get(), name)
          .ifPresent(
              codec ->
                  fields.add(
                      new RecordCodec.Field(accessor(component), codec, member.get().offset())));
    }
    findForgotten(struct, 0, covered, path, type);
    return new RecordCodec<>(type, struct.size(), constructor(type), fields);
  }

  private static Optional<Btf.Member> find(Btf.Struct struct, String component) {
    var inC = component.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
    for (var name : List.of(component, inC)) {
      try {
        return Optional.of(struct.member(name));
      } catch (LayoutMismatchException e) {
        // the other name may be there
      }
    }
    return Optional.empty();
  }

  /** Members that nothing in Java stands for, unless they are padding or share others' bytes. */
  private void findForgotten(
      Btf.Struct struct, int base, BitSet covered, String path, Class<?> type) {
    for (var member : struct.members()) {
      int from = base + member.offsetBits();
      int to = from + member.sizeBits();
      if (covered.nextClearBit(from) >= to) {
        continue;
      }
      var inner = member.struct();
      if (member.name().isEmpty() && inner != null) {
        boolean union = inner.members().stream().allMatch(m -> m.offsetBits() == 0);
        if (!union || covered.get(from, to).isEmpty()) {
          findForgotten(inner, from, covered, path, type);
        }
      } else if (!member.name().startsWith("_") && !member.name().startsWith("pad")) {
        differences.add(path + member.name() + ": " + type.getSimpleName() + " has no component");
      }
    }
  }

  private Optional<Codec<Object>> codec(RecordComponent component, Btf.Member member, String name) {
    var element = member.element();
    var type = component.getType();
    if (member.sizeBits()
        != Math.multiplyExact(element.size(), Byte.SIZE) * Math.abs(element.length())) {
      return differs(name, "is a bit field");
    }
    if (type.isArray() != element.isArray()) {
      return differs(name, "Java has %s, C has %s".formatted(type.getSimpleName(), inC(element)));
    }
    boolean bigEndian = component.isAnnotationPresent(BigEndian.class);
    if (element.bigEndian() && !bigEndian) {
      return differs(name, "is big-endian in C: annotate it with @BigEndian");
    }
    var single = type.isArray() ? type.getComponentType() : type;
    var codec = single(single, member.struct(), element, bigEndian, name);
    return type.isArray()
        ? codec.map(c -> ElementCodecs.array(single, c, element.length(), name))
        : codec;
  }

  private Optional<Codec<Object>> single(
      Class<?> type,
      Btf.@Nullable Struct struct,
      Btf.Element element,
      boolean bigEndian,
      String name) {
    if (type.isRecord() && struct != null) {
      return Optional.of(
          ElementCodecs.erased(match(type.asSubclass(Record.class), struct, name + ".")));
    }
    var codec = ElementCodecs.number(type, element, bigEndian, name);
    if (codec.isEmpty()) {
      return differs(name, "Java has %s, C has %s".formatted(type.getSimpleName(), inC(element)));
    }
    return codec;
  }

  private Optional<Codec<Object>> differs(String name, String difference) {
    differences.add(name + ": " + difference);
    return Optional.empty();
  }

  private static String inC(Btf.Element element) {
    var kind = element.kind().name().toLowerCase(Locale.ROOT);
    return element.isArray()
        ? "an array of %d %s of %d bytes".formatted(element.length(), kind, element.size())
        : "%s of %d bytes".formatted(kind, element.size());
  }

  private MethodHandle accessor(RecordComponent component) {
    try {
      return lookup.unreflect(component.getAccessor());
    } catch (IllegalAccessException e) {
      throw inaccessible(component.getDeclaringRecord(), e);
    }
  }

  private MethodHandle constructor(Class<?> type) {
    var components =
        Arrays.stream(type.getRecordComponents())
            .map(RecordComponent::getType)
            .toArray(Class<?>[]::new);
    try {
      return lookup.findConstructor(type, MethodType.methodType(void.class, components));
    } catch (IllegalAccessException | NoSuchMethodException e) {
      throw inaccessible(type, e);
    }
  }

  private IllegalArgumentException inaccessible(Class<?> type, ReflectiveOperationException e) {
    return new IllegalArgumentException(
        lookup + " may not use " + type + ": pass MethodHandles.lookup() of a class that may", e);
  }
}
