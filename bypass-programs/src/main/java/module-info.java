// SPDX-License-Identifier: Apache-2.0
/** The accelerator: loads, configures and attaches jbypass's BPF programs. */
module io.github.jbypass.programs {
  requires transitive io.github.jbypass.maps;
  requires static jdk.jfr; // a runtime without it has the log alone
  requires static transitive org.jspecify;

  exports io.github.jbypass.programs;
}
