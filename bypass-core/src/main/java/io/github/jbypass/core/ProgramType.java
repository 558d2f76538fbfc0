// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

/** The types of programs that this library attaches. */
enum ProgramType {
  CGROUP_SKB(8),
  CGROUP_SOCK(9),
  SOCK_OPS(13),
  SK_SKB(14),
  CGROUP_DEVICE(15),
  SK_MSG(16),
  CGROUP_SOCK_ADDR(18),
  CGROUP_SYSCTL(23),
  CGROUP_SOCKOPT(25),
  OTHER(-1);

  private final int number;

  ProgramType(int number) {
    this.number = number;
  }

  static ProgramType of(int number) {
    for (var type : values()) {
      if (type.number == number) {
        return type;
      }
    }
    return OTHER;
  }

  boolean attachesToSocketMap() {
    return this == SK_MSG || this == SK_SKB;
  }

  boolean attachesToCgroup() {
    return !attachesToSocketMap() && this != OTHER;
  }
}
