// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import io.github.jbypass.core.internal.Errno;

/** Why an operation on a map failed: what the kernel's error number means for this type of map. */
final class MapFailure {
  private MapFailure() {}

  static BpfException of(BpfMap map, MapOperation operation, int errno) {
    if (isUnsupported(map, operation, errno)) {
      return new UnsupportedByTypeException(
          operation.verb(), map.toString(), errno, unsupported(map.type(), operation));
    }
    return switch (operation) {
      case UPDATE, UPDATE_BATCH, PUSH -> update(map, operation, errno);
      case FREEZE -> freeze(map, errno);
      case LOOKUP, LOOKUP_BATCH -> lookup(map, operation, errno);
      default -> general(map, operation, errno);
    };
  }

  /** For what a map can't do that the kernel was not even asked. */
  static UnsupportedByTypeException unsupported(BpfMap map, MapOperation operation, String why) {
    return new UnsupportedByTypeException(operation.verb(), map.toString(), 0, why);
  }

  private static boolean isUnsupported(BpfMap map, MapOperation operation, int errno) {
    return switch (errno) {
      case Errno.ENOTSUPP -> true;
      case Errno.EINVAL, Errno.EFAULT, Errno.EOPNOTSUPP -> !operation.isOf(map.type());
      default -> false;
    };
  }

  private static String unsupported(MapType type, MapOperation operation) {
    return operation.isOf(type)
        ? "this kernel can't do that with maps of type " + type + operation.alternative(type)
        : "maps of type " + type + " can't do that" + operation.alternative(type);
  }

  private static BpfException update(BpfMap map, MapOperation operation, int errno) {
    var verb = operation.verb();
    var object = map.toString();
    boolean sockets = map.type().holdsSockets();
    return switch (errno) {
      case Errno.E2BIG ->
          map.type().isIndexed()
              ? Failure.of(
                  verb, object, errno, "there are indices below " + map.maxEntries() + " only")
              : full(map, verb, errno);
      case Errno.ENOSPC -> full(map, verb, errno);
      case Errno.EEXIST ->
          new AlreadyExistsException(verb, object, errno, "the entry exists already");
      case Errno.ENOENT -> Failure.of(verb, object, errno, "there is no entry to replace");
      case Errno.EBUSY ->
          Failure.of(
              verb,
              object,
              errno,
              sockets
                  ? "the socket is in another map with a program of the same kind"
                  : Errno.meaning(errno));
      case Errno.EOPNOTSUPP ->
          Failure.of(
              verb,
              object,
              errno,
              sockets
                  ? "the socket is neither connected nor listening, or not of TCP, UDP or AF_UNIX"
                  : Errno.meaning(errno));
      case Errno.EINVAL ->
          Failure.of(
              verb,
              object,
              errno,
              map.type().holdsMaps()
                  ? "the map is not like the inner maps that this one was created for"
                  : Errno.meaning(errno));
      default -> general(map, operation, errno);
    };
  }

  private static MapFullException full(BpfMap map, String verb, int errno) {
    return new MapFullException(
        verb, map.toString(), errno, "full: it holds at most " + map.maxEntries() + " entries");
  }

  private static BpfException lookup(BpfMap map, MapOperation operation, int errno) {
    return errno == Errno.ENOSPC && map.type().holdsSockets()
        ? Failure.of(
            operation.verb(),
            map.toString(),
            errno,
            "the value is the socket's cookie: declare values of eight bytes")
        : general(map, operation, errno);
  }

  private static BpfException freeze(BpfMap map, int errno) {
    if (isFrozen(map)) {
      return new BpfException("freeze", map.toString(), errno, "it is frozen already");
    }
    return errno == Errno.EBUSY
        ? Failure.of(
            "freeze",
            map.toString(),
            errno,
            "it is being written just now, or its memory is mapped to be written")
        : general(map, MapOperation.FREEZE, errno);
  }

  private static BpfException general(BpfMap map, MapOperation operation, int errno) {
    var verb = operation.verb();
    var object = map.toString();
    return switch (errno) {
      case Errno.EPERM -> notPermitted(map, verb, object);
      case Errno.EBADF, Errno.ENOTSOCK ->
          Failure.of(verb, object, errno, "what was put in is not a usable descriptor");
      default -> Failure.of(verb, object, errno);
    };
  }

  /** Asks the kernel whether it is the map that refuses, rather than a lack of privileges. */
  private static BpfException notPermitted(BpfMap map, String verb, String object) {
    return isFrozen(map)
        ? new BpfException(
            verb, object, Errno.EPERM, "the map is frozen: user space can't change it any more")
        : Failure.of(verb, object, Errno.EPERM);
  }

  private static boolean isFrozen(BpfMap map) {
    return map.info().frozen().orElse(false);
  }
}
