// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import io.github.jbypass.core.internal.Errno;
import io.github.jbypass.core.internal.Fd;
import io.github.jbypass.core.internal.IdCalls;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * An object that runs in the kernel, whichever process loaded it: found by one of its programs. It
 * consists of the programs that are loaded still, and of the maps that they use. A map is opened
 * when it is asked for: some end with the last process that has them open. Closing the object
 * closes the handles only.
 *
 * <p>The kernel knows the first 15 bytes of a name: longer ones are looked for by these, and of two
 * that share them only one is there.
 *
 * <p>Thread-safe. After {@link #close}, operations throw {@link IllegalStateException}. Needs
 * CAP_SYS_ADMIN. Kernel 5.5.
 */
public final class RunningObject implements LoadedObject {
  private static final int NAME_LENGTH = 15;

  private final int id;
  private final Btf btf;
  private final Map<String, BpfProgram> programs = new LinkedHashMap<>();
  private final Map<String, Integer> mapIds = new LinkedHashMap<>();
  private final Map<String, BpfMap> maps = new LinkedHashMap<>(); // guarded by sections
  private final Map<String, MappedArray> sections = new LinkedHashMap<>(); // guarded by itself
  private boolean closed; // likewise

  private RunningObject(int id, Btf btf) {
    this.id = id;
    this.btf = btf;
  }

  /**
   * Finds the objects that hold a program of a name. What is loaded or unloaded meanwhile may be
   * missed.
   *
   * @param program its function's name in C
   * @return in the order in which they were loaded; to be closed, each
   * @throws PrivilegeException without CAP_SYS_ADMIN
   */
  public static List<RunningObject> withProgram(String program) {
    Failure.requireLibbpf("find", "running programs");
    var byBtf = new TreeMap<Integer, List<ProgramInfo>>();
    for (int last = 0, next; (next = found(IdCalls.nextProgram(last))) != 0; last = next) {
      try (var opened = BpfProgram.openById(next)) {
        var info = opened.info();
        byBtf.computeIfAbsent(info.btfId(), _ -> new ArrayList<>()).add(info);
      } catch (BpfException e) {
        requireGone(e);
      }
    }
    byBtf.remove(0); // loaded without type information: nothing says what belongs together
    byBtf
        .values()
        .removeIf(all -> all.stream().noneMatch(info -> info.name().equals(cut(program))));
    var found = new ArrayList<RunningObject>();
    try {
      byBtf.forEach((btf, infos) -> open(program, btf, infos, found));
    } catch (Throwable t) {
      found.forEach(RunningObject::close);
      throw t;
    }
    return found;
  }

  /** A number that was found, 0 behind the last one. */
  private static int found(int next) {
    if (next == -Errno.EPERM) {
      throw new PrivilegeException(
          "find", "what runs in the kernel", Errno.EPERM, "it takes CAP_SYS_ADMIN");
    }
    return next == -Errno.ENOENT ? 0 : Failure.check("find", "what runs in the kernel", next);
  }

  private static void open(
      String program, int btf, List<ProgramInfo> infos, List<RunningObject> found) {
    RunningObject object = null;
    try {
      object = new RunningObject(btf, readBtf(btf));
      for (var info : infos) {
        try {
          object.open(info);
        } catch (BpfException e) {
          requireGone(e); // what nothing uses any more: the others may go on
        }
      }
      if (object.hasProgram(program)) {
        found.add(object);
      } else {
        object.close();
      }
    } catch (BpfException e) {
      if (object != null) {
        object.close();
      }
      requireGone(e);
    }
  }

  private static Btf readBtf(int id) {
    var description = "type information " + id;
    int number = Failure.check("open", description, IdCalls.openBtf(id));
    try (var fd = new Fd(number, description)) {
      return BtfParser.parse(description, IdCalls.btf(fd.number()));
    }
  }

  private void open(ProgramInfo info) {
    var program = BpfProgram.openById(info.id());
    if (programs.putIfAbsent(info.name(), program) != null) {
      program.close(); // its name begins with the same 15 bytes
    }
    for (int id : info.mapIds()) {
      if (!mapIds.containsValue(id)) { // else another program uses it too
        try (var map = BpfMap.openById(id)) {
          mapIds.putIfAbsent(map.name(), id);
        }
      }
    }
  }

  /** Whoever loaded it may end at any moment. */
  private static void requireGone(BpfException e) {
    if (e.errno() != Errno.ENOENT) {
      throw e;
    }
  }

  /**
   * {@return the number of the object's type information, which no other object has; bpftool shows
   * it}
   */
  public int id() {
    return id;
  }

  @Override
  public boolean hasProgram(String name) {
    return programs.containsKey(cut(name));
  }

  /**
   * {@return what a program of the object is attached to by links} Without any, nobody has use for
   * it any more, and only handles like this one keep it. Kernel 5.8.
   *
   * @param program its name
   */
  public List<LinkInfo> links(String program) {
    int programId = program(program).id();
    var links = new ArrayList<LinkInfo>();
    for (int last = 0, next; (next = found(IdCalls.nextLink(last))) != 0; last = next) {
      int number = IdCalls.openLink(next);
      if (number == -Errno.ENOENT || number == -Errno.EAGAIN) {
        continue; // just being detached or attached
      }
      try (var fd = new Fd(Failure.check("open", "link " + next, number), "link " + next)) {
        var info = LinkInfo.of(fd, "link " + next);
        if (info.program() == programId) {
          links.add(info);
        }
      }
    }
    return links;
  }

  @Override
  public BpfMap map(String name) {
    int mapId = find("map", cut(name), mapIds);
    synchronized (sections) {
      requireOpen();
      return maps.computeIfAbsent(cut(name), _ -> BpfMap.openById(mapId));
    }
  }

  @Override
  public BpfProgram program(String name) {
    return find("program", cut(name), programs);
  }

  @Override
  public Btf btf() {
    return btf;
  }

  @Override
  public MemorySegment global(String variable) {
    var described = btf.variable(variable);
    synchronized (sections) {
      requireOpen();
      return sections
          .computeIfAbsent(described.section(), this::mapSection)
          .entry(0)
          .asSlice(described.offset(), described.size());
    }
  }

  /** libbpf calls the map of a section by the beginning of the object's name and the section's. */
  private MappedArray mapSection(String section) {
    var name =
        mapIds.keySet().stream()
            .filter(candidate -> candidate.endsWith(section))
            .findAny()
            .orElseThrow(() -> new IllegalArgumentException("no running program uses " + section));
    return map(name)
        .mapped(
            section.startsWith(".rodata")
                ? MappedArray.Access.READ
                : MappedArray.Access.READ_WRITE);
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException(this + " is closed");
    }
  }

  @Override
  public void close() {
    synchronized (sections) {
      closed = true;
      sections.values().forEach(MappedArray::close);
      maps.values().forEach(BpfMap::close);
    }
    programs.values().forEach(BpfProgram::close);
  }

  @Override
  public String toString() {
    return "running object " + id;
  }

  private static String cut(String name) {
    return name.length() <= NAME_LENGTH ? name : name.substring(0, NAME_LENGTH);
  }

  private static <T> T find(String kind, String name, Map<String, T> all) {
    var found = all.get(name);
    if (found == null) {
      throw new IllegalArgumentException("no " + kind + " " + name + "; there are " + all.keySet());
    }
    return found;
  }
}
