// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import io.github.jbypass.core.BpfException;
import io.github.jbypass.core.BpfObject;
import io.github.jbypass.core.BpfObjectSpec;
import io.github.jbypass.core.Cgroup;
import io.github.jbypass.core.CheckFailedException;
import io.github.jbypass.core.DirectoryInUseException;
import io.github.jbypass.core.KernelUnsupportedException;
import io.github.jbypass.core.LibraryMissingException;
import io.github.jbypass.core.PinException;
import io.github.jbypass.core.PrivilegeException;
import io.github.jbypass.core.VerifierException;
import io.github.jbypass.core.internal.Errno;
import io.github.jbypass.maps.Flows;
import io.github.jbypass.maps.Mesh;
import io.github.jbypass.maps.NetworkRules;
import io.github.jbypass.maps.NetworkRules.Rule;
import io.github.jbypass.programs.Place.Role;
import io.github.jbypass.programs.Transition.Kind;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What a {@link Bypass} shall do. Not thread-safe. */
public final class BypassBuilder {
  /** Where {@link #queueLimit} begins unless it is given. */
  public static final ByteSize DEFAULT_QUEUE_LIMIT = ByteSize.KiB(1536);

  /** The largest {@link #queueLimit}. */
  public static final ByteSize MAX_QUEUE_LIMIT = ByteSize.MiB(4);

  /** The {@link #maxConnections} unless another number is given. */
  public static final int DEFAULT_MAX_CONNECTIONS = 65_536;

  private static final int MAX_CONNECTIONS = 1 << 24;
  private static final int PORT_BYTES = 65_536 / Byte.SIZE;
  private static final String OBJECT = "bypass";
  private static final String RESOURCE = OBJECT + ".bpf.o";
  private static final String REDIRECT = Place.REDIRECT;
  private static final String REDIRECT_PORTABLY = "redirect_messages_portable";
  private static final Set<String> DISPENSABLE =
      Set.of(REDIRECT, Flows.OVER_SOCKETS, Flows.OVER_FILES);

  /** What the kernel refused in this process before: trying again would take as long as loading. */
  private static final Set<String> REFUSED = ConcurrentHashMap.newKeySet();

  private final Map<Object, Cgroup> cgroups = new LinkedHashMap<>();
  private QueueLimit queueLimit = new QueueLimit(DEFAULT_QUEUE_LIMIT, true);
  private int maxConnections = DEFAULT_MAX_CONNECTIONS;
  private EnrolmentPolicy policy = EnrolmentPolicy.everything();
  private boolean shortConnectionsStay = true;
  private boolean forced;
  private @Nullable Mesh mesh;

  BypassBuilder() {}

  /**
   * Adds a control group: connections among the processes of all given ones are enrolled.
   *
   * @param cgroup the group
   * @return this
   */
  public BypassBuilder cgroup(Cgroup cgroup) {
    cgroups.put(cgroup.path(), cgroup);
    return this;
  }

  /**
   * {@return how many bytes may wait in a receiver's redirected queue} A message that would exceed
   * it goes over TCP, whose flow control then holds the sender; redirecting resumes when the
   * receiver has caught up. A receiver that set a smaller SO_RCVBUF has that as its limit.
   *
   * <p>Unless this is called, the limit is {@link #DEFAULT_QUEUE_LIMIT}, with which bodies of 1 MiB
   * through two sidecars pass in one go, and for a receiver that reads fast, whose receive buffer
   * TCP has enlarged beyond that, as much as that buffer (at most what net.ipv4.tcp_rmem allows).
   *
   * <p>It is memory that the kernel may spend on each connection beyond TCP's own buffers. Below
   * the size of an application's largest burst, bursts take the slower path.
   *
   * @param limit at least 1 byte, at most {@link #MAX_QUEUE_LIMIT}
   * @throws IllegalArgumentException if it is not
   */
  public BypassBuilder queueLimit(ByteSize limit) {
    if (limit.bytes() < 1 || limit.bytes() > MAX_QUEUE_LIMIT.bytes()) {
      throw new IllegalArgumentException(
          "a queue limit of " + limit + " is not between 1 B and " + MAX_QUEUE_LIMIT);
    }
    queueLimit = new QueueLimit(limit, false);
    return this;
  }

  /**
   * {@return how many connections can be enrolled at a time} Further ones go over TCP and are
   * counted.
   *
   * @param connections at least 1, at most 16,777,216
   * @throws IllegalArgumentException if it is not
   */
  public BypassBuilder maxConnections(int connections) {
    if (connections < 1 || connections > MAX_CONNECTIONS) {
      throw new IllegalArgumentException(
          connections + " connections are not between 1 and " + MAX_CONNECTIONS);
    }
    maxConnections = connections;
    return this;
  }

  /**
   * {@return which local connections are enrolled; all unless given}
   *
   * @param enrolled which connections to enrol
   */
  public BypassBuilder policy(EnrolmentPolicy enrolled) {
    policy = enrolled;
    return this;
  }

