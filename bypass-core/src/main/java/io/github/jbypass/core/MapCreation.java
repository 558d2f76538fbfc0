// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import io.github.jbypass.core.internal.Errno;
import io.github.jbypass.core.internal.Fd;
import io.github.jbypass.core.internal.MapCalls;
import io.github.jbypass.core.internal.MapCalls.BtfTypes;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Creates maps, and says why the kernel does not. */
final class MapCreation {
  private static final int MAX_NAME = 15;
  private static final int PAGE = 4096;

  private static final int BTF_MAGIC = 0xeb9f;
  private static final int BTF_HEADER = 24;
  private static final int BTF_TYPES = 16 + 16 + 24; // two integers and an array
  private static final int KIND_INT = 1 << 24;
  private static final int KIND_ARRAY = 3 << 24;

  private MapCreation() {}

  /** The descriptor of a new map. */
  static int create(BpfMapSpec spec) {
    var description = "map " + spec.name();
    Failure.requireLibbpf("create", description);
    if (!spec.name().matches("[A-Za-z0-9_.]{0," + MAX_NAME + "}")) {
      throw new IllegalArgumentException(
          spec.name() + " can't name a map: at most 15 letters, digits, '_' and '.'");
    }
    if (spec.type() == MapType.OTHER) {
      throw new IllegalArgumentException("maps of unknown type can't be created");
    }
    var inner = spec.inner();
    if (inner != null) {
      try (var prototype = new Fd(create(inner), "map " + inner.name())) {
        return create(spec, prototype.number(), BtfTypes.NONE, description);
      }
    }
    if (spec.type() == MapType.SK_STORAGE) {
      int types = Failure.check("describe", description, MapCalls.loadBtf(btf(spec.valueSize())));
      try (var btf = new Fd(types, "BTF of " + description)) {
        return create(spec, 0, new BtfTypes(btf.number(), 1, 3), description);
      }
    }
    return create(spec, 0, BtfTypes.NONE, description);
  }

  private static int create(BpfMapSpec spec, int inner, BtfTypes btf, String description) {
    int fd =
        MapCalls.create(
            spec.type().number(),
            spec.name(),
            spec.keySize(),
            spec.valueSize(),
            spec.maxEntries(),
            spec.flags(),
            inner,
            btf);
    if (fd >= 0) {
      return fd;
    }
    var faults = fd == -Errno.EINVAL || fd == -Errno.E2BIG ? faults(spec) : List.<String>of();
    throw faults.isEmpty()
        ? CreateFailure.of(
            description, spec.type(), spec.maxEntries(), spec.keySize(), spec.valueSize(), -fd)
        : Failure.of("create", description, -fd, String.join("; ", faults));
  }

  /** What the kernel does not accept, as far as it is known. */
  private static List<String> faults(BpfMapSpec spec) {
    var faults = new ArrayList<String>();
    var type = spec.type();
    boolean keyless = type == MapType.QUEUE || type == MapType.STACK || type == MapType.RINGBUF;
    if (keyless && spec.keySize() != 0) {
      faults.add("a " + type + " has no keys: their size is 0");
    }
    if (!keyless && spec.keySize() <= 0) {
      faults.add("keys need a size");
    }
    if ((type.isIndexed() || type == MapType.SK_STORAGE) && spec.keySize() != Integer.BYTES) {
      faults.add("keys of a " + type + " have 4 bytes, not " + spec.keySize());
    }
    if (type == MapType.RINGBUF) {
      if (spec.valueSize() != 0) {
        faults.add("a RINGBUF has no values: their size is 0");
      }
      if (Integer.bitCount(spec.maxEntries()) != 1 || spec.maxEntries() < PAGE) {
        faults.add("a RINGBUF has a power of two of bytes, at least a page");
      }
    } else if (spec.valueSize() <= 0) {
      faults.add("values need a size");
    }
    if (type == MapType.SK_STORAGE ? spec.maxEntries() != 0 : spec.maxEntries() <= 0) {
      faults.add(
          type == MapType.SK_STORAGE
              ? "SK_STORAGE has no limit of entries: it is 0"
              : "the map needs at least one entry");
    }
    if (type == MapType.LPM_TRIE && (spec.keySize() < 5 || spec.keySize() > 260)) {
      faults.add("keys of an LPM_TRIE are a prefix length of 4 bytes and 1 to 256 bytes of data");
    }
    if (type.holdsSockets() && spec.valueSize() != 4 && spec.valueSize() != 8) {
      faults.add("values of a " + type + " have 4 or 8 bytes, not " + spec.valueSize());
    }
    if (type.holdsMaps()) {
      if (spec.inner() == null) {
        faults.add("what the inner maps are like is missing");
      }
      if (spec.valueSize() != Integer.BYTES) {
        faults.add("values of a " + type + " have 4 bytes, not " + spec.valueSize());
      }
    }
    if (spec.has(MapFlag.MMAPABLE) && type != MapType.ARRAY) {
      faults.add("the memory of a " + type + " can't be mapped");
    }
    return faults;
  }

  /** The kernel wants socket storage described: an int as key, some bytes as value. */
  static byte[] btf(int valueSize) {
    var strings = "\0int\0char\0".getBytes(StandardCharsets.US_ASCII);
    var btf =
        ByteBuffer.allocate(BTF_HEADER + BTF_TYPES + strings.length).order(ByteOrder.nativeOrder());
    btf.putShort((short) BTF_MAGIC).put((byte) 1).put((byte) 0).putInt(BTF_HEADER);
    btf.putInt(0).putInt(BTF_TYPES).putInt(BTF_TYPES).putInt(strings.length);
    btf.putInt(1).putInt(KIND_INT).putInt(Integer.BYTES).putInt(1 << 24 | Integer.SIZE);
    btf.putInt(5).putInt(KIND_INT).putInt(Byte.BYTES).putInt(Byte.SIZE);
    btf.putInt(0).putInt(KIND_ARRAY).putInt(0).putInt(2).putInt(1).putInt(valueSize);
    return btf.put(strings).array();
  }
}
