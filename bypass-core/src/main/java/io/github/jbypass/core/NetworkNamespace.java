// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.jbypass.core.internal.Errno;
import io.github.jbypass.core.internal.Fd;
import io.github.jbypass.core.internal.LibC;
import io.github.jbypass.core.internal.NamespaceCalls;
import io.github.jbypass.core.internal.RouteSocket;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * A network namespace, named by a file such as /run/netns/NAME or /proc/PID/ns/net. Immutable and
 * thread-safe. Two are equal if they are the same namespace, whatever files name them.
 *
 * <p>It keeps nothing open, so it keeps no namespace alive. Once its file is gone, or names another
 * namespace, every operation throws {@link NotNetworkNamespaceException}.
 */
public final class NetworkNamespace {
  private static final Path OF_THIS_THREAD = Path.of("/proc/thread-self/ns/net");

  private final Path path;
  private final long inode;

  private NetworkNamespace(Path path, long inode) {
    this.path = path;
    this.inode = inode;
  }

  /**
   * {@return the namespace that a file names}
   *
   * @param path the file
   * @throws NotNetworkNamespaceException if there is no such file, or it is something else
   * @throws PrivilegeException if it belongs to a process that this one may not inspect
   */
  public static NetworkNamespace at(Path path) {
    var file = path.toAbsolutePath().normalize();
    try (var fd = open(file)) {
      return new NetworkNamespace(file, inode(file, fd));
    }
  }

  /** {@return the namespace that this process is in} */
  public static NetworkNamespace ofThisProcess() {
    return at(Path.of("/proc", Long.toString(ProcessHandle.current().pid()), "ns", "net"));
  }

  /**
   * {@return the namespaces that this process can find: those that are mounted anywhere, as in
   * /run/netns, and those that processes are in} Not among them are namespaces that only a socket
   * or an open file keeps, and those of processes that this one does not see or may not inspect.
   *
   * @throws BpfException if /proc is not mounted
   */
  public static List<NetworkNamespace> all() {
    return NamespaceSearch.run();
  }

  /** {@return the file that names the namespace} */
  public Path path() {
    return path;
  }

  /**
   * {@return the number in the namespace's own file system; {@code ls -l /proc/PID/ns} shows the
   * same}
   */
  public long inode() {
    return inode;
  }

  /**
   * {@return the number that BPF programs see (bpf_get_netns_cookie)} Unlike the inode it is never
   * used again while the host runs. Kernel 5.14; needs what {@link #run} needs.
   */
  public long cookie() {
    return run(
        () -> {
          try (var arena = Arena.ofConfined()) {
            var cookie = arena.allocate(JAVA_LONG);
            int result = NamespaceCalls.networkCookie(cookie);
            if (result == -Errno.ENOPROTOOPT) {
              throw new KernelUnsupportedException(
                  "ask for the cookie of", toString(), -result, "it takes kernel 5.14");
            }
            Failure.check("ask for the cookie of", toString(), result);
            return cookie.get(JAVA_LONG, 0);
          }
        });
  }

  /** {@return the network devices in the namespace, in the order of their numbers} */
  public List<NetworkDevice> devices() {
    try (var socket = routeSocket()) {
      return NetworkDevice.list(this, socket);
    }
  }

  /**
   * {@return a network device in the namespace}
   *
   * @param name its name, such as "eth0"
   * @throws BpfException (ENODEV) if there is none of that name
   */
  public NetworkDevice device(String name) {
    var all = devices();
    return all.stream()
        .filter(device -> device.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new BpfException(
                    "find",
                    "device " + name + " in " + this,
                    Errno.ENODEV,
                    "there are " + all.stream().map(NetworkDevice::name).toList()));
  }

  /**
   * Something to do inside a namespace.
   *
   * @param <T> what it returns
   * @param <E> what it throws
   */
  @FunctionalInterface
  public interface Visit<T, E extends Exception> {
    /**
     * Does it.
     *
     * @return the result
     * @throws E what it throws
     */
    T run() throws E;
  }

