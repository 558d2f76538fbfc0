// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core.internal;

/**
 * A traffic control filter as the kernel tells of it.
 *
 * @param direct whether it is a BPF filter that every packet meets and whose result decides
 * @param priority its place among the filters; lower ones run first
 * @param handle its number at that priority; 0 for the mere holder of a priority
 * @param protocol the EtherType that it sees, as the kernel has it
 * @param name what it was named when it was made
 * @param program number of its BPF program
 * @param mark upper half of the class that it assigns
 */
public record TcFilterState(
    boolean direct, int priority, int handle, int protocol, String name, int program, int mark) {}