  /**
   * Enrols every connection, however short. Unless this is called, it is learned how many messages
   * the connections to each service (the address and port that clients connect to) carry. A service
   * whose latest ones carried too few has only samples enrolled, one in 10 ms, until one of them
   * carries more or none has ended for 100 ms: enrolling a connection costs about as much as its
   * first eight messages gain. {@link Bypass#services} tells what was learned.
   *
   * @return this
   */
  public BypassBuilder enrolShortConnections() {
    shortConnectionsStay = false;
    return this;
  }

  /**
   * Also leads connections of mesh pods to their sidecars, in place of iptables rules: those of the
   * pods that are put into {@link Bypass#pods}. The pods' processes have to be in the control
   * groups.
   *
   * <p>Takes CAP_SYS_ADMIN for pods that have a network namespace.
   *
   * @param mesh what the sidecars look like
   * @return this
   */
  public BypassBuilder intercept(Mesh mesh) {
    this.mesh = mesh;
    return this;
  }

  /**
   * Loads also where a check fails that {@link #load} makes, with a warning to the system logger
   * instead: bytes may then be lost or overtake each other.
   *
   * @return this
   */
  public BypassBuilder force() {
    forced = true;
    return this;
  }

  /**
   * Loads the programs into the kernel and tries out what they depend on. Nothing is attached yet.
   *
   * @return the loaded programs, to be closed
   * @throws IllegalStateException if no control group was given
   * @throws LibraryMissingException if libbpf is not there
   * @throws PrivilegeException if the process lacks capabilities
   * @throws KernelUnsupportedException if the kernel lacks BPF or BTF
   * @throws VerifierException if the kernel rejects a program
   * @throws CheckFailedException if the programs do not keep all bytes in order on this kernel, or
   *     do not redirect at all; {@link #force} loads them all the same
   * @throws BpfException if anything else fails; whatever was loaded is released
   */
  public Bypass load() {
    return load(() -> null);
  }

  /**
   * Loads programs that take over what is pinned in a directory: all that is known of connections,
   * and whether redirecting is switched off. Pods, policy, control groups and limits are as given
   * here. Nothing changes before {@link Bypass#attach}, which puts these programs in the place of
   * those that are there, at each place in one step.
   *
   * <p>If what is pinned there is of another layout (another version of the library, another {@link
   * #maxConnections}, with or without {@link #intercept}), it can't be taken over: then these
   * programs are attached and pinned beside it. It serves the connections that it has, and is
   * removed {@linkplain Bypass#retirePredecessors after the last}.
   *
   * @param directory where {@link Bypass#pinTo} has pinned
   * @return the loaded programs, which {@link Bypass#close} leaves pinned
   * @throws PinException if nothing is pinned there, or what is there is damaged or not this user's
   * @throws DirectoryInUseException if another process, or this one already, works with it
   * @throws BpfException as {@link #load}
   */
  public Bypass adopt(Path directory) {
    return load(() -> PinRoot.open(directory));
  }

  /**
   * As {@link #adopt} if something is pinned in a directory; otherwise as {@link #load} and {@link
   * Bypass#pinTo}. Nobody else can pin anything there in between.
   *
   * @param directory in a bpf file system; made if it does not exist, but not the one that holds it
   * @return the loaded programs, which {@link Bypass#close} leaves pinned once they were attached
   * @throws PinException if what is there is damaged or not this user's
   * @throws DirectoryInUseException if another process, or this one already, works with it
   * @throws BpfException as {@link #load}
   */
  public Bypass adoptOrLoad(Path directory) {
    return load(() -> PinRoot.create(directory));
  }

  private void requireCgroup() {
    if (cgroups.isEmpty()) {
      throw new IllegalStateException("no control group given: call cgroup() before load()");
    }
  }

  private Bypass load(Supplier<@Nullable PinRoot> root) {
    requireCgroup();
    var transition = Transition.begin(Kind.LOAD).with("cgroups", Bypass.paths(cgroups.values()));
    return transition.make(() -> load(root.get(), transition));
  }

  private Bypass load(@Nullable PinRoot root, Transition transition) {
    try {
      var loaded = loadObject(root);
      try {
        var bypass = prepare(loaded, root);
        transition
            .with("bypass", bypass.id())
            .with("programs", loaded.object().programs().size())
            .with("redirector", loaded.redirector().name())
            .with("fionread", bypass.fionread().name().toLowerCase(Locale.ROOT))
            .with("intercepts", mesh != null)
            .with("adopts", loaded.adopted() != null);
        return bypass;
      } catch (RuntimeException e) {
        loaded.object().close();
        throw e;
      }
    } catch (RuntimeException e) {
      if (root != null) {
        root.close();
      }
      throw e;
    }
  }

