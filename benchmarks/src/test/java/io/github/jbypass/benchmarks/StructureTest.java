// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks;

import static io.github.jbypass.benchmarks.CompiledClasses.name;
import static io.github.jbypass.benchmarks.CompiledClasses.ownPackages;
import static io.github.jbypass.benchmarks.CompiledClasses.packageOf;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.jbypass.core.BpfObject;
import io.github.jbypass.examples.LoopbackEcho;
import io.github.jbypass.maps.SockHash;
import io.github.jbypass.programs.Bypass;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.lang.classfile.constantpool.StringEntry;
import java.lang.module.ModuleDescriptor.Exports;
import java.lang.reflect.AccessFlag;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/** How the project is built up, as its compiled classes show; this module sees all others. */
class StructureTest {
  private static final String INTERNAL = "io.github.jbypass.core.internal";
  private static final String BASELINES = "io.github.jbypass.benchmarks.maps";

  /** From the bottom up: no class may know one that stands further down in this list. */
  private static final Map<String, CompiledClasses> LAYERS = new LinkedHashMap<>();

  static {
    LAYERS.put("io.github.jbypass.core", CompiledClasses.with(BpfObject.class));
    LAYERS.put("io.github.jbypass.maps", CompiledClasses.with(SockHash.class));
    LAYERS.put("io.github.jbypass.programs", CompiledClasses.with(Bypass.class));
    LAYERS.put("io.github.jbypass.examples", CompiledClasses.with(LoopbackEcho.class));
    LAYERS.put("io.github.jbypass.benchmarks", CompiledClasses.with(Main.class));
  }

  private static Stream<ClassModel> all() {
    return LAYERS.values().stream().flatMap(layer -> layer.classes().stream());
  }

  private static int layer(String packageName) {
    return List.copyOf(LAYERS.keySet())
        .indexOf(Stream.of(packageName.split("\\.")).limit(4).collect(Collectors.joining(".")));
  }

  @Test
  void everyModuleIsSeen() {
    assertThat(LAYERS.values()).allMatch(layer -> layer.classes().size() >= 5);
    assertThat(all()).extracting(CompiledClasses::packageOf).contains(INTERNAL);
    assertThat(all()).extracting(type -> layer(packageOf(type))).doesNotContain(-1);
  }

  @Test
  void nativeCodeIsCalledInOnePackageOnly() {
    var callers = new TreeMap<String, List<String>>();
    all().forEach(type -> callers.put(name(type), nativeCalls(type)));
    callers.values().removeIf(List::isEmpty);

    assertThat(callers).isNotEmpty(); // else the test looks for the wrong thing
    callers.keySet().removeIf(name -> name.startsWith(INTERNAL + "."));
    callers.keySet().removeIf(name -> name.startsWith(BASELINES + ".")); // C, and rawbpf
    assertThat(callers).isEmpty();
  }

  private static List<String> nativeCalls(ClassModel type) {
    return StreamSupport.stream(type.constantPool().spliterator(), false)
        .filter(MemberRefEntry.class::isInstance)
        .map(MemberRefEntry.class::cast)
        .map(member -> member.owner().asInternalName() + "." + member.name().stringValue())
        .filter(
            member ->
                member.matches(
                    "java/lang/foreign/(Linker|SymbolLookup|FunctionDescriptor)\\b.*"
                        + "|java/lang/foreign/MemorySegment\\.reinterpret"
                        + "|java/lang/(System|Runtime)\\.load(Library)?"))
        .toList();
  }

  /** Whoever runs with the agent's privileges starts nothing; rig and benchmarks do, as root. */
  @Test
  void onlyTheRigAndTheBenchmarksStartProcesses() {
    var starters = new TreeMap<String, List<String>>();
    all().forEach(type -> starters.put(name(type), processStarts(type)));
    starters.values().removeIf(List::isEmpty);

    assertThat(starters).isNotEmpty(); // else the test looks for the wrong thing
    starters.keySet().removeIf(name -> name.startsWith("io.github.jbypass.examples.rig."));
    starters.keySet().removeIf(name -> name.startsWith("io.github.jbypass.benchmarks.datapath."));
    assertThat(starters).isEmpty();
  }

  /** By the JDK, or by a function of libc that its name would be looked up for. */
  private static List<String> processStarts(ClassModel type) {
    return StreamSupport.stream(type.constantPool().spliterator(), false)
        .map(
            entry ->
                switch (entry) {
                  case MemberRefEntry member ->
                      member.owner().asInternalName() + "." + member.name().stringValue();
                  case StringEntry text -> "\"" + text.stringValue() + '"';
                  default -> "";
                })
        .filter(
            used ->
                used.matches(
                    "java/lang/ProcessBuilder\\..*|java/lang/Runtime\\.exec"
                        + "|\"(system|popen|v?fork|clone3?|exec(v|l)p?e?|execve(at)?|posix_spawnp?)\""))
        .toList();
  }

