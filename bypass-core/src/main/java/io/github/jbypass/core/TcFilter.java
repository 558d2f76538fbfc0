// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import io.github.jbypass.core.internal.Errno;
import io.github.jbypass.core.internal.RouteSocket;
import io.github.jbypass.core.internal.TcCalls;
import io.github.jbypass.core.internal.TcFilterState;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A program that is attached to a network device as a direct-action filter of its clsact qdisc:
 * what {@code tc filter show dev NAME ingress} lists.
 *
 * <p>There are two kinds. One that {@link BpfProgram#attach(NetworkDevice, TcDirection)} made,
 * because the kernel has no tcx, is removed when it is closed. A persistent one, which {@link
 * BpfProgram#attachPersistent} made or {@link #list} found, stays when it is closed and when the
 * process ends; {@link #detach} removes it, whoever made it. Both end with the device. Closing or
 * detaching one whose device or namespace is gone does nothing.
 *
 * <p>The qdisc goes with the last filter in it, provided that this library made it. (Between the
 * look and the removal, somebody else's new filter could slip in and be removed with it: the kernel
 * offers no way to rule that out.)
 *
 * <p>Needs CAP_NET_ADMIN, and in other network namespaces CAP_SYS_ADMIN. Holds nothing open.
 * Thread-safe.
 */
public final class TcFilter implements BpfLink {
  /** The longest name in bytes: the kernel's limit of 256 holds a zero as well. */
  private static final int MAX_NAME = 255;

  private static final int MAX_PRIORITY = 0xFFFF;

  /** With a fixed number, two processes can't both add a filter at one priority. */
  private static final int HANDLE = 1;

  /** Marks filters of a qdisc that this library made: "jb". The class has no meaning in clsact. */
  private static final int OUR_QDISC = 0x6a62;

  private final NetworkDevice device;
  private final TcDirection direction;
  private final TcFilterState state;
  private final boolean persistent;
  private final AtomicBoolean closed = new AtomicBoolean();
  private final AtomicBoolean removed = new AtomicBoolean();

  private TcFilter(
      NetworkDevice device, TcDirection direction, TcFilterState state, boolean persistent) {
    this.device = device;
    this.direction = direction;
    this.state = state;
    this.persistent = persistent;
  }

  /**
   * Lists the direct-action filters of a device, in the order in which they run, whoever made them.
   *
   * @param device the device
   * @param direction which packets
   * @return the filters; closing them detaches nothing that they did not attach
   */
  public static List<TcFilter> list(NetworkDevice device, TcDirection direction) {
    try (var socket = device.namespace().routeSocket()) {
      return filters(socket, device, direction).stream()
          .filter(TcFilterState::direct)
          .map(state -> new TcFilter(device, direction, state, true))
          .toList();
    }
  }

  /**
   * Finds the first direct-action filter of a name.
   *
   * @param device the device
   * @param direction which packets
   * @param name what {@link BpfProgram#attachPersistent} was told
   * @return the filter, if there is one
   */
  public static Optional<TcFilter> find(NetworkDevice device, TcDirection direction, String name) {
    return list(device, direction).stream().filter(f -> f.name().equals(name)).findFirst();
  }

  /** Attaches before all other filters, until the result is closed. */
  static TcFilter create(BpfProgram program, NetworkDevice device, TcDirection direction) {
    return create(program, device, direction, program.name(), 0, 0, false);
  }

  static TcFilter createPersistent(
      BpfProgram program, NetworkDevice device, TcDirection direction, String name, int priority) {
    if (name.isEmpty() || name.getBytes(StandardCharsets.UTF_8).length > MAX_NAME) {
      throw new IllegalArgumentException("not a name for a filter: '" + name + "'");
    }
    if (priority < 1 || priority > MAX_PRIORITY) {
      throw new IllegalArgumentException("not a priority of a filter: " + priority);
    }
    return create(program, device, direction, name, priority, HANDLE, true);
  }

  private static TcFilter create(
      BpfProgram program,
      NetworkDevice device,
      TcDirection direction,
      String name,
      int priority,
      int handle,
      boolean persistent) {
    var description = program + " to " + device;
    try (var socket = device.namespace().routeSocket()) {
      boolean madeQdisc = makeQdisc(socket, device, direction, description);
      int mark = madeQdisc || isOurs(socket, device) ? OUR_QDISC : 0;
      var wanted = new TcFilterState(true, priority, handle, TcCalls.ALL_PROTOCOLS, name, 0, mark);
      var made = new ArrayList<TcFilterState>();
      int result =
          program
              .fd()
              .use(
                  fd ->
                      TcCalls.addFilter(
                          socket, device.index(), parent(direction), wanted, fd, made));
      if (result < 0 && madeQdisc) {
        removeEmptyQdisc(socket, device);
      }
      if (result == -Errno.EEXIST) {
        throw new AlreadyExistsException(
            "attach",
            description,
            Errno.EEXIST,
            "there is another filter at priority " + priority + ": TcFilter.list shows it");
      }
      check("attach", description, result);
      return new TcFilter(device, direction, made.getFirst(), persistent);
    }
  }

  /** Makes sure that there is a qdisc to hang filters on. */
  private static boolean makeQdisc(
      RouteSocket socket, NetworkDevice device, TcDirection direction, String description) {
    int result = TcCalls.addClsact(socket, device.index());
    if (result != -Errno.EEXIST) {
      check("make a clsact qdisc to attach", description, result);
      return true;
    }
    // An "ingress" qdisc takes filters for sent packets too, and shows them received ones.
    if (direction == TcDirection.EGRESS && !qdisc(socket, device).equals("clsact")) {
      throw new BpfException(
          "attach",
          description,
          Errno.EEXIST,
          "the device has an ingress qdisc, which excludes filters for what is sent; without it"
              + " (tc qdisc del dev NAME ingress) there could be a clsact qdisc for both");
    }
    return false;
  }

  private static String qdisc(RouteSocket socket, NetworkDevice device) {
    var kind = new ArrayList<String>();
    check("list the qdiscs of", device.toString(), TcCalls.qdisc(socket, device.index(), kind));
    return kind.isEmpty() ? "" : kind.getFirst();
  }

  private static List<TcFilterState> filters(
      RouteSocket socket, NetworkDevice device, TcDirection direction) {
    if (direction == TcDirection.EGRESS && !qdisc(socket, device).equals("clsact")) {
      return List.of();
    }
    var found = new ArrayList<TcFilterState>();
    int result = TcCalls.filters(socket, device.index(), parent(direction), found);
    check("list the filters of", device.toString(), result);
    return found.stream().filter(state -> state.handle() != 0).toList();
  }

  /** All filters of a device. */
  private static List<TcFilterState> filters(RouteSocket socket, NetworkDevice device) {
    return Arrays.stream(TcDirection.values())
        .flatMap(direction -> filters(socket, device, direction).stream())
        .toList();
  }

  /** Whether the filters that are there say that this library made their qdisc. */
  private static boolean isOurs(RouteSocket socket, NetworkDevice device) {
    return filters(socket, device).stream().anyMatch(state -> state.mark() == OUR_QDISC);
  }

  private static void removeEmptyQdisc(RouteSocket socket, NetworkDevice device) {
    if (!filters(socket, device).isEmpty()) {
      return;
    }
    int result = TcCalls.removeClsact(socket, device.index());
    if (result != -Errno.ENOENT && result != -Errno.EINVAL) { // somebody else was faster
      check("remove the clsact qdisc of", device.toString(), result);
    }
  }

  /** {@return what the filter was named when it was made} */
  public String name() {
    return state.name();
  }

  /**
   * Its place among the filters of the device and direction: lower ones run first.
   *
   * @return from 1 to 65535
   */
  public int priority() {
    return state.priority();
  }

  /**
   * Its number at its priority.
   *
   * @return the number
   */
  public int handle() {
    return state.handle();
  }

  /** {@return the device that it is attached to} */
  public NetworkDevice device() {
    return device;
  }

  /** {@return which packets of the device it sees} */
  public TcDirection direction() {
    return direction;
  }

  @Override
  public void update(BpfProgram program) {
    requireOpen();
    program.requireType(ProgramType.SCHED_CLS, "network device");
    try (var socket = device.namespace().routeSocket()) {
      int result = program.fd().use(fd -> isThere(socket) ? replace(socket, fd) : -Errno.ENOENT);
      if (isGone(result)) {
        throw new BpfException("update", toString(), -result, "the filter or the device is gone");
      }
      check("update", toString(), result);
    }
  }

  private int replace(RouteSocket socket, int program) {
    return TcCalls.replaceProgram(socket, device.index(), parent(direction), state, program);
  }

  /** Whether the filter is there, and not somebody else's in its place. */
  private boolean isThere(RouteSocket socket) {
    return now(socket).isPresent();
  }

  private Optional<TcFilterState> now(RouteSocket socket) {
    return filters(socket, device, direction).stream()
        .filter(now -> now.priority() == priority() && now.handle() == handle())
        .filter(now -> now.name().equals(name()))
        .findFirst();
  }

  /**
   * Not possible.
   *
   * @throws UnsupportedByTypeException always
   */
  @Override
  public boolean replace(BpfProgram expected, BpfProgram next) {
    throw unsupported("replace", "the kernel does not compare: use update");
  }

  /**
   * Not possible; but persistent filters need no pin.
   *
   * @throws UnsupportedByTypeException always
   */
  @Override
  public void pin(Path file) {
    throw unsupported("pin", "filters can't be pinned: a persistent one stays without");
  }

  /**
   * Not possible.
   *
   * @throws IllegalStateException always
   */
  @Override
  public void unpin() {
    throw new IllegalStateException(this + " is not pinned");
  }

  @Override
  public void detach() {
    requireOpen();
    remove();
  }

  private void remove() {
    if (!removed.compareAndSet(false, true)) {
      return;
    }
    try (var socket = device.namespace().routeSocket()) {
      if (!isThere(socket)) {
        return;
      }
      int result = TcCalls.removeFilter(socket, device.index(), parent(direction), state);
      if (!isGone(result)) {
        check("detach", toString(), result);
        if (state.mark() == OUR_QDISC) {
          removeEmptyQdisc(socket, device);
        }
      }
    } catch (NotNetworkNamespaceException e) {
      // Either the filter went with its namespace, or the namespace can't be reached by that name.
      return;
    } catch (BpfException e) {
      removed.set(false); // so that it can be tried again
      throw e;
    }
  }

  /** The program may have been updated by others since: the kernel is asked. */
  @Override
  public LinkInfo info() {
    requireOpen();
    var type = AttachType.of(direction);
    try (var socket = device.namespace().routeSocket()) {
      return now(socket)
          .map(
              now ->
                  new LinkInfo(
                      0, LinkType.NONE, now.program(), type, new LinkInfo.OfDevice(device.index())))
          .orElse(new LinkInfo(0, LinkType.NONE, 0, type, new LinkInfo.OfNothing()));
    }
  }

  @Override
  public String toString() {
    return "filter %s of %s".formatted(name(), device);
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true) && !persistent) {
      remove();
    }
  }

  private void requireOpen() {
    if (closed.get()) {
      throw new IllegalStateException(this + " is closed");
    }
  }

  private UnsupportedByTypeException unsupported(String operation, String explanation) {
    return new UnsupportedByTypeException(operation, toString(), Errno.EOPNOTSUPP, explanation);
  }

  private static int parent(TcDirection direction) {
    return switch (direction) {
      case INGRESS -> TcCalls.INGRESS;
      case EGRESS -> TcCalls.EGRESS;
    };
  }

  /** EINVAL: the qdisc is gone, and the filter with it. */
  private static boolean isGone(int result) {
    return result == -Errno.ENOENT || result == -Errno.ENODEV || result == -Errno.EINVAL;
  }

  private static void check(String operation, String object, int result) {
    switch (-result) {
      case Errno.ENODEV ->
          throw new BpfException(operation, object, Errno.ENODEV, "the device is gone");
      case Errno.EOPNOTSUPP, Errno.ENOENT ->
          throw new KernelUnsupportedException(
              operation,
              object,
              -result,
              "the kernel lacks filters: it needs CONFIG_NET_CLS_BPF and CONFIG_NET_SCH_INGRESS"
                  + " (modules cls_bpf and sch_ingress)");
      case Errno.EPERM ->
          throw Refusal.exception(
              operation, object, Errno.EPERM, EnumSet.of(Capability.CAP_NET_ADMIN));
      default -> Failure.check(operation, object, result);
    }
  }
}
