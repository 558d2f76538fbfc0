// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import io.github.jbypass.core.internal.BpfCalls;
import io.github.jbypass.core.internal.Errno;
import io.github.jbypass.core.internal.Fd;
import io.github.jbypass.core.internal.LibC;
import io.github.jbypass.core.internal.Lifetime;
import io.github.jbypass.core.internal.MapCalls;
import io.github.jbypass.core.internal.MapDescriptors;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A BPF map. Keys and values are native memory in the layout of the C structs, owned by the caller
 * and reusable; operations on entries allocate nothing unless they fail. {@link
 * io.github.jbypass.core.typed} has the same with Java objects.
 *
 * <p>What a type of map can't do is an {@link UnsupportedByTypeException}, and changes nothing.
 * Segments that are too small, on the heap, or read-only where the kernel writes are an {@link
 * IllegalArgumentException}.
 *
 * <p>Thread-safe, and as atomic as the kernel's operations are. The handle is closed once, by
 * whoever comes first; the maps of an object are closed with it. Closing never waits: operations
 * under way end undisturbed, later ones throw {@link IllegalStateException}. The map itself lives
 * on as long as another handle, a program, a pin or a mapping refers to it.
 */
public final class BpfMap implements AutoCloseable {
  private static final long LOCK = 4; // BPF_F_LOCK
  private static final long REPLACE_OLDEST = 2; // BPF_EXIST

  static {
    MapDescriptors.provide(map -> ((BpfMap) map).fd);
  }

  private final String name;
  private final Fd fd;
  private final MapType type;
  private final int keySize;
  private final int valueSize;
  private final int transferSize;
  private final int maxEntries;
  private final int flags;

  /** Takes ownership of the descriptor. */
  private BpfMap(String name, Fd fd, MapInfo info) {
    this.name = name;
    this.fd = fd;
    this.type = info.type();
    this.keySize = info.keySize();
    this.valueSize = info.valueSize();
    this.transferSize = type.isPerCpu() ? perCpuSize(valueSize) : valueSize;
    this.maxEntries = info.maxEntries();
    this.flags = info.flags();
  }

  /** A handle for a descriptor, which it takes ownership of, even if that fails. */
  static BpfMap adopt(String name, int descriptor) {
    var fd = new Fd(descriptor, "map " + name);
    try {
      var info = MapInspection.info(descriptor, "map " + name);
      return new BpfMap(name.isEmpty() ? info.name() : name, fd, info);
    } catch (Throwable t) {
      fd.close();
      throw t;
    }
  }

  /** A handle of its own for a descriptor that stays its owner's. */
  static BpfMap duplicate(String name, int descriptor) {
    return adopt(name, Failure.check("duplicate", "map " + name, LibC.duplicate(descriptor)));
  }

  /**
   * Creates a map that belongs to no object.
   *
   * <p>Needs CAP_BPF, for some types CAP_NET_ADMIN or CAP_PERFMON too. A map of maps needs {@link
   * BpfMapSpec#holding}.
   *
   * @param spec what it is to be like
   * @return a handle to close
   * @throws PrivilegeException if the process lacks capabilities
   * @throws BpfException if the kernel refuses; the message says what is wrong with the spec
   */
  public static BpfMap create(BpfMapSpec spec) {
    return adopt(spec.name(), MapCreation.create(spec));
  }

  /**
   * Opens a map by the number that the kernel gave it. Needs CAP_SYS_ADMIN. Kernel 4.13.
   *
   * @param id as {@link MapInfo#id} or bpftool have it
   * @return a handle to close
   * @throws BpfException if there is no such map (any more) (ENOENT)
   * @throws PrivilegeException without CAP_SYS_ADMIN
   */
  public static BpfMap openById(int id) {
    return MapInspection.openById(id);
  }

  /**
   * Opens a pinned map. Its shape is what it is: compare {@link BpfMapSpec#differences} with {@link
   * #info}, or open it typed. Needs CAP_BPF and the right to read and write the file.
   *
   * @param path a file in a bpf file system
   * @return a handle to close
   * @throws BpfException if there is none, or it is no map
   */
  public static BpfMap openPin(Path path) {
    return MapInspection.openPin(path);
  }

