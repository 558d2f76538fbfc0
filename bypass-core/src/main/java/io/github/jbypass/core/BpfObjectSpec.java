// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.github.jbypass.core.internal.Errno;
import io.github.jbypass.core.internal.Fd;
import io.github.jbypass.core.internal.LibBpf;
import io.github.jbypass.core.internal.LibBpfLog;
import io.github.jbypass.core.internal.LibC;
import io.github.jbypass.core.internal.MapDeclarations;
import io.github.jbypass.core.internal.NativeObject;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A BPF object that was parsed but not loaded, so that it can still be configured. {@link #load}
 * turns it into a {@link BpfObject}.
 *
 * {@snippet :
 * try (var spec = BpfObjectSpec.open(file)) {
 *   spec.set("ignored_port", 22);
 *   try (var object = spec.load();
 *       var link = object.program("on_connect").attach(cgroup)) {
 *     System.out.println(link.info());
 *   }
 * }
 * }
 *
 * <p>Thread-safe. Names of maps, programs and variables that the object does not have are an {@link
 * IllegalArgumentException}; every call after {@link #load} or {@link #close} is an {@link
 * IllegalStateException}.
 *
 * <p>The process's RLIMIT_MEMLOCK is left alone. Kernels before 5.11 charge BPF memory against it:
 * there the caller has to raise it.
 */
public final class BpfObjectSpec implements AutoCloseable {
  private final String name;
  private final Map<String, MemorySegment> maps = new LinkedHashMap<>();
  private final Map<String, MemorySegment> programs = new LinkedHashMap<>();
  private final Btf btf;
  private final List<Fd> prototypes = new ArrayList<>();
  private final MapPins pins = new MapPins();
  private @Nullable NativeObject object;

  private BpfObjectSpec(String name, NativeObject object) {
    this.name = name;
    this.object = object;
    this.btf = BtfParser.parse(describe(name), LibBpf.btf(object.pointer()));
    for (var map : LibBpf.maps(object.pointer())) {
      if (!LibBpf.mapIsInternal(map)) {
        maps.put(LibBpf.mapName(map), map);
        takePinPath(map);
      }
    }
    for (var program : LibBpf.programs(object.pointer())) {
      programs.put(LibBpf.programName(program), program);
    }
  }

  /** Whatever path the object declares, the pinning is done here, with checks. */
  private void takePinPath(MemorySegment map) {
    var path = LibBpf.mapPinPath(map);
    if (path.isPresent()) {
      try {
        pins.put(LibBpf.mapName(map), Path.of(path.get()));
      } catch (InvalidPathException e) { // the map's name is in it, which may be anything
        throw new MalformedObjectException(
            "open", describe(name), 0, "a map is to be pinned at '" + path.get() + "', no path");
      }
      LibBpf.mapClearPinPath(map);
    }
  }

  /**
   * Parses an object file. Needs no privileges.
   *
   * @param name what to call the object in messages and in the names of its sections' maps
   * @param elf the content of the file that {@code clang -target bpf} or {@code bpftool gen object}
   *     wrote
   * @return the spec, to be closed or loaded
   * @throws LibraryMissingException if libbpf is not there or may not be called
   * @throws MalformedObjectException if the bytes are not a BPF object for this machine
   */
  public static BpfObjectSpec open(String name, byte[] elf) {
    Failure.requireLibbpf("open", describe(name));
    ElfCheck.check(describe(name), elf);
    var arena = Arena.ofShared();
    NativeObject object = null;
    try (var log = LibBpfLog.collect()) {
      var bytes = arena.allocate(elf.length, Long.BYTES).copyFrom(MemorySegment.ofArray(elf));
      var pointer = LibBpf.open(name, bytes);
      if (pointer.address() < 0) {
        throw Failure.open(describe(name), (int) -pointer.address(), log.failed());
      }
      object = new NativeObject(name, pointer, arena);
      return new BpfObjectSpec(name, object);
    } catch (Throwable t) {
      if (object == null) {
        arena.close();
      } else {
        object.close();
      }
      throw t;
    }
  }

  /**
   * Parses an object file. Needs no privileges.
   *
   * @param file the file that {@code clang -target bpf} or {@code bpftool gen object} wrote; the
   *     object is called by its name, without {@code .bpf.o} or {@code .o}
   * @return the spec, to be closed or loaded
   * @throws LibraryMissingException if libbpf is not there or may not be called
   * @throws MalformedObjectException if it is not a BPF object for this machine
   * @throws BpfException (ENOENT, EACCES, EIO) if the file can't be read
   */
  public static BpfObjectSpec open(Path file) {
    var name = file.getFileName() == null ? "" : file.getFileName().toString();
    byte[] elf;
    try {
      elf = Files.readAllBytes(file);
    } catch (IOException e) {
      throw unreadable("file " + file, e);
    }
    return open(name.replaceFirst("(\\.bpf)?\\.o$", ""), elf);
  }

  /**
   * Parses an object from a stream, such as a resource: {@code open("name",
   * MyClass.class.getResourceAsStream("name.bpf.o"))}. Needs no privileges.
   *
   * @param name as in {@link #open(String, byte[])}
   * @param elf the content of an object file; closed in any case
   * @return the spec, to be closed or loaded
   * @throws LibraryMissingException if libbpf is not there or may not be called
   * @throws MalformedObjectException if it is not a BPF object for this machine
   * @throws BpfException (ENOENT) if the stream is null: there is no such resource; (EIO) if it
   *     can't be read
   */
  public static BpfObjectSpec open(String name, @Nullable InputStream elf) {
    if (elf == null) {
      throw new BpfException(
          "open", describe(name), Errno.ENOENT, "there is no such resource on the class path");
    }
    byte[] bytes;
    try (elf) {
      bytes = elf.readAllBytes();
    } catch (IOException e) {
      throw unreadable(name, e);
    }
    return open(name, bytes);
  }

  private static BpfException unreadable(String name, IOException cause) {
    int errno =
        switch (cause) {
          case NoSuchFileException _ -> Errno.ENOENT;
          case AccessDeniedException _ -> Errno.EACCES;
          default -> Errno.EIO;
        };
    var failure = new BpfException("open", describe(name), errno, "can't be read: " + cause);
    failure.initCause(cause);
    return failure;
  }

  private static String describe(String name) {
    return "BPF object " + name;
  }

  /** {@return names of the maps that the object declares} */
  public Set<String> mapNames() {
    return Collections.unmodifiableSet(maps.keySet());
  }

  /**
   * {@return what a declared map is like now: as the object has it, or as it was configured since}
   *
   * @param map the map's name, or that of a section of global variables, such as ".data"
   */
  public synchronized BpfMapSpec map(String map) {
    return spec(map, findMap(map));
  }

  /** Sections of global variables are maps too, whose names begin with a dot. */
  private MemorySegment findMap(String map) {
    var opened = open();
    return map.startsWith(".")
        ? LibBpf.sectionMap(opened.pointer(), map)
            .orElseThrow(() -> new IllegalArgumentException("no section " + map))
        : find("map", map, maps);
  }

  private static BpfMapSpec spec(String name, MemorySegment map) {
    return new BpfMapSpec(
        name,
        MapType.of(LibBpf.mapType(map)),
        LibBpf.mapKeySize(map),
        LibBpf.mapValueSize(map),
        LibBpf.mapMaxEntries(map),
        MapDeclarations.flags(map),
        MapDeclarations.inner(map).map(inner -> spec(LibBpf.mapName(inner), inner)).orElse(null));
  }

  /** {@return names of the programs that the object holds} */
  public Set<String> programNames() {
    return Collections.unmodifiableSet(programs.keySet());
  }

  /**
   * {@return what a declared program is like now: as the object has it, or as it was configured
   * since}
   *
   * @param program the program's name
   */
  public synchronized BpfProgramSpec program(String program) {
    open();
    return BpfProgramSpec.of(find("program", program, programs));
  }

  /** {@return the object's type information} */
  public Btf btf() {
    return btf;
  }

  /**
   * Sets how many entries a map can hold.
   *
   * @param map the map's name
   * @param entries more than zero
   */
  public synchronized void maxEntries(String map, int entries) {
    if (entries <= 0) {
      throw new IllegalArgumentException("map " + map + " can't have " + entries + " entries");
    }
    open();
    Failure.check(
        "set the size of", "map " + map, LibBpf.mapSetMaxEntries(find("map", map, maps), entries));
  }

  /**
   * Has an existing map take the place of a declared one, with its entries: the programs share it
   * with whoever else has it. The given handle stays its owner's and may be closed at once.
   *
   * @param map the declared map's name, or that of a section of global variables such as ".data",
   *     whose initial values then are those of the existing map
   * @param existing of the same type, sizes and flags
   * @throws IncompatibleMapException if they differ
   */
  public synchronized void replaceMap(String map, BpfMap existing) {
    reuse(map, findMap(map), existing);
  }

  private static void reuse(String map, MemorySegment declared, BpfMap existing) {
    var differences = spec(map, declared).differences(existing.info());
    if (!differences.isEmpty()) {
      throw new IncompatibleMapException("replace", "map " + map, differences);
    }
    existing.owner().acquire();
    try {
      Failure.check("replace", "map " + map, MapDeclarations.reuse(declared, existing.fd()));
    } finally {
      existing.owner().release();
    }
  }

  /**
   * Says what the maps in a map of maps are like, for objects that do not say it themselves.
   *
   * @param map name of a map of maps
   * @param prototype a map like those that it will hold; may be closed at once
   * @throws BpfException if it was said before (EINVAL)
   */
  public synchronized void innerMap(String map, BpfMap prototype) {
    open();
    var declared = find("map", map, maps);
    if (!MapType.of(LibBpf.mapType(declared)).holdsMaps()) {
      throw new IllegalArgumentException("map " + map + " does not hold maps");
    }
    prototype.owner().acquire();
    try {
      int copy = LibC.duplicate(prototype.fd());
      var fd =
          new Fd(Failure.check("duplicate", prototype.toString(), copy), "inner map of " + map);
      prototypes.add(fd);
      Failure.check(
          "say what is held by", "map " + map, MapDeclarations.setInner(declared, fd.number()));
    } finally {
      prototype.owner().release();
    }
  }

  /**
   * Has a map pinned when the object is loaded, or taken from there if it is pinned already. Then
   * {@link #load} throws {@link IncompatibleMapException} if it differs from what is declared, and
   * {@link PinException} if it is another user's. Nothing is pinned if the load fails.
   *
   * <p>Maps that the object itself declares as pinned by name are treated so, at /sys/fs/bpf/NAME.
   *
   * @param map the map's name
   * @param path a file that does not exist yet, or a pinned map, in a bpf file system
   */
  public synchronized void pinPath(String map, Path path) {
    open();
    find("map", map, maps);
    pins.put(map, path.toAbsolutePath().normalize());
  }

  /**
   * Says whether {@link #load} loads a program. Most are loaded unless told otherwise; those in a
   * section whose name begins with a question mark are not.
   *
   * @param program the program's name
   * @param autoload whether to load it
   */
  public synchronized void autoload(String program, boolean autoload) {
    open();
    var pointer = find("program", program, programs);
    Failure.check("configure", "program " + program, LibBpf.programSetAutoload(pointer, autoload));
  }

  /**
   * Gives a global variable its initial value.
   *
   * @param variable name of a variable of one byte
   * @param value the value
   */
  public void set(String variable, boolean value) {
    set(variable, new byte[] {(byte) (value ? 1 : 0)});
  }

  /**
   * Gives a global variable its initial value.
   *
   * @param variable name of a variable of four bytes
   * @param value the value
   */
  public void set(String variable, int value) {
    set(variable, buffer(Integer.BYTES).putInt(value).array());
  }

  /**
   * Gives a global variable its initial value.
   *
   * @param variable name of a variable of eight bytes
   * @param value the value
   */
  public void set(String variable, long value) {
    set(variable, buffer(Long.BYTES).putLong(value).array());
  }

  /**
   * Gives a global variable its initial value.
   *
   * @param variable name of a variable in .rodata, .data or .bss
   * @param value as many bytes as the variable has
   */
  public synchronized void set(String variable, byte[] value) {
    var opened = open();
    var described = btf.variable(variable);
    if (described.size() != value.length) {
      throw new IllegalArgumentException(
          "%s has %d bytes, the value has %d".formatted(variable, described.size(), value.length));
    }
    var memory =
        LibBpf.sectionMap(opened.pointer(), described.section())
            .flatMap(LibBpf::mapInitialValue)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        variable + " lies in " + described.section() + ", which can't be set"));
    MemorySegment.copy(value, 0, memory, JAVA_BYTE, described.offset(), value.length);
  }

  /**
   * Creates the maps and loads the programs. The spec is used up, whether that succeeds or not.
   *
   * <p>Needs CAP_BPF and, for programs that look at packets or kernel memory, CAP_NET_ADMIN and
   * CAP_PERFMON; or CAP_SYS_ADMIN instead of all.
   *
   * @return the loaded object, to be closed
   * @throws PrivilegeException if the process lacks capabilities
   * @throws IncompatibleMapException if a pinned map is not what the object declares
   * @throws PinException if a map can't be pinned, or a pinned one not be taken
   * @throws VerifierException if the kernel's verifier rejects a program
   * @throws KernelUnsupportedException if the kernel has no BPF or no type information
   */
  public synchronized BpfObject load() {
    var opened = open();
    object = null;
    try (var log = LibBpfLog.collect()) {
      pins.take((map, existing) -> reuse(map, find("map", map, maps), existing));
      int result = LibBpf.load(opened.pointer());
      if (result < 0) {
        throw LoadFailure.explain(describe(name), -result, log.failed(), maps, programs);
      }
      var loaded = new BpfObject(opened, btf, maps, programs);
      pins.make(loaded);
      return loaded;
    } catch (Throwable t) {
      opened.close();
      throw t;
    } finally {
      closePrototypes();
    }
  }

  /** Releases an object that is not going to be loaded. Does nothing after {@link #load}. */
  @Override
  public synchronized void close() {
    if (object != null) {
      object.close();
      object = null;
    }
    closePrototypes();
  }

  /** The kernel has looked at them by now. */
  private void closePrototypes() {
    prototypes.forEach(Fd::close);
    prototypes.clear();
  }

  private NativeObject open() {
    if (object == null) {
      throw new IllegalStateException(describe(name) + " was loaded or closed");
    }
    return object;
  }

  private static MemorySegment find(String kind, String name, Map<String, MemorySegment> all) {
    var found = all.get(name);
    if (found == null) {
      throw new IllegalArgumentException("no " + kind + " " + name + "; there are " + all.keySet());
    }
    return found;
  }

  private static ByteBuffer buffer(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.nativeOrder());
  }
}
