// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.guide;

import io.github.jbypass.core.BpfMap;
import io.github.jbypass.core.BpfMapSpec;
import io.github.jbypass.core.BpfObject;
import io.github.jbypass.core.BpfObjectSpec;
import io.github.jbypass.core.Cgroup;
import io.github.jbypass.core.KernelStatistics;
import io.github.jbypass.core.MapFlag;
import io.github.jbypass.core.MapType;
import io.github.jbypass.core.MappedArray;
import io.github.jbypass.core.NetworkNamespace;
import io.github.jbypass.core.PinDirectory;
import io.github.jbypass.core.PrivilegeException;
import io.github.jbypass.core.RingBuffer;
import io.github.jbypass.core.TcDirection;
import java.io.IOException;
import java.nio.file.Path;

/** What docs/privileges.md lists, tried by a process that is not root. */
enum Attempt {
  OPEN("open and inspect an object; `KernelReport`") {
    @Override
    void run(Path cgroup, Path pins) {
      WatchedGroup.open().close();
    }
  },
  CREATE("create, look up, update a map; `RingBuffer`, `MappedArray`") {
    @Override
    void run(Path cgroup, Path pins) {
      for (var type : new MapType[] {MapType.HASH, MapType.LRU_HASH, MapType.PERCPU_HASH}) {
        BpfMap.create(new BpfMapSpec("numbers", type, 4, 8, 8)).close();
      }
      BpfMap.create(new BpfMapSpec("trie", MapType.LPM_TRIE, 8, 8, 8)).close();
      try (var ring = BpfMap.create(new BpfMapSpec("ring", MapType.RINGBUF, 0, 0, 4096))) {
        RingBuffer.open(ring).close();
      }
      var array = new BpfMapSpec("array", MapType.ARRAY, 4, 8, 8).with(MapFlag.MMAPABLE);
      try (var map = BpfMap.create(array)) {
        map.mapped(MappedArray.Access.READ_WRITE).close();
      }
    }
  },
  PIN("pin and open pins in a directory of one's own") {
    @Override
    void run(Path cgroup, Path pins) {
      var directory = PinDirectory.at(pins);
      try (var map = BpfMap.create(new BpfMapSpec("numbers", MapType.HASH, 4, 8, 8))) {
        map.pin(directory.file("numbers"));
        BpfMap.openPin(directory.file("numbers")).close();
        directory.unpin("numbers");
      }
    }
  },
  SOCKET_MAP("create a SOCKMAP or SOCKHASH") {
    @Override
    void run(Path cgroup, Path pins) {
      BpfMap.create(new BpfMapSpec("sockets", MapType.SOCKHASH, 8, 8, 8)).close();
      BpfMap.create(new BpfMapSpec("sockets", MapType.SOCKMAP, 4, 8, 8)).close();
    }
  },
  NETWORK("load and attach programs at control groups, socket maps, network devices") {
    @Override
    void run(Path cgroup, Path pins) throws IOException {
      try (var object = WatchedGroup.open().load()) {
        object.program("on_connect").attach(Cgroup.at(cgroup)).close();
        object.program("on_message").attach(object.map("sockets")).close();
      }
      try (var object = load("packets", "first")) {
        var loopback = NetworkNamespace.ofThisProcess().device("lo");
        object.program("first").attach(loopback, TcDirection.INGRESS).close();
      }
    }
  },
  TRACE("load iterators, and network programs that read kernel memory") {
    @Override
    void run(Path cgroup, Path pins) throws IOException {
      load("rejections", "reads_kernel_memory").close();
      load("iterators", "dump_programs").close();
    }
  },
  STATISTICS("`KernelStatistics`, `openById`, `RunningObject`, other network namespaces") {
    @Override
    void run(Path cgroup, Path pins) {
      KernelStatistics.enable().close();
    }
  };

  /** The first cell of its row. */
  final String title;

  Attempt(String title) {
    this.title = title;
  }

  abstract void run(Path cgroup, Path pins) throws IOException;

  private static BpfObject load(String object, String program) throws IOException {
    try (var elf = Attempt.class.getResourceAsStream("/bpf/" + object + ".bpf.o");
        var spec = BpfObjectSpec.open(object, elf.readAllBytes())) {
      spec.programNames().forEach(name -> spec.autoload(name, name.equals(program)));
      return spec.load();
    }
  }

  /** Makes all attempts, and prints what became of each. */
  public static void main(String[] arguments) throws IOException {
    for (var attempt : values()) {
      try {
        attempt.run(Path.of(arguments[0]), Path.of(arguments[1]));
        System.out.println(attempt + " done");
      } catch (PrivilegeException e) {
        System.out.println(attempt + " refused");
      }
    }
  }
}
