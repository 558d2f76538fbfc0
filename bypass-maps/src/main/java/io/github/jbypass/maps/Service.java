// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.maps;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;

/**
 * What was learned of an address and port that servers listen on: whether its connections carry so
 * little that enrolling them does not pay. C: {@code struct service}. Immutable.
 *
 * @param name its name in the kernel, a hash of what follows
 * @param netnsCookie of the network namespace that listens
 * @param address where it listens, as its clients' packets arrive there
 * @param shortStreak connections in a row that carried too little
 * @param sinceShort how long ago the last of them ended; empty if there was none
 * @param isEnrolled whether its next connection is enrolled; otherwise only samples are
 */
public record Service(
    long name,
    long netnsCookie,
    InetSocketAddress address,
    long shortStreak,
    Optional<Duration> sinceShort,
    boolean isEnrolled) {}