  @Test
  void layersKnowOnlyThoseBelow() {
    var upwards = new TreeMap<String, Set<String>>();
    all()
        .forEach(
            type -> {
              var known = ownPackages(type);
              known.removeIf(name -> layer(name) <= layer(packageOf(type)));
              upwards.put(name(type), known);
            });
    upwards.values().removeIf(Set::isEmpty);
    assertThat(upwards).isEmpty();
  }

  @Test
  void noPackagesKnowEachOtherInACircle() {
    var knows = new TreeMap<String, Set<String>>();
    all()
        .forEach(
            type ->
                knows
                    .computeIfAbsent(packageOf(type), _ -> new TreeSet<>())
                    .addAll(ownPackages(type)));
    knows.forEach((name, known) -> known.remove(name));
    boolean shrinks = true;
    while (shrinks) { // what knows nobody, or is known to nobody, is in no circle
      shrinks = knows.values().removeIf(Set::isEmpty);
      knows.values().forEach(known -> known.retainAll(knows.keySet()));
      var known = knows.values().stream().flatMap(Set::stream).collect(Collectors.toSet());
      shrinks |= knows.keySet().retainAll(known);
    }
    assertThat(knows).as("packages in circles, with those that they know").isEmpty();
  }

  @Test
  void internalPackagesAreExportedToWhoNeedsThemOnly() {
    for (var layer : LAYERS.values()) {
      if (layer.descriptor().isPresent()) {
        var internal =
            layer.descriptor().get().exports().stream()
                .filter(exports -> exports.source().endsWith(".internal"));
        assertThat(internal).allMatch(Exports::isQualified);
      }
    }
    var users =
        all()
            .filter(type -> ownPackages(type).contains(INTERNAL))
            .map(CompiledClasses::packageOf)
            .collect(Collectors.toCollection(TreeSet::new));
    var core = LAYERS.get("io.github.jbypass.core").descriptor().orElseThrow();
    var allowed = new TreeSet<>(Set.of("io.github.jbypass.core", "io.github.jbypass.core.typed"));
    allowed.add(INTERNAL);
    core.exports().stream()
        .filter(exports -> exports.source().equals(INTERNAL))
        .forEach(exports -> allowed.addAll(exports.targets()));
    assertThat(users).isEqualTo(allowed);
  }

  @Test
  void whatIsExportedShowsNothingInternalAndOfForeignMemoryOnlyTheMemory() {
    for (var layer : LAYERS.values()) {
      var exported =
          layer.descriptor().stream()
              .flatMap(module -> module.exports().stream())
              .filter(exports -> !exports.isQualified())
              .map(Exports::source)
              .collect(Collectors.toSet());
      for (var type : layer.classes()) {
        if (exported.contains(packageOf(type)) && type.flags().has(AccessFlag.PUBLIC)) {
          assertThat(visibleTypes(type).stream().filter(StructureTest::isForbidden))
              .as(name(type))
              .isEmpty();
        }
      }
    }
  }

  private static boolean isForbidden(String text) {
    return ownPackages(text).contains(INTERNAL)
        || text.replaceAll("java/lang/foreign/(MemorySegment|Arena);", "")
            .contains("java/lang/foreign/");
  }

  /** Descriptors and signatures of what other modules can use. */
  private static List<String> visibleTypes(ClassModel type) {
    var visible = new ArrayList<String>();
    type.superclass().ifPresent(parent -> visible.add(parent.asInternalName()));
    type.interfaces().forEach(parent -> visible.add(parent.asInternalName()));
    type.findAttribute(Attributes.signature())
        .ifPresent(signature -> visible.add(signature.signature().stringValue()));
    type.fields().stream()
        .filter(
            field ->
                field.flags().has(AccessFlag.PUBLIC) || field.flags().has(AccessFlag.PROTECTED))
        .forEach(
            field -> {
              visible.add(field.fieldType().stringValue());
              field
                  .findAttribute(Attributes.signature())
                  .ifPresent(signature -> visible.add(signature.signature().stringValue()));
            });
    type.methods().stream()
        .filter(
            method ->
                method.flags().has(AccessFlag.PUBLIC) || method.flags().has(AccessFlag.PROTECTED))
        .forEach(
            method -> {
              visible.add(method.methodType().stringValue());
              method
                  .findAttribute(Attributes.signature())
                  .ifPresent(signature -> visible.add(signature.signature().stringValue()));
            });
    return visible;
  }
}
