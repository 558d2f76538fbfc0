// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs.testing;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/**
 * What this process holds that no garbage collector gives back.
 *
 * @param descriptors open files, sockets, maps, programs
 * @param mappedMaps BPF maps in the address space
 * @param nativeBytes memory that malloc has given out
 */
public record JvmResources(int descriptors, long mappedMaps, long nativeBytes) {
  private static final long NOISE = 256 << 10;
  private static final MemoryLayout MALLINFO2 = MemoryLayout.sequenceLayout(10, JAVA_LONG);
  private static final int HBLKHD = 4; // in mappings of their own
  private static final int UORDBLKS = 7; // in the heap
  private static final MethodHandle MALLINFO = mallinfo();

  public static JvmResources now() {
    return new JvmResources(descriptorCount(), mappedMapCount(), allocated());
  }

  /** Whether this is more than before, by more than a few of the JVM's own buffers. */
  public boolean exceed(JvmResources before) {
    return descriptors > before.descriptors
        || mappedMaps > before.mappedMaps
        || nativeBytes > before.nativeBytes + NOISE;
  }

  private static int descriptorCount() {
    return Objects.requireNonNull(new File("/proc/self/fd").list()).length;
  }

  private static long mappedMapCount() {
    try (var lines = Files.lines(Path.of("/proc/self/maps"))) {
      return lines.filter(line -> line.contains("bpf-map")).count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long allocated() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment info = (MemorySegment) MALLINFO.invokeExact((SegmentAllocator) arena);
      return info.getAtIndex(JAVA_LONG, HBLKHD) + info.getAtIndex(JAVA_LONG, UORDBLKS);
    } catch (Throwable e) {
      throw new AssertionError("mallinfo2", e);
    }
  }

  @SuppressWarnings("restricted") // Tests are given native access as a whole.
  private static MethodHandle mallinfo() {
    Linker linker = Linker.nativeLinker();
    MemoryLayout struct = MemoryLayout.structLayout(MALLINFO2);
    return linker.downcallHandle(
        linker.defaultLookup().findOrThrow("mallinfo2"), FunctionDescriptor.of(struct));
  }
}
