// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core.internal;

/** The kernel's error numbers that BPF and control groups are known to give. */
public final class Errno {
  public static final int EPERM = 1;
  public static final int ENOENT = 2;
  public static final int EIO = 5;
  public static final int ESRCH = 3;
  public static final int EINTR = 4;
  public static final int E2BIG = 7;
  public static final int EBADF = 9;
  public static final int EAGAIN = 11;
  public static final int ENOMEM = 12;
  public static final int EACCES = 13;
  public static final int EFAULT = 14;
  public static final int EBUSY = 16;
  public static final int EEXIST = 17;
  public static final int ENODEV = 19;
  public static final int ENOTDIR = 20;
  public static final int EINVAL = 22;
  public static final int ENOTTY = 25;
  public static final int ENOSPC = 28;
  public static final int ENOSYS = 38;
  public static final int ENOTEMPTY = 39;
  public static final int ENOLINK = 67;
  public static final int ENOTSOCK = 88;
  public static final int ENOPROTOOPT = 92;
  public static final int EOPNOTSUPP = 95;
  public static final int ECONNRESET = 104;
  public static final int ENOTSUPP = 524; // the kernel's own, not in libc

  private Errno() {}

  /** Name of an error number, such as "EPERM". */
  public static String name(int errno) {
    return switch (errno) {
      case EPERM -> "EPERM";
      case ENOENT -> "ENOENT";
      case ESRCH -> "ESRCH";
      case EINTR -> "EINTR";
      case EIO -> "EIO";
      case E2BIG -> "E2BIG";
      case EBADF -> "EBADF";
      case EAGAIN -> "EAGAIN";
      case ENOMEM -> "ENOMEM";
      case EACCES -> "EACCES";
      case EFAULT -> "EFAULT";
      case EBUSY -> "EBUSY";
      case EEXIST -> "EEXIST";
      case ENODEV -> "ENODEV";
      case ENOTDIR -> "ENOTDIR";
      case EINVAL -> "EINVAL";
      case 23 -> "ENFILE";
      case 24 -> "EMFILE";
      case ENOTTY -> "ENOTTY";
      case ENOSPC -> "ENOSPC";
      case 30 -> "EROFS";
      case 34 -> "ERANGE";
      case ENOSYS -> "ENOSYS";
      case 75 -> "EOVERFLOW";
      case ENOTEMPTY -> "ENOTEMPTY";
      case ENOLINK -> "ENOLINK";
      case ENOTSOCK -> "ENOTSOCK";
      case ENOPROTOOPT -> "ENOPROTOOPT";
      case EOPNOTSUPP -> "EOPNOTSUPP";
      case 99 -> "EADDRNOTAVAIL";
      case 101 -> "ENETUNREACH";
      case ECONNRESET -> "ECONNRESET";
      case ENOTSUPP -> "ENOTSUPP";
      default -> "errno " + errno;
    };
  }

  /** What an error number says in general, for callers that know nothing better. */
  public static String meaning(int errno) {
    return switch (errno) {
      case EPERM -> "operation not permitted";
      case ENOENT -> "no such file, entry or object";
      case ESRCH -> "no such process or object";
      case EINTR -> "interrupted, try again";
      case 5 -> "input/output error";
      case E2BIG -> "too big, or full";
      case EBADF -> "not a usable file descriptor";
      case EAGAIN -> "busy, try again";
      case ENOMEM -> "out of memory";
      case EACCES -> "permission denied";
      case EFAULT -> "bad address";
      case EBUSY -> "in use by something else";
      case EEXIST -> "exists already";
      case ENODEV -> "no such device";
      case ENOTDIR -> "not a directory";
      case EINVAL -> "the kernel does not accept these arguments, or is too old to know them";
      case 23 -> "too many open files on this host";
      case 24 -> "too many open files in this process: raise its limit (ulimit -n)";
      case ENOSPC -> "no space left";
      case 30 -> "file system is read-only";
      case ENOTSOCK -> "not a socket";
      case 99 -> "this network namespace has no such address; is lo up?";
      case 101 -> "nothing leads there in this network namespace; is lo up?";
      case ENOSYS -> "the kernel was built without this system call";
      case EOPNOTSUPP, ENOTSUPP -> "not supported for this object";
      default -> "failed";
    };
  }
}
