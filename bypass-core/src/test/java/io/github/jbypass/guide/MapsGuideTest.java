// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.guide;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.jbypass.core.BpfMap;
import io.github.jbypass.core.BpfMapSpec;
import io.github.jbypass.core.BpfObject;
import io.github.jbypass.core.KernelLink;
import io.github.jbypass.core.MapFlag;
import io.github.jbypass.core.MapType;
import io.github.jbypass.core.MappedArray;
import io.github.jbypass.core.RingBuffer;
import io.github.jbypass.core.UnsupportedByTypeException;
import io.github.jbypass.core.UpdateMode;
import io.github.jbypass.core.typed.BigEndian;
import io.github.jbypass.core.typed.Codec;
import io.github.jbypass.core.typed.LongMap;
import io.github.jbypass.core.typed.MapOfMaps;
import io.github.jbypass.core.typed.PerCpuMap;
import io.github.jbypass.core.typed.RecordCodec;
import io.github.jbypass.core.typed.TypedMap;
import io.github.jbypass.testing.KernelTest;
import java.lang.foreign.Arena;
import java.lang.invoke.MethodHandles;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** docs/maps.md */
@KernelTest
class MapsGuideTest {
  record Endpoint(@BigEndian int address, @BigEndian char port) {}

  record Traffic(long connects, long lastNs) {}

  private WatchedGroup group;
  private BpfObject object;
  private KernelLink link;

  @BeforeEach
  void attach() {
    group = new WatchedGroup();
    object = WatchedGroup.open().load();
    link = object.program("on_connect").attach(group.cgroup());
  }

  @AfterEach
  void detach() {
    link.close();
    object.close();
    group.close();
  }

  @Test
  void memorySegments() {
    group.connect(3);
    int port = group.port();
    long seen = 0;
    BpfMap map = object.map("connects_by_port");
    try (var arena = Arena.ofConfined()) {
      var key = arena.allocate(JAVA_INT);
      var value = arena.allocate(JAVA_LONG);
      key.set(JAVA_INT, 0, port);
      if (map.lookup(key, value)) {
        seen = value.get(JAVA_LONG, 0);
        value.set(JAVA_LONG, 0, 0);
        map.update(key, value, UpdateMode.EXIST); // begins to count anew
      }
      map.delete(key);
    }

    assertThat(seen).isEqualTo(3);
  }

  @Test
  void numbers() {
    group.connect(2);
    int port = group.port();
    var ports = LongMap.of(object.map("connects_by_port"));
    long connects = ports.get(port, 0); // 0 if there is no entry
    ports.put(443, 0);
    ports.forEach((number, count) -> System.out.println("port " + number + ": " + count));

    assertThat(connects).isEqualTo(2);
    assertThat(ports.contains(443)).isTrue();
  }

  @Test
  void records() {
    group.connect(1);
    int port = group.port();
    var lookup = MethodHandles.lookup();
    var endpoints =
        TypedMap.of(
            object.map("endpoints"),
            RecordCodec.of(lookup, Endpoint.class, object.btf().struct("endpoint")),
            RecordCodec.of(lookup, Traffic.class, object.btf().struct("traffic")));
    var traffic = endpoints.get(new Endpoint(0x7f000001, (char) port)); // or null

    assertThat(traffic.connects()).isOne();
  }

  @Test
  void batches() {
    var map = object.map("connects_by_port");
    try (var arena = Arena.ofConfined()) {
      var keys = arena.allocate(JAVA_INT, 1000);
      var values = arena.allocate(JAVA_LONG, 1000);
      for (int i = 0; i < 1000; i++) {
        keys.setAtIndex(JAVA_INT, i, i);
      }
      map.updateBatch(keys, values, 1000); // one system call

      long sum = 0;
      var cursor = map.lookupBatches(arena, 256);
      while (cursor.next()) {
        for (int i = 0; i < cursor.count(); i++) {
          sum += cursor.key(i).get(JAVA_INT, 0);
        }
      }
      assertThat(sum).isEqualTo(999 * 1000 / 2);
    }
  }

  @Test
  void typedBatches() {
    var ports = TypedMap.of(object.map("connects_by_port"), Codec.INT, Codec.LONG);
    ports.putAll(Map.of(80, 0L, 443, 0L));
    var drained = new ArrayList<Integer>();
    ports.drain((port, connects) -> drained.add(port)); // takes all entries out, loses no count

    assertThat(drained).containsExactlyInAnyOrder(80, 443);
    assertThat(ports.get(80)).isNull();
  }

