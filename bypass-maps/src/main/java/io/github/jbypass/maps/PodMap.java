// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.maps;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.jbypass.core.AlreadyExistsException;
import io.github.jbypass.core.BpfException;
import io.github.jbypass.core.BpfObject;
import io.github.jbypass.core.LayoutMismatchException;
import io.github.jbypass.core.MapFullException;
import io.github.jbypass.core.NotCgroupException;
import io.github.jbypass.core.NotNetworkNamespaceException;
import io.github.jbypass.maps.PodCodec.Identity;
import io.github.jbypass.maps.PodIdentities.Naming;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The mesh pods of this host, for the programs that intercept. Every change, of one pod or of all,
 * takes effect in one step: a connection is led by what was there before, or by what is there
 * afterwards. Connections that exist are not touched. A change that fails changes nothing.
 *
 * <p>Thread-safe. Operations throw {@link IllegalStateException} once the object is closed. Kernel
 * 5.15.
 */
public final class PodMap {
  private static final VarHandle LONG = JAVA_LONG.varHandle();
  private static final VarHandle INT = JAVA_INT.varHandle();

  /** Is told of changes by the thread that makes them. */
  public interface Listener {
    /** A listener that does nothing. */
    Listener NONE = (before, after) -> {};

    /**
     * Pods are about to change. An exception prevents the change.
     *
     * @param before the pods that are there
     * @param after the pods that will be there
     */
    void changing(Collection<Pod> before, Collection<Pod> after);

    /**
     * Pods have changed.
     *
     * @param pods the pods that are there now
     */
    default void changed(Collection<Pod> pods) {}
  }

  /** A pod, its number and what it is known by. */
  private record Entry(Pod pod, int number, Map<Identity, Naming> identities) {}

  private final BpfObject object;
  private final Mesh mesh;
  private final Listener listener;
  private final PodTables tables;
  private final MemorySegment generation;
  private final MemorySegment podsHaveCgroups;
  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private int lastNumber;

  /**
   * The pods of a loaded object; none yet.
   *
   * @param object the loaded programs
   * @param mesh what the pods' sidecars look like
   * @param listener is told of changes
   * @throws LayoutMismatchException if its entries are not what this class writes
   */
  public PodMap(BpfObject object, Mesh mesh, Listener listener) {
    this.object = object;
    this.mesh = mesh;
    this.listener = listener;
    tables = new PodTables(object);
    generation = object.global("pod_generation");
    podsHaveCgroups = object.global("pods_have_cgroups");
  }

  /** {@return what the pods' sidecars look like} */
  public Mesh mesh() {
    return mesh;
  }

  /**
   * Adds a pod.
   *
   * @param pod the pod
   * @throws AlreadyExistsException if there is one of that name
   * @throws IllegalArgumentException if an address, cgroup or namespace is another pod's, or if the
   *     mesh can't do what its policy asks for
   * @throws MapFullException if there is no room
   * @throws BpfException if its cgroup or namespace is not there
   */
  public synchronized void add(Pod pod) {
    if (entries.containsKey(pod.name())) {
      throw new AlreadyExistsException(
          "add", pod.toString(), 0, "there is one of that name: update it, or remove it first");
    }
    change(with(pod), Set.of(pod.name()));
  }

  /**
   * Replaces a pod by another of its name.
   *
   * @param pod the pod
   * @throws IllegalArgumentException if there is none of that name, and as {@link #add} does
   * @throws MapFullException if there is no room
   * @throws BpfException if its cgroup or namespace is not there
   */
  public synchronized void update(Pod pod) {
    if (!entries.containsKey(pod.name())) {
      throw new IllegalArgumentException(
          "there is no " + pod + " to update; there are " + entries.keySet());
    }
    change(with(pod), Set.of(pod.name()));
  }

  /**
   * Removes a pod: its processes connect directly from now on.
   *
   * @param name the pod's name
   * @return whether there was one of that name
   */
  public synchronized boolean remove(String name) {
    if (!entries.containsKey(name)) {
      return false;
    }
    var wanted = wanted();
    wanted.remove(name);
    change(wanted, Set.of());
    return true;
  }

  /**
   * Makes these the pods, whatever there was before: adds, updates and removes in one step.
   *
   * @param pods all there are from now on
   * @throws IllegalArgumentException if two have one name, and as {@link #add} does
   * @throws MapFullException if there is no room
   * @throws BpfException if a cgroup or namespace is not there
   */
  public synchronized void set(Collection<Pod> pods) {
    var wanted = new LinkedHashMap<String, Pod>();
    for (var pod : pods) {
      if (wanted.put(pod.name(), pod) != null) {
        throw new IllegalArgumentException("there are two pods named " + pod.name());
      }
    }
    change(wanted, wanted.keySet());
  }