  /**
   * Asks the kernel about the map.
   *
   * @return what it said
   */
  public MapInfo info() {
    fd.acquire();
    try {
      return MapInspection.info(fd.number(), toString());
    } finally {
      fd.release();
    }
  }

  private static int perCpuSize(int valueSize) {
    int cpus = Failure.check("count", "possible CPUs", BpfCalls.possibleCpus());
    return Math.multiplyExact((valueSize + Long.BYTES - 1) / Long.BYTES * Long.BYTES, cpus);
  }

  /** {@return the map's name: in C for the maps of an object, else as the kernel has it} */
  public String name() {
    return name;
  }

  /** {@return the map's type} */
  public MapType type() {
    return type;
  }

  /** {@return size of a key in bytes} */
  public int keySize() {
    return keySize;
  }

  /** {@return size of a value in bytes; in a per-CPU map, of the value of one CPU} */
  public int valueSize() {
    return valueSize;
  }

  /**
   * {@return how many bytes {@link #lookup} writes and {@link #update} reads} That is {@link
   * #valueSize}, except in per-CPU maps: there it is one value for each possible CPU, each rounded
   * up to eight bytes.
   */
  public int transferSize() {
    return transferSize;
  }

  /** {@return whether a key has a value for each possible CPU} */
  public boolean isPerCpu() {
    return type.isPerCpu();
  }

  /** {@return how many entries the map can hold; bytes of a ring buffer} */
  public int maxEntries() {
    return maxEntries;
  }

  /**
   * Copies the value of a key.
   *
   * <p>In a SOCKMAP or SOCKHASH the value is the socket's cookie and has to be eight bytes (kernel
   * 5.15, or a backport). In a map of maps it is the number of the inner map. In socket storage the
   * key is the descriptor of a socket.
   *
   * @param key at least {@link #keySize} bytes
   * @param value at least {@link #transferSize} bytes; untouched if there is no entry
   * @return whether there is an entry
   */
  public boolean lookup(MemorySegment key, MemorySegment value) {
    Segments.requireReadable(this, key, keySize, "key");
    Segments.requireWritable(this, value, transferSize, "value");
    fd.acquire();
    int result;
    try {
      result = BpfCalls.lookup(fd.number(), key, value);
    } finally {
      fd.release();
    }
    return found(MapOperation.LOOKUP, result);
  }

  /**
   * Copies the value of a key while holding its {@code struct bpf_spin_lock}, so that no program is
   * half-way through changing it. The lock itself reads as zero. Kernel 5.1.
   *
   * @param key at least {@link #keySize} bytes
   * @param value at least {@link #transferSize} bytes; untouched if there is no entry
   * @return whether there is an entry
   * @throws BpfException if the value has no lock (EINVAL)
   */
  public boolean lookupLocked(MemorySegment key, MemorySegment value) {
    Segments.requireReadable(this, key, keySize, "key");
    Segments.requireWritable(this, value, transferSize, "value");
    fd.acquire();
    int result;
    try {
      result = MapCalls.lookup(fd.number(), key, value, LOCK);
    } finally {
      fd.release();
    }
    return found(MapOperation.LOOKUP, result);
  }

  /**
   * Creates or replaces an entry.
   *
   * <p>In a SOCKMAP or SOCKHASH the value is the descriptor of a socket, in a map of maps that of
   * the inner map; in socket storage the key is the descriptor of a socket.
   *
   * @param key at least {@link #keySize} bytes
   * @param value at least {@link #transferSize} bytes
   * @param mode what to do with an entry that exists, or does not
   * @throws MapFullException if there is no room for another entry
   * @throws AlreadyExistsException if the entry exists and may not
   */
  public void update(MemorySegment key, MemorySegment value, UpdateMode mode) {
    Segments.requireReadable(this, key, keySize, "key");
    Segments.requireReadable(this, value, transferSize, "value");
    succeeded(MapOperation.UPDATE, update(key, value, (long) mode.ordinal()));
  }

