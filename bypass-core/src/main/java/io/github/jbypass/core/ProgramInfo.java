// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.jbypass.core.internal.Fd;
import io.github.jbypass.core.internal.LinkCalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * What the kernel tells of a loaded program.
 *
 * @param id its number, which bpftool shows too
 * @param name its name, cut to 15 bytes
 * @param type its type
 * @param tag a hash over its instructions, 16 hexadecimal digits: same code, same tag
 * @param loadedAfterBoot when it was loaded
 * @param uid the user that loaded it
 * @param mapIds numbers of the maps that it uses
 * @param verifiedInstructions how many instructions the verifier walked through; 0 before kernel
 *     5.16
 * @param jitedSize size of its machine code in bytes; 0 if it is interpreted, or not to be seen for
 *     lack of CAP_PERFMON or CAP_SYS_ADMIN
 * @param gplCompatible whether its licence is compatible with the GPL
 * @param btfId number of its type information; 0 if it has none
 */
public record ProgramInfo(
    int id,
    String name,
    ProgramType type,
    String tag,
    Duration loadedAfterBoot,
    int uid,
    List<Integer> mapIds,
    int verifiedInstructions,
    int jitedSize,
    boolean gplCompatible,
    int btfId) {
  /** Offsets in the kernel's {@code struct bpf_prog_info}. */
  private static final int SIZE = 232;

  private static final int ID = 4;
  private static final int TAG = 8;
  private static final int TAG_SIZE = 8;
  private static final int JITED_LENGTH = 16;
  private static final int LOAD_TIME = 40;
  private static final int CREATED_BY_UID = 48;
  private static final int MAP_COUNT = 52;
  private static final int MAP_IDS = 56;
  private static final int NAME = 64;
  private static final int NAME_SIZE = 16;
  private static final int GPL_COMPATIBLE = 84;
  private static final int BTF_ID = 128;
  private static final int RUN_TIME = 192;
  private static final int RUN_COUNT = 200;
  private static final int VERIFIED = 216;
  private static final int MOST_MAPS = 64; // that the kernel allows in a program

  /** The maps' numbers can't be changed. */
  public ProgramInfo {
    mapIds = List.copyOf(mapIds);
  }

  /**
   * How another program differs from this one in what makes them the same.
   *
   * @param actual what the kernel says of the existing program
   * @return every difference, such as "name: count wanted, pass found"
   */
  public List<String> differences(ProgramInfo actual) {
    var differences = new ArrayList<String>();
    compare("type", type, actual.type, differences);
    compare("name", name, actual.name, differences);
    compare("tag", tag, actual.tag, differences);
    return List.copyOf(differences);
  }

  private static void compare(
      String property, Object wanted, Object found, List<String> differences) {
    if (!wanted.equals(found)) {
      differences.add("%s: %s wanted, %s found".formatted(property, wanted, found));
    }
  }

  static ProgramInfo of(Fd program, String description) {
    try (var arena = Arena.ofConfined()) {
      var maps = arena.allocate(JAVA_INT, MOST_MAPS);
      var info = read(program, description, arena, maps);
      int used = Math.min(info.get(JAVA_INT, MAP_COUNT), MOST_MAPS);
      return new ProgramInfo(
          info.get(JAVA_INT, ID),
          info.asSlice(NAME, NAME_SIZE).getString(0),
          ProgramType.of(info.get(JAVA_INT, 0)),
          HexFormat.of().formatHex(info.asSlice(TAG, TAG_SIZE).toArray(JAVA_BYTE)),
          Duration.ofNanos(info.get(JAVA_LONG, LOAD_TIME)),
          info.get(JAVA_INT, CREATED_BY_UID),
          Arrays.stream(maps.toArray(JAVA_INT)).limit(used).boxed().toList(),
          info.get(JAVA_INT, VERIFIED),
          info.get(JAVA_INT, JITED_LENGTH),
          (info.get(JAVA_BYTE, GPL_COMPATIBLE) & 1) != 0,
          info.get(JAVA_INT, BTF_ID));
    }
  }

  static ProgramStatistics statistics(Fd program, String description) {
    try (var arena = Arena.ofConfined()) {
      var info = read(program, description, arena, MemorySegment.NULL);
      return new ProgramStatistics(info.get(JAVA_LONG, RUN_COUNT), info.get(JAVA_LONG, RUN_TIME));
    }
  }

  private static MemorySegment read(
      Fd program, String description, Arena arena, MemorySegment maps) {
    var info = arena.allocate(SIZE, Long.BYTES);
    info.set(JAVA_INT, MAP_COUNT, (int) (maps.byteSize() / Integer.BYTES));
    info.set(JAVA_LONG, MAP_IDS, maps.address());
    Failure.check("inspect", description, program.use(fd -> LinkCalls.info(fd, info)));
    return info;
  }
}