  private Bypass prepare(Loaded loaded, @Nullable PinRoot root) {
    var object = loaded.object();
    addNetworks(object);
    var fionread = FionreadProbe.run(object);
    check(loaded, fionread);
    var interception = mesh == null ? null : new Interception(object, mesh);
    try {
      var places = new ArrayList<Place>();
      var sockets = object.map("sockets");
      places.add(Place.at(sockets, Place.REDIRECT, loaded.redirector()));
      if (fionread == FionreadSupport.REPAIRED) {
        places.add(Place.at(sockets, Place.PASS, object.program(Place.PASS)));
      }
      var tracker = object.program(Bypass.TRACKER);
      cgroups.values().forEach(cgroup -> places.add(Place.in(cgroup, Role.TRACKER, tracker)));
      if (interception != null) {
        places.addAll(interception.places(cgroups.values()));
      }
      var lifeCycle = new LifeCycle(loaded, places, interception, root);
      return new Bypass(loaded, cgroups.values(), fionread, interception, lifeCycle);
    } catch (RuntimeException e) {
      if (interception != null) {
        interception.close();
      }
      throw e;
    }
  }

  /** What is adopted carries traffic: then the same is loaded once more, for the checks alone. */
  private void check(Loaded loaded, FionreadSupport fionread) {
    try {
      if (loaded.adopted() == null) {
        LoadChecks.run(loaded, fionread, queueLimit);
        return;
      }
      var apart = loadObject(null);
      try (var _ = apart.object()) {
        LoadChecks.run(apart, fionread, queueLimit);
      }
    } catch (CheckFailedException e) {
      if (!forced) {
        throw e;
      }
      new LogEvent("check_failed")
          .with("reason", String.valueOf(e.getMessage()))
          .log(Level.WARNING);
    }
  }

  /**
   * What this kernel does not take is left out, for the second best: the portable one of the two
   * programs that redirect is slower but needs no typed cast; flows are found among all files, or
   * not told.
   */
  private Loaded loadObject(@Nullable PinRoot root) {
    var refused = new HashSet<>(REFUSED);
    while (true) {
      try {
        return loadObject(refused, root);
      } catch (VerifierException e) {
        var program = e.object().substring(e.object().lastIndexOf(' ') + 1);
        if (!DISPENSABLE.contains(program) || !refused.add(program)) {
          throw e;
        }
        if (e.errno() != Errno.ENOMEM) {
          REFUSED.add(program);
        }
        new LogEvent("program_left_out").with("program", program).log(Level.DEBUG, e);
      }
    }
  }

  private Loaded loadObject(Set<String> refused, @Nullable PinRoot root) {
    var wanted = refused.contains(REDIRECT) ? REDIRECT_PORTABLY : REDIRECT;
    try (var spec = BpfObjectSpec.open(OBJECT, BypassBuilder.class.getResourceAsStream(RESOURCE))) {
      var iterator = firstBut(refused, Bypass.ITERATORS);
      Bypass.ITERATORS.forEach(program -> spec.autoload(program, program.equals(iterator)));
      spec.autoload(wanted.equals(REDIRECT) ? REDIRECT_PORTABLY : REDIRECT, false);
      configure(spec);
      var fingerprint = SharedState.fingerprint(spec, mesh != null);
      var adopted = root == null ? null : root.find(fingerprint).orElse(null);
      if (adopted != null) {
        adopted.shareWith(spec);
      }
      var object = spec.load();
      return new Loaded(object, object.program(wanted), iterator, fingerprint, adopted);
    }
  }

  private static @Nullable String firstBut(Set<String> refused, List<String> programs) {
    return programs.stream().filter(it -> !refused.contains(it)).findFirst().orElse(null);
  }

  private void configure(BpfObjectSpec spec) {
    spec.maxEntries("sockets", 2 * maxConnections); // an entry for each end
    spec.maxEntries("proxies", 2 * maxConnections);
    if (mesh == null) {
      Interception.exclude(spec);
    } else {
      Interception.include(spec, maxConnections);
    }
    spec.set("short_connections_stay", shortConnectionsStay);
    queueLimit.configure(spec);
    setPorts(spec, "included_ports", "ports_are_included", policy.includedPorts());
    setPorts(spec, "excluded_ports", "ports_are_excluded", policy.excludedPorts());
    spec.set("networks_are_included", !policy.includedNetworks().isEmpty());
    spec.set("networks_are_excluded", !policy.excludedNetworks().isEmpty());
  }

  private static void setPorts(BpfObjectSpec spec, String variable, String flag, BitSet ports) {
    spec.set(variable, Arrays.copyOf(ports.toByteArray(), PORT_BYTES));
    spec.set(flag, !ports.isEmpty());
  }

  private void addNetworks(BpfObject object) {
    var rules = new NetworkRules(object);
    policy.includedNetworks().forEach(network -> rules.put(network, Rule.INCLUDED));
    policy.excludedNetworks().forEach(network -> rules.put(network, Rule.EXCLUDED));
  }
}
