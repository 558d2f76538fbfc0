// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples.telling;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where only processes of this host can connect to.
 *
 * @param port 0 for any that is free
 */
public record LoopbackAddress(InetAddress host, int port) {
  private static final Pattern TEXT =
      Pattern.compile("(?:(?<ipv4>[0-9.]+):|\\[(?<ipv6>[0-9a-fA-F:.]+)]:)?(?<port>[0-9]{1,5})");

  private static final String DEFAULT_HOST = "127.0.0.1";
  private static final int MAX_PORT = 65_535;

  /**
   * Reads {@code PORT}, {@code 127.0.0.1:PORT} or {@code [::1]:PORT}.
   *
   * @throws IllegalArgumentException if it is none of these, or not of the loopback interface
   */
  public static LoopbackAddress parse(String text) {
    Matcher parts = TEXT.matcher(text);
    if (!parts.matches() || Integer.parseInt(parts.group("port")) > MAX_PORT) {
      throw new IllegalArgumentException(
          "'" + text + "' is no place to listen: such as 9404, 127.0.0.1:9404 or [::1]:9404");
    }
    String ipv4 = parts.group("ipv4");
    String ipv6 = parts.group("ipv6");
    InetAddress host =
        InetAddress.ofLiteral(ipv6 != null ? ipv6 : ipv4 != null ? ipv4 : DEFAULT_HOST);
    if (!host.isLoopbackAddress()) {
      throw new IllegalArgumentException(
          "'"
              + text
              + "' can be reached from elsewhere: only loopback addresses are listened on, for a"
              + " proxy or a collector on this host");
    }
    return new LoopbackAddress(host, Integer.parseInt(parts.group("port")));
  }

  InetSocketAddress socketAddress() {
    return new InetSocketAddress(host, port);
  }

  /** As in a URL. */
  static String inUrl(InetSocketAddress address) {
    String host = address.getAddress().getHostAddress();
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
  }
}
