// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.datapath;

import io.github.jbypass.benchmarks.results.Metric;
import io.github.jbypass.core.AttachType;
import io.github.jbypass.core.AttachedProgram;
import io.github.jbypass.core.Cgroup;
import io.github.jbypass.examples.Main;
import io.github.jbypass.maps.Counters;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** How long an agent takes from the start of its JVM until it is attached, and its memory. */
final class Startup implements Section {
  private static final Metric START = Metric.less("start to attached", "ms");
  private static final Metric RESIDENT = Metric.less("resident memory", "MiB");
  private static final Metric PRIVATE = Metric.less("memory of its own", "MiB");
  private static final Pattern RSS = Pattern.compile("(?m)^Rss:\\s+(\\d+) kB$");
  private static final Pattern OWN = Pattern.compile("(?m)^Private_(?:Clean|Dirty):\\s+(\\d+) kB$");
  private static final long SETTLING_MILLIS = 1000;
  private static final long END_SECONDS = 60; // a JVM that records writes its cache then

  /** A way to start it. */
  private record Way(String name, List<String> options) implements Variant {
    @Override
    public Optional<Counters> counters() {
      return Optional.empty();
    }
  }

  @Override
  public void run(Setting setting, Findings findings) throws Exception {
    var directory = Files.createTempDirectory("jbypass-bench-start");
    var cache = directory.resolve("agent.aot");
    try (var enclave = new Enclave("start")) {
      var ways = ways(enclave.cgroup(), cache, findings);
      new Turns<>("the agent's JVM", ways, setting, findings)
          .measure("./bypass agent", Proof.REDIRECTS, way -> start(enclave.cgroup(), way.options));
    } finally {
      for (var file :
          List.of(cache, directory.resolve(cache.getFileName() + ".config"), directory)) {
        Files.deleteIfExists(file);
      }
    }
  }

  private static List<Way> ways(Cgroup cgroup, Path cache, Findings findings)
      throws IOException, InterruptedException {
    var frugal = List.of("-XX:+UseSerialGC", "-Xmx32m");
    var cold = List.of(new Way("cold", List.of()), new Way("cold, small heap", frugal));
    findings.note("small heap: " + String.join(" ", frugal));
    var first = System.getProperty("java.class.path").split(File.pathSeparator)[0];
    if (Files.isDirectory(Path.of(first))) {
      findings.note(
          "AOT cache not measured: the JVM makes one of jars only, and these are classes");
      return cold;
    }
    start(cgroup, List.of("-XX:AOTCacheOutput=" + cache));
    if (!Files.exists(cache)) {
      throw new UnprovedException("the JVM wrote no AOT cache");
    }
    // Unless told so, a JVM that can't use its cache would go on without, as slow as before.
    var cached = List.of("-XX:AOTMode=on", "-XX:AOTCache=" + cache);
    var ways = new ArrayList<>(cold);
    ways.add(new Way("AOT cache", cached));
    return ways;
  }

  private static Map<Metric, Double> start(Cgroup cgroup, List<String> options)
      throws IOException, InterruptedException {
    var line = new ArrayList<String>();
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    line.add("--enable-native-access=ALL-UNNAMED");
    line.addAll(options);
    line.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    line.addAll(List.of("agent", "--cgroup", cgroup.path().toString()));
    long start = System.nanoTime();
    var process = new ProcessBuilder(line).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    try (var output = process.inputReader()) {
      var first = output.readLine();
      long nanos = System.nanoTime() - start;
      if (!"READY".equals(first)
          || AttachedProgram.list(cgroup, AttachType.CGROUP_SOCK_OPS).isEmpty()) {
        throw new UnprovedException("the agent is not attached: it said " + first);
      }
      Thread.sleep(SETTLING_MILLIS);
      var figures = new LinkedHashMap<Metric, Double>();
      figures.put(START, nanos / 1e6);
      figures.putAll(memory(process.pid()));
      process.toHandle().destroy(); // the process itself would close its output as well
      output.readAllAsString(); // so that it can end
      if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new UnprovedException("the agent did not end as it should");
      }
      return figures;
    } finally {
      process.destroyForcibly().onExit().join();
    }
  }

  private static Map<Metric, Double> memory(long pid) throws IOException {
    var text = Files.readString(Path.of("/proc", Long.toString(pid), "smaps_rollup"));
    return Map.of(RESIDENT, mebibytes(RSS, text), PRIVATE, mebibytes(OWN, text));
  }

  private static double mebibytes(Pattern pattern, String text) {
    return pattern.matcher(text).results().mapToLong(line -> Long.parseLong(line.group(1))).sum()
        / (double) (1 << 10);
  }
}
