// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core.internal;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import org.jspecify.annotations.Nullable;

/**
 * What libbpf prints. It goes to the logger {@code io.github.jbypass.libbpf}; while a thread has a
 * collector, that thread's warnings are kept for the exception that may follow.
 */
@SuppressWarnings("restricted") // an upcall is what this class is for
public final class LibBpfLog implements AutoCloseable {
  private static final Logger LOGGER = System.getLogger("io.github.jbypass.libbpf");
  private static final ThreadLocal<@Nullable LibBpfLog> CURRENT = new ThreadLocal<>();
  private static final String PREFIX = "libbpf: ";
  private static final int WARN = 0;

  private final StringBuilder warnings = new StringBuilder();
  private boolean failed;

  private LibBpfLog() {}

  /** Collects this thread's warnings until close. */
  public static LibBpfLog collect() {
    var log = new LibBpfLog();
    CURRENT.set(log);
    return log;
  }

  /** Marks the operation as failed: its exception tells what libbpf warned of. */
  public String failed() {
    failed = true;
    return warnings.toString();
  }

  /** Warnings that no exception carries are logged as such. */
  @Override
  public void close() {
    CURRENT.remove();
    if (!warnings.isEmpty()) {
      LOGGER.log(failed ? Level.DEBUG : Level.WARNING, warnings.toString().strip());
    }
  }

  /** A {@code libbpf_print_fn_t} that lives as long as the JVM. */
  static MemorySegment callback() {
    try {
      var print =
          MethodHandles.lookup()
              .findStatic(
                  LibBpfLog.class,
                  "print",
                  MethodType.methodType(
                      int.class, int.class, MemorySegment.class, MemorySegment.class));
      var type = FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
      return Linker.nativeLinker().upcallStub(print, type, Arena.global());
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  private static int print(int level, MemorySegment format, MemorySegment arguments) {
    try {
      var collector = level == WARN ? CURRENT.get() : null;
      var rank = level == WARN ? Level.WARNING : Level.DEBUG; // its infos are details to users
      if (collector != null) {
        collector.warnings.append(text(format, arguments));
      } else if (LOGGER.isLoggable(rank)) {
        LOGGER.log(rank, text(format, arguments).strip());
      }
    } catch (Throwable t) {
      // An exception that leaves an upcall ends the JVM; a logger's fault must not.
      System.err.println("jbypass: a message of libbpf was lost: " + t);
    }
    return 0;
  }

  private static String text(MemorySegment format, MemorySegment arguments) {
    var text = LibC.format(format, arguments);
    return text.startsWith(PREFIX) ? text.substring(PREFIX.length()) : text;
  }
}
