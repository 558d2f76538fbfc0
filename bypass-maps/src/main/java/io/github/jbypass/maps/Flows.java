// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.maps;

import io.github.jbypass.core.BpfMap;
import io.github.jbypass.core.BpfProgram;
import io.github.jbypass.core.LayoutMismatchException;
import io.github.jbypass.core.LoadedObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The enrolled sockets with what each has sent, as the kernel walks over them: some hundred
 * nanoseconds of its time for each, and nothing for the traffic.
 *
 * <p>A kernel that is locked down may let nobody walk over a map. There it walks over the open
 * files of all processes in the PID namespace of this one: sockets that nobody has accepted yet, or
 * that only processes elsewhere have, are not told.
 *
 * <p>Thread-safe; walks don't disturb each other. Throws {@link IllegalStateException} once the
 * object is closed. Kernel 5.10.
 */
public final class Flows {
  /** The program that walks over the SOCKHASH. */
  public static final String OVER_SOCKETS = "dump_flows";

  /** The program that walks over the files of all processes, where the other one is refused. */
  public static final String OVER_FILES = "dump_task_flows";

  private static final int BATCH = 64;

  /**
   * Where its buffer is full in the midst of a bucket of the SOCKHASH, the kernel goes on with the
   * bucket's beginning: so many flows, more than a bucket ever has, are looked at to tell none
   * twice.
   */
  private static final int LATEST = 16;

  private final BpfProgram iterator;
  private final Optional<BpfMap> sockets; // empty: what is walked over are files

  /**
   * The flows of a loaded object.
   *
   * @param object the loaded programs
   * @throws LayoutMismatchException if its iterator writes something else
   */
  public Flows(LoadedObject object) {
    SocketKeyCodec.LAYOUT.check(object.btf());
    FlowCodec.LAYOUT.check(object.btf());
    FlowCodec.TALLY.check(object.btf());
    Counters.check(object.btf());
    boolean overMap = object.hasProgram(OVER_SOCKETS);
    iterator = object.program(overMap ? OVER_SOCKETS : OVER_FILES);
    sockets = overMap ? Optional.of(object.map("sockets")) : Optional.empty();
  }

  /**
   * Calls back for each enrolled socket once. Sockets that come or go meanwhile may be missed. The
   * numbers of one flow are read while it sends: they may be of two moments, one message apart.
   *
   * @param action called with each
   */
  public void forEach(Consumer<Flow> action) {
    var told = sockets.isPresent() ? latest() : all();
    try (var arena = Arena.ofConfined();
        var stream = sockets.map(iterator::iterate).orElseGet(iterator::iterate)) {
      var memory = arena.allocate((long) BATCH * FlowCodec.SIZE, Long.BYTES);
      var bytes = new byte[BATCH * FlowCodec.SIZE];
      for (int read; (read = stream.readNBytes(bytes, 0, bytes.length)) > 0; ) {
        MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, 0, read);
        for (int at = 0; at < read; at += FlowCodec.SIZE) {
          var flow = FlowCodec.decode(memory.asSlice(at, FlowCodec.SIZE));
          if (told.isNew(flow)) {
            action.accept(flow);
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("can't read the flows", e);
    }
  }

  /** Remembers flows. */
  private interface Told {
    boolean isNew(Flow flow);
  }

  private static Told latest() {
    var latest = new ArrayDeque<SocketKey>(LATEST);
    return flow -> {
      if (latest.contains(flow.key())) {
        return false;
      }
      if (latest.size() == LATEST) {
        latest.remove();
      }
      return latest.add(flow.key());
    };
  }

  /** Processes share files. */
  private static Told all() {
    var all = new HashSet<Long>();
    return flow -> all.add(flow.cookie());
  }

  /** {@return all of them, as {@link #forEach} finds them} */
  public List<Flow> snapshot() {
    var all = new ArrayList<Flow>();
    forEach(all::add);
    return all;
  }
}
