// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core.internal;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * Binds functions of libbpf and libc. A library or function that is not there does not keep a class
 * from initialising: {@link #problem} says what is wrong, and calling the function throws.
 */
@SuppressWarnings("restricted") // binding native functions is what this class is for
public final class NativeCode {
  private static final String PROPERTY = "jbypass.libbpf";
  private static final Linker LINKER = Linker.nativeLinker();
  private static final List<String> MISSING = new CopyOnWriteArrayList<>();
  private static final @Nullable String DENIED = probeAccess();
  private static final String LIBRARY = System.getProperty(PROPERTY, "libbpf.so.1");
  private static final @Nullable SymbolLookup LIBBPF = openLibbpf();

  private NativeCode() {}

  /** Why no native code at all can be called, with what to do; empty if it can. */
  public static Optional<String> accessProblem() {
    return Optional.ofNullable(DENIED);
  }

  /** Why libbpf can't be used, with what to do; empty if it can. */
  public static Optional<String> problem() {
    if (DENIED != null) {
      return Optional.of(DENIED);
    }
    if (LIBBPF == null) {
      return Optional.of(
          LIBRARY
              + " can't be opened. Install it: apt-get install libbpf1 (Debian, Ubuntu) or"
              + " dnf install libbpf (Fedora, RHEL); or name another file with -D"
              + PROPERTY
              + "=PATH");
    }
    LibBpf.bind();
    BpfCalls.bind();
    ProgramDeclarations.bind();
    MapCalls.bind();
    MapDeclarations.bind();
    return complete()
        ? Optional.empty()
        : Optional.of(LIBRARY + " lacks " + MISSING + ": libbpf 1.1 or newer is needed");
  }

  /** Whether everything that was bound until now is there. */
  static boolean complete() {
    return MISSING.isEmpty();
  }

  /** A function of libbpf. */
  static MethodHandle libbpf(String name, FunctionDescriptor type, Linker.Option... options) {
    return bind(LIBBPF, name, type, options);
  }

  /** A function that libbpf 1.1 does not have; empty if this libbpf does not have it either. */
  static Optional<MethodHandle> newerLibbpf(String name, FunctionDescriptor type) {
    return LIBBPF == null
        ? Optional.empty()
        : LIBBPF.find(name).map(symbol -> LINKER.downcallHandle(symbol, type));
  }

  /** A function of libc. */
  static MethodHandle libc(String name, FunctionDescriptor type, Linker.Option... options) {
    return bind(LINKER.defaultLookup(), name, type, options);
  }

  /** What a failed invocation of a bound function throws: bound functions throw nothing checked. */
  static RuntimeException failure(Throwable thrown) {
    if (thrown instanceof RuntimeException e) {
      return e;
    }
    if (thrown instanceof Error e) {
      throw e;
    }
    throw new AssertionError(thrown);
  }

  private static MethodHandle bind(
      @Nullable SymbolLookup lookup,
      String name,
      FunctionDescriptor type,
      Linker.Option... options) {
    var symbol = lookup == null ? Optional.<MemorySegment>empty() : lookup.find(name);
    if (DENIED == null && symbol.isPresent()) {
      return LINKER.downcallHandle(symbol.get(), type, options);
    }
    MISSING.add(name);
    return absent(name, type, options);
  }

  private static MethodHandle absent(
      String name, FunctionDescriptor type, Linker.Option... options) {
    var signature = type.toMethodType();
    if (options.length != 0) {
      signature = signature.insertParameterTypes(0, MemorySegment.class);
    }
    var thrower =
        MethodHandles.throwException(signature.returnType(), UnsatisfiedLinkError.class)
            .bindTo(new UnsatisfiedLinkError(name));
    return MethodHandles.dropArguments(thrower, 0, signature.parameterList());
  }

  /** Tries one harmless restricted call: with illegal native access denied, it throws. */
  private static @Nullable String probeAccess() {
    try {
      MemorySegment.NULL.reinterpret(0);
      return null;
    } catch (IllegalCallerException e) {
      var module = NativeCode.class.getModule();
      return "the JVM denies access to native code: run java with --enable-native-access="
          + (module.isNamed() ? module.getName() : "ALL-UNNAMED");
    }
  }

  private static @Nullable SymbolLookup openLibbpf() {
    if (DENIED != null) {
      return null;
    }
    try {
      return SymbolLookup.libraryLookup(LIBRARY, Arena.global());
    } catch (IllegalArgumentException e) {
      return null;
    }
  }
}