  /**
   * Does something inside the namespace and waits for the end. It runs in the calling thread if
   * that is in the namespace, and else in a thread of its own, which ends with it. Sockets that it
   * opens stay in the namespace and can be used from anywhere afterwards. So do threads that it
   * starts: it should start none, nor use pools that may. Entering takes CAP_SYS_ADMIN.
   *
   * @param visit what to do; interrupted when the caller is
   * @param <T> what it returns
   * @param <E> what it throws
   * @return what it returned
   * @throws E what it threw
   * @throws PrivilegeException without CAP_SYS_ADMIN
   */
  public <T, E extends Exception> T run(Visit<T, E> visit) throws E {
    if (isOfThisThread()) {
      return visit.run();
    }
    try (var fd = open(path)) {
      if (inode(path, fd) != inode) {
        throw new NotNetworkNamespaceException(
            "enter", toString(), 0, "the namespace is gone, the file names another one now");
      }
      var task =
          new FutureTask<>(
              () -> {
                enter(fd);
                return visit.run();
              });
      waitFor(Thread.ofPlatform().daemon().name("in " + this).start(task));
      return result(task);
    }
  }

  /** Starts a conversation about the namespace's devices, from any thread. */
  RouteSocket routeSocket() {
    int fd = run(RouteSocket::open);
    return new RouteSocket(Failure.check("ask about devices of", toString(), fd));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof NetworkNamespace namespace && namespace.inode == inode;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(inode);
  }

  @Override
  public String toString() {
    return "network namespace " + path;
  }

  private void enter(Fd fd) {
    int result = NamespaceCalls.enterNetwork(fd.number());
    if (result == -Errno.EPERM) {
      throw Refusal.exception(
          "enter", toString(), Errno.EPERM, EnumSet.of(Capability.CAP_SYS_ADMIN));
    }
    Failure.check("enter", toString(), result);
  }

  private boolean isOfThisThread() {
    try {
      return (long) Files.getAttribute(OF_THIS_THREAD, "unix:ino") == inode;
    } catch (IOException e) {
      return false; // without /proc it is not known: a thread of its own is always right
    }
  }

  private static void waitFor(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
        thread.interrupt();
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @SuppressWarnings("unchecked") // a visit throws E, or what needs no declaration
  private static <T, E extends Exception> T result(FutureTask<T> task) throws E {
    while (true) {
      try {
        return task.get();
      } catch (ExecutionException e) {
        var thrown = Objects.requireNonNull(e.getCause());
        if (thrown instanceof Error error) {
          throw error;
        }
        throw (E) thrown;
      } catch (InterruptedException e) {
        throw new AssertionError("the task has ended", e);
      }
    }
  }

  private static Fd open(Path path) {
    var description = "network namespace " + path;
    Failure.requireNativeAccess("open", description);
    int number = LibC.openForReading(path);
    if (number < 0) {
      throw switch (-number) {
        case Errno.EACCES, Errno.EPERM ->
            new PrivilegeException(
                "open",
                description,
                -number,
                "it takes the rights of a debugger over that process (CAP_SYS_PTRACE), or root");
        case Errno.ENOENT, Errno.ESRCH, Errno.ENOTDIR ->
            new NotNetworkNamespaceException(
                "open", description, -number, "there is no such file; is the process gone?");
        default -> Failure.of("open", description, -number);
      };
    }
    var fd = new Fd(number, description);
    if (!NamespaceCalls.isNetwork(number)) {
      fd.close();
      throw new NotNetworkNamespaceException(
          "open",
          description,
          0,
          "not a network namespace: name a file like /run/netns/NAME or /proc/PID/ns/net");
    }
    return fd;
  }

  private static long inode(Path path, Fd fd) {
    try {
      return (long) Files.getAttribute(Path.of("/proc/self/fd/" + fd.number()), "unix:ino");
    } catch (IOException e) {
      var failure =
          new NotNetworkNamespaceException(
              "identify", "network namespace " + path, 0, "/proc has to be mounted");
      failure.initCause(e);
      throw failure;
    }
  }
}