  @Test
  void whileOthersChangeTheMap() {
    group.connect(1);
    var ports = TypedMap.of(object.map("connects_by_port"), Codec.INT, Codec.LONG);
    ports.forEach(
        (port, connects) -> {
          if (connects < 10) {
            ports.remove(port); // the walk goes on
          }
        });

    assertThat(ports.get(group.port())).isNull();
  }

  @Test
  void perCpuValues() {
    group.connect(5);
    var map = object.map("connects_by_cpu");
    try (var arena = Arena.ofConfined()) {
      var key = arena.allocate(JAVA_INT); // 0
      var values = map.perCpu(arena);
      map.lookup(key, values.values());
      System.out.println(values.sumLongs(0) + " on " + values.cpus() + " CPUs");
      assertThat(values.sumLongs(0)).isEqualTo(5);
    }

    var typed = PerCpuMap.of(map, Codec.INT, Codec.LONG);
    List<Long> each = typed.get(0); // one for each possible CPU
    Long sum = typed.merge(0, Long::sum);

    assertThat(each.stream().mapToLong(Long::longValue).sum()).isEqualTo(5);
    assertThat(sum).isEqualTo(5);
  }

  @Test
  void arraysAsMemory() {
    group.connect(4);
    try (var totals = object.map("totals").mapped(MappedArray.Access.READ)) {
      long tcp = totals.longs().getOpaque(0); // no system call
      long all = totals.longs().sum();

      assertThat(tcp).isEqualTo(4);
      assertThat(all).isEqualTo(4);
    }
  }

  @Test
  void eventsOneByOne() {
    var codec =
        RecordCodec.of(MethodHandles.lookup(), Endpoint.class, object.btf().struct("endpoint"));
    var seen = new ArrayList<Endpoint>();
    group.connect(2);
    try (var ring = RingBuffer.open(object, "events")) {
      int records =
          ring.poll(
              (memory, offset, _) -> seen.add(codec.read(memory, offset)), Duration.ofSeconds(1));
      System.out.println(records + " records, " + ring.dropped().orElse(0) + " dropped");
    }

    var endpoint = new Endpoint(0x7f000001, (char) group.port());
    assertThat(seen).containsExactly(endpoint, endpoint);
  }

  @Test
  void whatATypeCannotDo() {
    try (var arena = Arena.ofConfined()) {
      var sockets = object.map("sockets");
      assertThatThrownBy(() -> sockets.lookupBatches(arena, 16).next())
          .isInstanceOf(UnsupportedByTypeException.class)
          .hasMessage(
              """
              look up a batch in map sockets: maps of type SOCKHASH can't do that: do it one by one [ENOTSUPP]\
              """);
    }
  }

  @Test
  void mapsWithoutAnObject() {
    var spec =
        new BpfMapSpec("allowed", MapType.HASH, Integer.BYTES, Long.BYTES, 100)
            .with(MapFlag.NO_PREALLOC);
    try (var map = BpfMap.create(spec)) {
      LongMap.of(map).put(443, 1);
      System.out.println(map.info());
    }
  }

  @Test
  void mapsOfMaps() {
    var inner = new BpfMapSpec("ports", MapType.HASH, Integer.BYTES, Long.BYTES, 100);
    var outer =
        new BpfMapSpec("tenants", MapType.HASH_OF_MAPS, Integer.BYTES, Integer.BYTES, 10)
            .holding(inner);
    try (var map = BpfMap.create(outer);
        var ports = BpfMap.create(inner)) {
      LongMap.of(ports).put(443, 1);
      var tenants = MapOfMaps.of(map, Codec.INT);
      tenants.put(7, ports); // lives there from now on, even if ports is closed
      try (var found = tenants.open(7)) {
        System.out.println(LongMap.of(found).get(443, 0));
        assertThat(LongMap.of(found).get(443, 0)).isOne();
      }
    }
  }

  @Test
  void queues() {
    var spec = new BpfMapSpec("work", MapType.QUEUE, 0, Long.BYTES, 100);
    try (var queue = BpfMap.create(spec);
        var arena = Arena.ofConfined()) {
      var value = arena.allocate(JAVA_LONG);
      value.set(JAVA_LONG, 0, 42);
      queue.push(value);
      while (queue.pop(value)) {
        System.out.println(value.get(JAVA_LONG, 0));
      }
      assertThat(value.get(JAVA_LONG, 0)).isEqualTo(42);
    }
  }

  @Test
  void oneMapForTwoObjects() {
    try (var ports = BpfMap.create(new BpfMapSpec("ports", MapType.HASH, 4, 8, 1024));
        var spec = WatchedGroup.open()) {
      spec.replaceMap("connects_by_port", ports);
      try (var second = spec.load()) {
        assertThat(second.map("connects_by_port").info().id()).isEqualTo(ports.info().id());
      }
    }
  }
}