  /**
   * As {@link #update}, but what the mode forbids is an answer.
   *
   * @param key at least {@link #keySize} bytes
   * @param value at least {@link #transferSize} bytes
   * @param mode what to do with an entry that exists, or does not
   * @return whether the entry was written
   * @throws MapFullException if there is no room for another entry
   */
  public boolean tryUpdate(MemorySegment key, MemorySegment value, UpdateMode mode) {
    Segments.requireReadable(this, key, keySize, "key");
    Segments.requireReadable(this, value, transferSize, "value");
    int result = update(key, value, (long) mode.ordinal());
    if (result == -Errno.EEXIST && mode == UpdateMode.NO_EXIST
        || result == -Errno.ENOENT && mode == UpdateMode.EXIST) {
      return false;
    }
    succeeded(MapOperation.UPDATE, result);
    return true;
  }

  /**
   * Puts a map into this map of maps. It lives as long as it is there, even if its handle is
   * closed. Kernel 4.12.
   *
   * @param key at least {@link #keySize} bytes
   * @param inner like those that this map was created for
   * @param mode what to do with an entry that exists, or does not
   * @throws BpfException if the inner map is not like them (EINVAL)
   */
  public void update(MemorySegment key, BpfMap inner, UpdateMode mode) {
    if (!type.holdsMaps()) {
      throw new IllegalArgumentException(this + " is a " + type + ": it does not hold maps");
    }
    inner.fd.acquire();
    try {
      MapBatch.withCell(inner.fd.number(), cell -> update(key, cell, mode));
    } finally {
      inner.fd.release();
    }
  }

  /**
   * Puts a program into this map of programs, for others to call it there. It lives as long as it
   * is there, even if its handle is closed. The kernel empties the map when nobody has it open or
   * pinned any more. Kernel 4.2.
   *
   * @param key at least {@link #keySize} bytes
   * @param program of the same type as the programs that call it
   * @throws BpfException if it is of another type (EINVAL)
   */
  public void update(MemorySegment key, BpfProgram program) {
    if (type != MapType.PROG_ARRAY) {
      throw new IllegalArgumentException(this + " is a " + type + ": it does not hold programs");
    }
    program
        .fd()
        .use(
            fd -> {
              MapBatch.withCell(fd, cell -> update(key, cell, UpdateMode.ANY));
              return 0;
            });
  }

  private int update(MemorySegment key, MemorySegment value, long mode) {
    fd.acquire();
    try {
      return BpfCalls.update(fd.number(), key, value, mode);
    } finally {
      fd.release();
    }
  }

  /**
   * As {@link #update}, while holding the value's {@code struct bpf_spin_lock}; what the segment
   * has in the place of the lock is ignored. Kernel 5.1.
   *
   * @param key at least {@link #keySize} bytes
   * @param value at least {@link #transferSize} bytes
   * @param mode what to do with an entry that exists, or does not
   * @throws BpfException if the value has no lock (EINVAL)
   */
  public void updateLocked(MemorySegment key, MemorySegment value, UpdateMode mode) {
    Segments.requireReadable(this, key, keySize, "key");
    Segments.requireReadable(this, value, transferSize, "value");
    succeeded(MapOperation.UPDATE, update(key, value, mode.ordinal() | LOCK));
  }

  /**
   * Removes an entry.
   *
   * @param key at least {@link #keySize} bytes
   * @return whether there was an entry
   */
  public boolean delete(MemorySegment key) {
    Segments.requireReadable(this, key, keySize, "key");
    fd.acquire();
    int result;
    try {
      result = BpfCalls.delete(fd.number(), key);
    } finally {
      fd.release();
    }
    return found(MapOperation.DELETE, result);
  }

  /**
   * Copies the value of a key and removes the entry, in one step. Hashes only. Kernel 5.14.
   *
   * @param key at least {@link #keySize} bytes
   * @param value at least {@link #transferSize} bytes; untouched if there is no entry
   * @return whether there was an entry
   */
  public boolean lookupAndDelete(MemorySegment key, MemorySegment value) {
    Segments.requireReadable(this, key, keySize, "key");
    Segments.requireWritable(this, value, transferSize, "value");
    return found(MapOperation.LOOKUP_AND_DELETE, take(key, value));
  }

  private int take(MemorySegment key, MemorySegment value) {
    fd.acquire();
    try {
      return MapCalls.lookupAndDelete(fd.number(), key, value);
    } finally {
      fd.release();
    }
  }