  /**
   * {@return a pod by its name}
   *
   * @param name the pod's name
   */
  public synchronized Optional<Pod> get(String name) {
    return Optional.ofNullable(entries.get(name)).map(Entry::pod);
  }

  /** {@return all pods} */
  public synchronized List<Pod> list() {
    return entries.values().stream().map(Entry::pod).toList();
  }

  private Map<String, Pod> wanted() {
    var wanted = new LinkedHashMap<String, Pod>();
    entries.forEach((name, entry) -> wanted.put(name, entry.pod));
    return wanted;
  }

  private Map<String, Pod> with(Pod pod) {
    var wanted = wanted();
    wanted.put(pod.name(), pod);
    return wanted;
  }

  /**
   * Prepares everything beside what is in effect, switches, and then removes what was.
   *
   * @param given the names of those that the caller named: what they are known by may have changed
   */
  private void change(Map<String, Pod> wanted, Set<String> given) {
    var next = new LinkedHashMap<String, Entry>();
    wanted.forEach(
        (name, pod) -> {
          var old = entries.get(name);
          next.put(name, old != null && !given.contains(name) ? old : entryFor(pod, old));
        });
    PodIdentities.requireDistinct(
        next.values().stream()
            .collect(
                Collectors.toMap(Entry::pod, Entry::identities, (a, b) -> a, LinkedHashMap::new)));
    var added = new LinkedHashSet<>(next.values());
    added.removeAll(entries.values());
    var removed = new LinkedHashSet<>(entries.values());
    removed.removeAll(next.values());
    if (added.isEmpty() && removed.isEmpty()) {
      return;
    }
    var before = numbers(entries.values());
    var after = numbers(next.values());
    prepare(added, before, after, next.values());
    LONG.setVolatile(generation, 0L, nextGeneration());
    entries.clear();
    entries.putAll(next);
    object.awaitRunningPrograms(); // those that still go by what was there
    INT.setVolatile(podsHaveCgroups, 0L, hasCgroups(after) ? 1 : 0);
    forget(removed, before.keySet(), after.keySet());
    listener.changed(list());
  }

  /** The old entry if it still describes the pod. */
  private Entry entryFor(Pod pod, @Nullable Entry old) {
    boolean same = old != null && old.pod.equals(pod);
    Map<Identity, Naming> identities;
    try {
      identities = PodIdentities.of(pod);
    } catch (NotCgroupException | NotNetworkNamespaceException e) {
      if (same) {
        return old; // it has ended, and others may change all the same
      }
      throw e;
    }
    if (same && old.identities.keySet().equals(identities.keySet())) {
      return old;
    }
    PodIdentities.requireSuitable(pod, mesh);
    return new Entry(pod, ++lastNumber, identities);
  }

  private void prepare(
      Set<Entry> added,
      Map<Identity, Integer> before,
      Map<Identity, Integer> after,
      Collection<Entry> next) {
    try {
      for (var entry : added) {
        tables.write(entry.number, entry.pod, mesh);
      }
      listener.changing(list(), next.stream().map(Entry::pod).toList());
      if (hasCgroups(after)) {
        INT.setVolatile(podsHaveCgroups, 0L, 1); // before any process has to be looked up by it
      }
      tables.stage(before, after, nextGeneration());
    } catch (RuntimeException e) {
      try {
        tables.unstage(before, after);
        added.forEach(entry -> tables.erase(entry.number, entry.pod, mesh));
        listener.changed(list());
      } catch (RuntimeException another) {
        e.addSuppressed(another);
      }
      throw e;
    }
  }

  private void forget(Set<Entry> removed, Set<Identity> before, Set<Identity> after) {
    var gone = new LinkedHashSet<>(before);
    gone.removeAll(after);
    gone.forEach(tables::forget);
    removed.forEach(entry -> tables.erase(entry.number, entry.pod, mesh));
  }

  private long nextGeneration() {
    return (long) LONG.getVolatile(generation, 0L) + 1;
  }

  private static Map<Identity, Integer> numbers(Collection<Entry> entries) {
    var all = new LinkedHashMap<Identity, Integer>();
    entries.forEach(
        entry ->
            entry.identities.forEach(
                (identity, naming) -> all.put(identity, naming.number(entry.number))));
    return all;
  }

  private static boolean hasCgroups(Map<Identity, Integer> identities) {
    return identities.keySet().stream()
        .anyMatch(identity -> identity.kind() == Identity.Kind.CGROUP);
  }
}
