// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import io.github.jbypass.core.internal.LibBpf;
import io.github.jbypass.core.internal.LibC;
import io.github.jbypass.core.internal.Membarrier;
import io.github.jbypass.core.internal.NativeObject;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A loaded BPF object: its maps, its programs, its global variables.
 *
 * <p>Thread-safe. Closing it closes its maps and programs, whichever thread uses them: operations
 * under way end undisturbed, later ones throw {@link IllegalStateException}. What the kernel still
 * refers to (attached programs, pinned maps) lives on there.
 */
public final class BpfObject implements LoadedObject {
  private final NativeObject object;
  private final Btf btf;
  private final Map<String, BpfMap> maps = new LinkedHashMap<>();
  private final Map<String, BpfProgram> programs = new LinkedHashMap<>();
  private final Map<String, MemorySegment> sections = new ConcurrentHashMap<>();
  private final Map<String, BpfMap> sectionMaps = new LinkedHashMap<>(); // guarded by itself

  BpfObject(
      NativeObject object,
      Btf btf,
      Map<String, MemorySegment> maps,
      Map<String, MemorySegment> programs) {
    this.object = object;
    this.btf = btf;
    try {
      maps.forEach((name, map) -> this.maps.put(name, BpfMap.duplicate(name, LibBpf.mapFd(map))));
      programs.forEach((name, pointer) -> this.programs.put(name, new BpfProgram(name, pointer)));
    } catch (Throwable t) { // out of descriptors
      this.maps.values().forEach(BpfMap::close);
      this.programs.values().forEach(BpfProgram::close);
      throw t;
    }
  }

  /**
   * A map of the object.
   *
   * @param name its name in C, or that of a section of global variables such as ".data"
   * @throws IllegalArgumentException if there is none of that name
   */
  @Override
  public BpfMap map(String name) {
    if (name.startsWith(".")) {
      return sectionMap(name);
    }
    return find("map", name, maps);
  }

  /**
   * A program of the object.
   *
   * @param name its function's name in C
   * @throws IllegalArgumentException if there is none of that name
   */
  @Override
  public BpfProgram program(String name) {
    return find("program", name, programs);
  }

  @Override
  public boolean hasProgram(String name) {
    var program = programs.get(name);
    return program != null && program.isLoaded();
  }

  /** {@return the programs that were loaded, in the object's order} */
  public List<BpfProgram> programs() {
    return programs.values().stream().filter(BpfProgram::isLoaded).toList();
  }

  /** The object's type information. */
  @Override
  public Btf btf() {
    return btf;
  }

  /**
   * The memory of a global variable, shared with the running programs: what one side writes the
   * other side sees. Any thread may use it until the object is closed; later access throws {@link
   * IllegalStateException}. Variables of .rodata can only be read.
   *
   * <p>Kernel 5.5. Values are in the host's byte order. Plain access may be torn, reordered or
   * hoisted out of loops by the compiler: use {@link #longs} or {@link java.lang.invoke.VarHandle}s
   * for what programs change.
   *
   * @param variable name of a variable in .data, .bss or .rodata that is not static
   * @throws IllegalArgumentException if there is none of that name
   */
  @Override
  public MemorySegment global(String variable) {
    var described = btf.variable(variable);
    object.acquire();
    try {
      return sections
          .computeIfAbsent(described.section(), this::mapSection)
          .asSlice(described.offset(), described.size());
    } finally {
      object.release();
    }
  }

  /**
   * {@return a global variable of eight bytes, or an array of them, with operations whose names say
   * how they are ordered with those of the programs} Lives as long as the object.
   *
   * @param variable name of a variable in .data, .bss or .rodata that is not static
   * @throws IllegalArgumentException if there is none of that name, or it is of another size
   */
  public SharedLongs longs(String variable) {
    var memory = global(variable);
    if (memory.byteSize() % Long.BYTES != 0 || memory.address() % Long.BYTES != 0) {
      throw new IllegalArgumentException(
          variable + " is not made of aligned numbers of eight bytes");
    }
    return new SharedLongs(memory, 0, Long.BYTES, (int) (memory.byteSize() / Long.BYTES));
  }

  private BpfMap sectionMap(String section) {
    object.acquire();
    try {
      synchronized (sectionMaps) {
        return sectionMaps.computeIfAbsent(
            section,
            name ->
                LibBpf.sectionMap(object.pointer(), name)
                    .map(map -> BpfMap.duplicate(name, LibBpf.mapFd(map)))
                    .orElseThrow(() -> new IllegalArgumentException("no section " + name)));
      }
    } finally {
      object.release();
    }
  }

  private MemorySegment mapSection(String section) {
    var map =
        LibBpf.sectionMap(object.pointer(), section)
            .orElseThrow(
                () -> new IllegalArgumentException(section + " holds no global variables"));
    boolean writable = !section.startsWith(".rodata") && !section.equals(".kconfig");
    // libbpf maps this memory itself only from 1.6 on, so it is mapped here.
    var memory = LibC.map(LibBpf.mapFd(map), LibBpf.mapValueSize(map), writable, object.arena());
    if (memory.address() < 0) {
      throw Failure.of("map the memory of", "section " + section, (int) -memory.address());
    }
    return writable ? memory : memory.asReadOnly();
  }

  /**
   * Waits until every run of a program that has begun, of this object or another, has ended. What a
   * map or a global variable no longer says before the call, no program goes by afterwards. Takes
   * some milliseconds; sleepable programs are not waited for.
   */
  public void awaitRunningPrograms() {
    Membarrier.awaitReaders();
  }

  /** Closes maps, programs and global variables. Idempotent; never waits for map operations. */
  @Override
  public void close() {
    programs.values().forEach(BpfProgram::close);
    maps.values().forEach(BpfMap::close);
    synchronized (sectionMaps) {
      sectionMaps.values().forEach(BpfMap::close);
    }
    object.close();
  }

  private static <T> T find(String kind, String name, Map<String, T> all) {
    var found = all.get(name);
    if (found == null) {
      throw new IllegalArgumentException("no " + kind + " " + name + "; there are " + all.keySet());
    }
    return found;
  }
}
