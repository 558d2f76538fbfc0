// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import io.github.jbypass.core.internal.BpfCalls;
import io.github.jbypass.core.internal.Errno;
import io.github.jbypass.core.internal.LibBpf;
import io.github.jbypass.core.internal.Lifetime;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A map of a loaded object. Keys and values are native memory in the layout of the C structs, owned
 * by the caller and reusable; the operations allocate nothing unless they fail.
 *
 * <p>Thread-safe, and as atomic as the kernel's operations are. After the object is closed, every
 * operation throws {@link IllegalStateException}. Segments that are too small, on the heap, or
 * read-only where the kernel writes are an {@link IllegalArgumentException}.
 */
public final class BpfMap {
  private final String name;
  private final Lifetime owner;
  private final int fd;
  private final MapType type;
  private final int keySize;
  private final int valueSize;
  private final int transferSize;
  private final int maxEntries;

  BpfMap(String name, Lifetime owner, MemorySegment pointer) {
    this.name = name;
    this.owner = owner;
    this.fd = LibBpf.mapFd(pointer);
    this.type = MapType.of(LibBpf.mapType(pointer));
    this.keySize = LibBpf.mapKeySize(pointer);
    this.valueSize = LibBpf.mapValueSize(pointer);
    this.transferSize = type.isPerCpu() ? perCpuSize(valueSize) : valueSize;
    this.maxEntries = LibBpf.mapMaxEntries(pointer);
  }

  private static int perCpuSize(int valueSize) {
    int cpus = Failure.check("count", "possible CPUs", BpfCalls.possibleCpus());
    return Math.multiplyExact((valueSize + Long.BYTES - 1) / Long.BYTES * Long.BYTES, cpus);
  }

  /** The map's name in C. */
  public String name() {
    return name;
  }

  /** The map's type. */
  public MapType type() {
    return type;
  }

  /** Size of a key in bytes. */
  public int keySize() {
    return keySize;
  }

  /** Size of a value in bytes; in a per-CPU map, of the value of one CPU. */
  public int valueSize() {
    return valueSize;
  }

  /**
   * How many bytes {@link #lookup} writes and {@link #update} reads. That is {@link #valueSize},
   * except in per-CPU maps: there it is one value for each possible CPU, each rounded up to eight
   * bytes.
   */
  public int transferSize() {
    return transferSize;
  }

  /** How many entries the map can hold. */
  public int maxEntries() {
    return maxEntries;
  }

  /**
   * Copies the value of a key.
   *
   * <p>In a SOCKHASH the value is the socket's cookie and has to be eight bytes (kernel 5.15, or a
   * backport).
   *
   * @param key at least {@link #keySize} bytes
   * @param value at least {@link #transferSize} bytes; untouched if there is no entry
   * @return whether there is an entry
   */
  public boolean lookup(MemorySegment key, MemorySegment value) {
    checkRead(key, keySize, "key");
    checkWrite(value, transferSize, "value");
    owner.acquire();
    int result;
    try {
      result = BpfCalls.lookup(fd, key, value);
    } finally {
      owner.release();
    }
    return found("look up in", result);
  }

  /**
   * Creates or replaces an entry.
   *
   * <p>In a SOCKHASH the value is the descriptor of a TCP socket.
   *
   * @param key at least {@link #keySize} bytes
   * @param value at least {@link #transferSize} bytes
   * @param mode what to do with an entry that exists, or does not
   * @throws MapFullException if there is no room for another entry
   * @throws AlreadyExistsException if the entry exists and may not
   */
  public void update(MemorySegment key, MemorySegment value, UpdateMode mode) {
    checkRead(key, keySize, "key");
    checkRead(value, transferSize, "value");
    long flags = mode.ordinal(); // BPF_ANY, BPF_NOEXIST, BPF_EXIST
    owner.acquire();
    int result;
    try {
      result = BpfCalls.update(fd, key, value, flags);
    } finally {
      owner.release();
    }
    if (result < 0) {
      throw updateFailure(-result);
    }
  }

  /**
   * Removes an entry.
   *
   * @param key at least {@link #keySize} bytes
   * @return whether there was an entry
   */
  public boolean delete(MemorySegment key) {
    checkRead(key, keySize, "key");
    owner.acquire();
    int result;
    try {
      result = BpfCalls.delete(fd, key);
    } finally {
      owner.release();
    }
    return found("delete from", result);
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
      checkRead(previous, keySize, "key");
    }
    checkWrite(next, keySize, "next key");
    owner.acquire();
    int result;
    try {
      result = BpfCalls.nextKey(fd, previous == null ? MemorySegment.NULL : previous, next);
    } finally {
      owner.release();
    }
    return found("iterate over", result);
  }

  /**
   * Keeps the map alive when it is closed and when the process ends, until it is unpinned.
   *
   * @param file one that does not exist yet, in a bpf file system
   * @throws AlreadyExistsException if it exists
   * @throws PinException if it does not lie in a bpf file system
   */
  public void pin(Path file) {
    owner.acquire();
    try {
      Pins.create(fd, file, toString());
    } finally {
      owner.release();
    }
  }

  /**
   * Removes a pin of this map.
   *
   * @param file where it is pinned
   * @throws PinException if something else is pinned there, or it is another user's
   */
  public void unpin(Path file) {
    owner.acquire();
    try {
      Pins.remove(fd, file, Pins.Kind.MAP, toString());
    } finally {
      owner.release();
    }
  }

  /** The descriptor, for the holder of the owner. */
  int fd() {
    return fd;
  }

  Lifetime owner() {
    return owner;
  }

  @Override
  public String toString() {
    return "map " + name;
  }

  private boolean found(String operation, int result) {
    if (result == -Errno.ENOENT) {
      return false;
    }
    if (result < 0) {
      throw Failure.of(operation, toString(), -result);
    }
    return true;
  }

  private BpfException updateFailure(int errno) {
    return switch (errno) {
      case Errno.E2BIG, Errno.ENOSPC ->
          new MapFullException(
              "update", toString(), errno, "full: it holds at most " + maxEntries + " entries");
      case Errno.EEXIST ->
          new AlreadyExistsException("update", toString(), errno, "the entry exists already");
      case Errno.ENOENT -> Failure.of("update", toString(), errno, "there is no entry to replace");
      case Errno.EBUSY ->
          Failure.of(
              "update",
              toString(),
              errno,
              type.holdsSockets()
                  ? "the socket is in another map with a program of the same kind"
                  : Errno.meaning(errno));
      default -> Failure.of("update", toString(), errno);
    };
  }

  private void checkRead(MemorySegment segment, int size, String what) {
    if (!segment.isNative() || segment.byteSize() < size) {
      throw unusable(segment, size, what);
    }
  }

  private void checkWrite(MemorySegment segment, int size, String what) {
    if (!segment.isNative() || segment.byteSize() < size || segment.isReadOnly()) {
      throw unusable(segment, size, what);
    }
  }

  private IllegalArgumentException unusable(MemorySegment segment, int size, String what) {
    var complaint =
        !segment.isNative()
            ? "is on the heap: allocate it in an Arena"
            : segment.byteSize() < size
                ? "has " + segment.byteSize() + " bytes, not " + size
                : "is read-only";
    return new IllegalArgumentException("the " + what + " for map " + name + " " + complaint);
  }
}
