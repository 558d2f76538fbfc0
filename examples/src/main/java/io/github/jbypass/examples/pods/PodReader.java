// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples.pods;

import io.github.jbypass.core.Cgroup;
import io.github.jbypass.core.NetworkNamespace;
import io.github.jbypass.core.NotCgroupException;
import io.github.jbypass.core.NotNetworkNamespaceException;
import io.github.jbypass.maps.Mesh;
import io.github.jbypass.maps.Pod;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/** Reads the elements of {@code pods}, one after the other. */
final class PodReader {
  private static final Path NAMESPACES = Path.of("/run/netns");
  static final Set<String> FIELDS =
      new LinkedHashSet<>(
          List.of("name", "addresses", "namespace", "cgroups", "sidecarCgroups", "policy"));

  private final Mesh mesh;

  private final Set<String> names = new HashSet<>();

  /** Whose each address, cgroup and namespace is. */
  private final Map<Object, String> owners = new HashMap<>();

  PodReader(Mesh mesh) {
    this.mesh = mesh;
  }

  Pod read(Value value) {
    Map<String, Value> fields = value.fields(FIELDS);
    Value name = fields.remove("name");
    if (name == null) {
      throw value.wrong("the pod's name is missing");
    }
    Pod.Builder pod = name.parsed(Pod::named);
    if (!names.add(name.text())) {
      throw name.wrong("there is another pod named '" + name.text() + "'");
    }
    fields.forEach((field, content) -> read(field, content, name.text(), pod));
    return value.as(_ -> pod.build());
  }

  private void read(String field, Value value, String pod, Pod.Builder to) {
    switch (field) {
      case "addresses" -> each(value, InetAddress::ofLiteral, pod, to::address);
      case "cgroups" -> each(value, PodReader::cgroup, pod, to::cgroup);
      case "sidecarCgroups" -> each(value, PodReader::cgroup, pod, to::sidecarCgroup);
      case "namespace" -> claim(value, PodReader::namespace, pod, to::namespace);
      case "policy" -> to.policy(PolicyReader.read(value, mesh));
      default -> throw new AssertionError(field);
    }
  }

  private <T> void each(Value list, Function<String, T> parser, String pod, Consumer<T> action) {
    list.list().forEach(value -> claim(value, parser, pod, action));
  }

  /** What belongs to two pods would say of nothing to which of them it belongs. */
  private <T> void claim(Value value, Function<String, T> parser, String pod, Consumer<T> action) {
    T thing = value.parsed(parser);
    String owner = owners.putIfAbsent(thing instanceof Cgroup group ? group.path() : thing, pod);
    if (owner != null) {
      throw value.wrong("%s is there already, in pod '%s'".formatted(value.text(), owner));
    }
    value.as(
        _ -> {
          action.accept(thing);
          return thing;
        });
  }

  private static Cgroup cgroup(String path) {
    try {
      return Cgroup.at(Cgroup.mountPoint().resolve(path));
    } catch (NotCgroupException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  private static NetworkNamespace namespace(String name) {
    try {
      return NetworkNamespace.at(NAMESPACES.resolve(name));
    } catch (NotNetworkNamespaceException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }
}