  /**
   * Appends to a queue, or puts onto a stack. Kernel 4.20.
   *
   * @param value at least {@link #valueSize} bytes
   * @throws MapFullException if there is no room
   */
  public void push(MemorySegment value) {
    Segments.requireReadable(this, value, valueSize, "value");
    succeeded(MapOperation.PUSH, update(MemorySegment.NULL, value, 0));
  }

  /**
   * As {@link #push}, but of a full queue or stack the oldest value is thrown away.
   *
   * @param value at least {@link #valueSize} bytes
   */
  public void pushReplacingOldest(MemorySegment value) {
    Segments.requireReadable(this, value, valueSize, "value");
    succeeded(MapOperation.PUSH, update(MemorySegment.NULL, value, REPLACE_OLDEST));
  }

  /**
   * Copies what {@link #pop} would take. Kernel 4.20.
   *
   * @param value at least {@link #valueSize} bytes; untouched if there is nothing
   * @return whether there is something
   */
  public boolean peek(MemorySegment value) {
    Segments.requireWritable(this, value, valueSize, "value");
    fd.acquire();
    int result;
    try {
      result = BpfCalls.lookup(fd.number(), MemorySegment.NULL, value);
    } finally {
      fd.release();
    }
    return found(MapOperation.PEEK, result);
  }

  /**
   * Takes the oldest value of a queue, or the youngest of a stack. Kernel 4.20.
   *
   * @param value at least {@link #valueSize} bytes; untouched if there is nothing
   * @return whether there was something
   */
  public boolean pop(MemorySegment value) {
    Segments.requireWritable(this, value, valueSize, "value");
    return found(MapOperation.POP, take(MemorySegment.NULL, value));
  }

  /**
   * Finds the key that follows another one, in the map's own order. A key that is not there any
   * more is followed by the first one, so an iteration over a map that others change may see keys
   * twice and has to be bounded by the caller.
   *
   * @param previous at least {@link #keySize} bytes, or null to begin
   * @param next at least {@link #keySize} bytes; may be the same segment as previous
   * @return whether there is another key
   */
  public boolean nextKey(@Nullable MemorySegment previous, MemorySegment next) {
    if (previous != null) {
      Segments.requireReadable(this, previous, keySize, "key");
    }
    Segments.requireWritable(this, next, keySize, "next key");
    fd.acquire();
    int result;
    try {
      result =
          BpfCalls.nextKey(fd.number(), previous == null ? MemorySegment.NULL : previous, next);
    } finally {
      fd.release();
    }
    return found(MapOperation.NEXT_KEY, result);
  }

  /**
   * Calls back with every key. The map may be changed meanwhile, by the action too: an entry that
   * stays is seen at least once; in hashes and arrays exactly once, even if its value is replaced,
   * while elsewhere that counts as removing and adding it. Entries that come or go may be seen or
   * not. A SOCKMAP or ARRAY_OF_MAPS has all its indices as keys, even those that hold nothing;
   * {@link #forEach} passes over them.
   *
   * @param action gets a segment that is overwritten after it returns
   * @throws IterationAbortedException if others change the map so fast that the walk gets nowhere
   */
  public void forEachKey(Consumer<MemorySegment> action) {
    new MapWalk(this).keys(action);
  }

  /**
   * Calls back with every key and value, under the same terms as {@link #forEachKey}.
   *
   * @param action gets segments that are overwritten after it returns
   */
  public void forEach(BiConsumer<MemorySegment, MemorySegment> action) {
    new MapWalk(this).entries(action);
  }

  /**
   * Begins to read the whole map in batches: many entries a system call. Hashes, arrays and tries.
   * Kernel 5.6; tries and per-CPU arrays 5.13, maps of maps 5.19.
   *
   * @param arena where the batches lie
   * @param entries room for so many at first; it grows when a bucket of a hash holds more
   * @return a cursor before the first batch
   */
  public BatchCursor lookupBatches(Arena arena, int entries) {
    return new BatchCursor(this, MapOperation.LOOKUP_BATCH, arena, entries);
  }

  /**
   * As {@link #lookupBatches}, and removes what it reads: nothing is removed without being handed
   * out. Hashes only. Kernel 5.6.
   *
   * @param arena where the batches lie
   * @param entries room for so many at first; it grows when a bucket holds more
   * @return a cursor before the first batch
   */
  public BatchCursor lookupAndDeleteBatches(Arena arena, int entries) {
    return new BatchCursor(this, MapOperation.LOOKUP_AND_DELETE_BATCH, arena, entries);
  }

