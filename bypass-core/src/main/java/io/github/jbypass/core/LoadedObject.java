// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import java.lang.foreign.MemorySegment;

/**
 * Maps, programs and global variables that were loaded together: by this process ({@link
 * BpfObject}), or by another one ({@link RunningObject}). Thread-safe.
 */
public sealed interface LoadedObject extends AutoCloseable permits BpfObject, RunningObject {
  /**
   * {@return a map of the object}
   *
   * @param name its name in C
   * @throws IllegalArgumentException if there is none of that name
   */
  BpfMap map(String name);

  /**
   * {@return a program of the object}
   *
   * @param name its function's name in C
   * @throws IllegalArgumentException if there is none of that name
   */
  BpfProgram program(String name);

  /**
   * {@return whether a program of that name is loaded}
   *
   * @param name its function's name in C
   */
  boolean hasProgram(String name);

  /** {@return the object's type information} */
  Btf btf();

  /**
   * {@return the memory of a global variable, shared with the running programs, until the object is
   * closed}
   *
   * @param variable name of a variable in .data, .bss or .rodata that is not static
   * @throws IllegalArgumentException if there is none of that name
   */
  MemorySegment global(String variable);

  /** Closes maps, programs and global variables. */
  @Override
  void close();
}
