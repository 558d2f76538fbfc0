// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.maps;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;

/**
 * What was learned of an address and port that clients connect to: whether its connections carry so
 * little that enrolling them does not pay. C: {@code struct service}. Immutable.
 *
 * @param name its name in the kernel, a hash of what follows
 * @param netnsCookie of the network namespace, for a loopback address; 0 for others
 * @param address what clients connect to, before any translation or interception
 * @param connections enrolled ones that have ended lately; old ones are forgotten
 * @param messages of both ends of these connections
 * @param balance messages that its connections carried beyond those that enrolling them costs, cut
 *     off at both sides: below zero, it does not pay
 * @param sinceEnd how long ago the last of them ended; empty if none has
 * @param isEnrolled whether its next connection is enrolled; otherwise only samples are
 */
public record Service(
    long name,
    long netnsCookie,
    InetSocketAddress address,
    long connections,
    long messages,
    long balance,
    Optional<Duration> sinceEnd,
    boolean isEnrolled) {}