  /**
   * Creates or replaces many entries in one system call, in order. Hashes, arrays and tries. Kernel
   * 5.6; tries and per-CPU arrays 5.13, maps of maps 5.19.
   *
   * @param keys so many keys, one after the other
   * @param values so many times {@link #transferSize} bytes
   * @param count how many
   * @throws BatchFailedException if an entry is refused; it says how many were stored before
   */
  public void updateBatch(MemorySegment keys, MemorySegment values, int count) {
    Segments.requireBatch(this, keys, keySize, count, "keys");
    Segments.requireBatch(this, values, transferSize, count, "values");
    MapBatch.update(this, keys, values, count);
  }

  /**
   * Removes many entries; those that are not there are passed over. Hashes and tries. Kernel 5.6;
   * tries 5.13.
   *
   * @param keys so many keys, one after the other
   * @param count how many
   * @return how many there were
   * @throws BatchFailedException if a key is refused; it says how many keys were dealt with before
   */
  public int deleteBatch(MemorySegment keys, int count) {
    Segments.requireBatch(this, keys, keySize, count, "keys");
    return MapBatch.delete(this, keys, count);
  }

  /**
   * Makes the map constant for user space, for ever; programs can still write it, unless it has
   * {@link MapFlag#RDONLY_PROG}. Later changes from user space fail with EPERM. Kernel 5.2.
   *
   * @throws BpfException if it is frozen already (EBUSY, or EPERM in newer kernels) or {@link
   *     #mapped} to be written (EBUSY)
   */
  public void freeze() {
    fd.acquire();
    int result;
    try {
      result = MapCalls.freeze(fd.number());
    } finally {
      fd.release();
    }
    succeeded(MapOperation.FREEZE, result);
  }

  /**
   * Maps the memory of an array that has {@link MapFlag#MMAPABLE}: entries are then read and
   * written without system calls. The mapping has to be closed by itself, and outlives this handle.
   * Kernel 5.5.
   *
   * @param access whether to write, too; a frozen map can only be read
   * @return the mapping, to be closed
   */
  public MappedArray mapped(MappedArray.Access access) {
    return MappedArray.of(this, access);
  }

  /**
   * {@return whether the map was created with a flag}
   *
   * @param flag the flag
   */
  public boolean has(MapFlag flag) {
    return (flags & flag.bit()) != 0;
  }

  /**
   * {@return a view of one key's values in a per-CPU map, for {@link #lookup} to fill}
   *
   * @param arena where the values lie
   */
  public PerCpu perCpu(Arena arena) {
    if (!type.isPerCpu()) {
      throw new IllegalArgumentException(
          this + " is a " + type + ": it has one value for all CPUs");
    }
    return new PerCpu(arena.allocate(transferSize, Long.BYTES), valueSize);
  }

  /**
   * Keeps the map alive when it is closed and when the process ends, until it is unpinned.
   *
   * @param file one that does not exist yet, in a bpf file system
   * @throws AlreadyExistsException if it exists
   * @throws PinException if it does not lie in a bpf file system
   */
  public void pin(Path file) {
    fd.acquire();
    try {
      Pins.create(fd.number(), file, toString());
    } finally {
      fd.release();
    }
  }

  /**
   * Removes a pin of this map.
   *
   * @param file where it is pinned
   * @throws PinException if something else is pinned there, or it is another user's
   */
  public void unpin(Path file) {
    fd.acquire();
    try {
      Pins.remove(fd.number(), file, Pins.Kind.MAP, toString());
    } finally {
      fd.release();
    }
  }

  /** The descriptor, for the holder of the owner. */
  int fd() {
    return fd.number();
  }

  Lifetime owner() {
    return fd;
  }

  /** Closes this handle. Idempotent; never waits. */
  @Override
  public void close() {
    fd.close();
  }

  @Override
  public String toString() {
    return "map " + name;
  }

  private void succeeded(MapOperation operation, int result) {
    if (result < 0) {
      throw MapFailure.of(this, operation, -result);
    }
  }

  private boolean found(MapOperation operation, int result) {
    if (result == -Errno.ENOENT) {
      return false;
    }
    succeeded(operation, result);
    return true;
  }
}
