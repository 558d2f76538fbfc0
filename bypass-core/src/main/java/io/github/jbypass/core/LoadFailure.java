// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import io.github.jbypass.core.internal.Errno;
import io.github.jbypass.core.internal.LibBpf;
import io.github.jbypass.core.internal.MapDeclarations;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.util.Collection;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Finds out why the kernel did not take an object: asks it what it can do, and what we may. */
final class LoadFailure {
  private static final Pattern MAP = Pattern.compile("map '([^']*)': failed to create: .*");
  private static final Pattern PROGRAM = Pattern.compile("prog '([^']*)': BPF program load failed");
  private static final Pattern HELPER =
      Pattern.compile("(?:unknown func|cannot use helper|invalid func) \\S+#(\\d+)");

  /** What the verifier says to those only who lack CAP_PERFMON. */
  private static final Pattern PRIVILEGED =
      Pattern.compile("leaks addr|prohibited for !root|pointer comparison prohibited|!root");

  private final String object;
  private final int errno;
  private final String warnings;
  private final Map<String, MemorySegment> maps;
  private final Map<String, MemorySegment> programs;

  private LoadFailure(
      String object,
      int errno,
      String warnings,
      Map<String, MemorySegment> maps,
      Map<String, MemorySegment> programs) {
    this.object = object;
    this.errno = errno;
    this.warnings = warnings;
    this.maps = maps;
    this.programs = programs;
  }

  /**
   * The exception that explains a failure.
   *
   * @param object description of the object
   * @param errno what libbpf returned, positive
   * @param warnings what libbpf printed
   * @param maps the object's maps by name, still open
   * @param programs its programs by name, still open
   */
  static BpfException explain(
      String object,
      int errno,
      String warnings,
      Map<String, MemorySegment> maps,
      Map<String, MemorySegment> programs) {
    return new LoadFailure(object, errno, warnings, maps, programs).explain();
  }

  private BpfException explain() {
    var rejected = VerifierLog.find(warnings).filter(log -> !log.text().isBlank());
    if (rejected.isPresent()) {
      return rejection(rejected.get());
    }
    if (errno == Errno.EPERM && !Capabilities.current().missing(needs()).isEmpty()) {
      return Refusal.exception("load", object, errno, needs());
    }
    if (CreateFailure.isMemoryLocked(errno)) {
      return new BpfException("load", object, errno, CreateFailure.memoryLocked());
    }
    var map = named(MAP, maps);
    if (map.isPresent()) {
      return mapFailure("map " + map.get(), maps.get(map.get()));
    }
    var program = named(PROGRAM, programs);
    if (program.isPresent()) {
      return programFailure("program " + program.get(), programs.get(program.get()));
    }
    if (!Files.exists(KernelBtf.FILE) && warnings.contains("BTF")) {
      return new KernelUnsupportedException(
          "load",
          object,
          errno,
          "kernel without BTF: "
              + KernelBtf.FILE
              + " is missing; it needs CONFIG_DEBUG_INFO_BTF (kernels of Debian 11+, Ubuntu 20.10+,"
              + " RHEL 8.2+ have it)");
    }
    return Failure.of("load", object, errno, Errno.meaning(errno) + Failure.lastLines(warnings));
  }

  /** What the whole object takes: who grants the one that was missed first meets the next. */
  private Set<Capability> needs() {
    var needs = EnumSet.of(Capability.CAP_BPF);
    maps.values().forEach(map -> needs.addAll(MapProbe.needs(type(map))));
    programs.values().stream()
        .filter(LibBpf::programAutoload)
        .forEach(program -> needs.addAll(programType(program).needs()));
    return needs;
  }

  private BpfException rejection(VerifierLog log) {
    var type =
        Optional.ofNullable(programs.get(log.program()))
            .map(LoadFailure::programType)
            .orElse(ProgramType.OTHER);
    var hint = "";
    boolean privileged = PRIVILEGED.matcher(log.reason()).find();
    var helper = HELPER.matcher(log.reason());
    if (helper.find()) {
      var found = Helper.of(Integer.parseInt(helper.group(1)));
      var support = found.map(known -> KernelFeatures.helper(type, known));
      privileged |= support.filter(Support.Unknown.class::isInstance).isPresent();
      hint = support.map(answer -> hint(answer)).orElse("; this kernel does not know it");
    }
    var rejection = new VerifierException(log, errno, hint);
    var perfmon = EnumSet.of(Capability.CAP_PERFMON);
    if (privileged && !Capabilities.current().missing(perfmon).isEmpty()) {
      return privilege(rejection, perfmon);
    }
    return rejection;
  }

  private static String hint(Support support) {
    return switch (support) {
      case Support.Yes _ -> "";
      case Support.No no -> "; " + no.reason();
      case Support.Unknown unknown -> "; " + unknown.reason();
    };
  }

  private BpfException privilege(VerifierException rejection, Collection<Capability> missing) {
    var exception =
        new PrivilegeException(
            "load",
            rejection.object(),
            errno,
            Refusal.reason(missing)
                + ", so that the verifier rejected it: "
                + rejection.reason()
                + "; "
                + Refusal.REMEDY,
            EnumSet.copyOf(missing));
    exception.initCause(rejection);
    return exception;
  }

  private BpfException mapFailure(String map, MemorySegment pointer) {
    if (errno == Errno.EINVAL
        && type(pointer).holdsMaps()
        && MapDeclarations.inner(pointer).isEmpty()) {
      return new BpfException(
          "create",
          map,
          errno,
          "the object does not say what the inner maps are like: give innerMap a prototype that"
              + " the kernel accepts");
    }
    return CreateFailure.of(
        map,
        type(pointer),
        LibBpf.mapMaxEntries(pointer),
        LibBpf.mapKeySize(pointer),
        LibBpf.mapValueSize(pointer),
        errno);
  }

  /** Failures before the verifier begins: it has left no log. */
  private BpfException programFailure(String program, MemorySegment pointer) {
    var type = programType(pointer);
    if (type != ProgramType.OTHER && KernelFeatures.programType(type) instanceof Support.No no) {
      return new KernelUnsupportedException(
          "load", program, errno, "it is of type " + type + "; " + no.reason());
    }
    var attachType = AttachType.of(LibBpf.programAttachType(pointer));
    if (attachType.programType() == type // 0, which is a type too, may stand for none
        && KernelFeatures.attachType(attachType) instanceof Support.No no) {
      return new KernelUnsupportedException(
          "load", program, errno, "it is for " + attachType + "; " + no.reason());
    }
    return errno == Errno.EPERM
        ? Refusal.exception("load", program, errno, type.needs())
        : new BpfException(
            "load", program, errno, Errno.meaning(errno) + Failure.lastLines(warnings));
  }

  private Optional<String> named(Pattern pattern, Map<String, MemorySegment> all) {
    var found = pattern.matcher(warnings);
    return found.find() ? Optional.of(found.group(1)).filter(all::containsKey) : Optional.empty();
  }

  private static MapType type(MemorySegment map) {
    return MapType.of(LibBpf.mapType(map));
  }

  private static ProgramType programType(MemorySegment program) {
    return ProgramType.of(LibBpf.programType(program));
  }
}
