// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.maps;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/**
 * A scenario with values for its parameters.
 *
 * @param scenario what is done
 * @param parameters to what, and how often: names and values as JMH has them
 */
record Case(Scenario scenario, Map<String, String> parameters) {
  private static final String KIND = "kind";
  private static final List<String> QUICK_SIZES = List.of("1024");

  /** All of them, in the order of the table. */
  static List<Case> all() {
    return Stream.of(Scenario.values()).flatMap(scenario -> of(scenario).stream()).toList();
  }

  private static List<Case> of(Scenario scenario) {
    var cases = List.of(new Case(scenario, Map.of()));
    for (var field : parameters(scenario.benchmark)) {
      var more = new ArrayList<Case>();
      for (var one : cases) {
        for (var value : field.getAnnotation(Param.class).value()) {
          var parameters = new LinkedHashMap<>(one.parameters);
          parameters.put(field.getName(), value);
          more.add(new Case(scenario, parameters));
        }
      }
      cases = more;
    }
    return cases;
  }

  /** The kind of map before the sizes. */
  private static List<Field> parameters(Class<?> benchmark) {
    return Arrays.stream(benchmark.getFields())
        .filter(field -> field.isAnnotationPresent(Param.class))
        .sorted(Comparator.comparing(field -> !field.getName().equals(KIND)))
        .toList();
  }

  /** Who can do it. A map of numbers has one for each key, not one for each CPU. */
  List<Variant> variants() {
    var methods =
        Arrays.stream(scenario.benchmark.getMethods())
            .filter(method -> method.isAnnotationPresent(Benchmark.class))
            .map(method -> method.getName())
            .collect(Collectors.toSet());
    boolean perCpu = MapKind.PERCPU_ARRAY.name().equals(parameters.get(KIND));
    return Arrays.stream(Variant.values())
        .filter(variant -> methods.contains(variant.method()))
        .filter(variant -> !perCpu || variant != Variant.NUMBERS)
        .toList();
  }

  /** Whether it is measured when time is short. */
  boolean isQuick() {
    return parameters.entrySet().stream()
        .allMatch(
            parameter ->
                parameter.getKey().equals(KIND) || QUICK_SIZES.contains(parameter.getValue()));
  }

  /** The same operation one by one on the same kind of map. */
  Case single() {
    return new Case(scenario.single(), Map.of(KIND, parameters.get(KIND)));
  }

  /** To what it is done. */
  String target() {
    return parameters.isEmpty() ? scenario.title : String.join(" ", parameters.values());
  }

  /** As the table has it, and {@code --only} looks for. */
  @Override
  public String toString() {
    return parameters.isEmpty() ? scenario.title : scenario.title + ": " + target();
  }
}
