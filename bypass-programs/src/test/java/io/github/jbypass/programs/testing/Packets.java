// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs.testing;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** IP packets as bytes. */
public final class Packets {
  public static final int SYN = 0x02;
  public static final int ACK = 0x10;

  private static final int TCP = 6;
  private static final int IPIP = 4;
  private static final int DESTINATION_OPTIONS = 60;
  private static final int IPV4_HEADER = 20;
  private static final int IPV6_HEADER = 40;
  private static final int TCP_HEADER = 20;
  private static final int ETHERNET_HEADER = 14;
  private static final int VLAN = 0x8100;
  private static final byte NO_OPERATION = 1;
  private static final byte[] NOTHING = {};

  private Packets() {}

  private static boolean isIpv6(byte[] packet) {
    return packet[0] >> 4 == 6;
  }

  /** Whether it is TCP without anything between the headers. */
  public static boolean isTcp(byte[] packet) {
    return isIpv6(packet) ? packet[6] == TCP : packet[0] == 0x45 && packet[9] == TCP;
  }

  /** The checksum of TCP and, in IPv4, that of the header. */
  public static boolean checksumsAreRight(byte[] packet) {
    boolean ipv6 = isIpv6(packet);
    return (ipv6 || sum(0, packet, 0, IPV4_HEADER) == 0xFFFF) && tcpSum(packet) == 0xFFFF;
  }

  private static int tcpSum(byte[] packet) {
    int header = isIpv6(packet) ? IPV6_HEADER : IPV4_HEADER;
    int addresses = isIpv6(packet) ? 8 : 12;
    int length = packet.length - header;
    return sum(TCP + length, packet, addresses, packet.length);
  }

  private static int sum(int start, byte[] bytes, int from, int to) {
    int sum = start;
    for (int i = from; i < to; i++) {
      sum += (bytes[i] & 0xFF) << ((i - from) % 2 == 0 ? 8 : 0);
    }
    while (sum > 0xFFFF) {
      sum = (sum & 0xFFFF) + (sum >> 16);
    }
    return sum;
  }

  /** A TCP packet without payload. */
  public static byte[] tcp(InetSocketAddress from, InetSocketAddress to, int flags, int sequence) {
    ByteBuffer packet = ByteBuffer.allocate(IPV4_HEADER + TCP_HEADER);
    putIpv4Header(packet, TCP, from, to);
    packet.putShort((short) from.getPort()).putShort((short) to.getPort());
    packet.putInt(sequence).putInt(0).put((byte) 0x50).put((byte) flags).putShort((short) 1000);
    packet.putShort(IPV4_HEADER + 16, (short) ~tcpSum(packet.array()));
    return packet.array();
  }

  /**
   * A packet that brings the bytes of the one before it once more, and then its own, as a
   * retransmission of both may; itself if it does not follow that one. IPv4.
   */
  public static byte[] repeating(byte[] before, byte[] packet) {
    if (!isTcpOverIpv4(before) || !isTcpOverIpv4(packet)) {
      return packet;
    }
    int again = before.length - payload(before);
    boolean follows =
        sourcePort(before) == sourcePort(packet)
            && again > 0
            && packet.length > payload(packet)
            && sequence(before) + again == sequence(packet);
    if (!follows || again + packet.length > TunDevice.MAX_PACKET - IPV4_HEADER - TCP_HEADER) {
      return packet;
    }
    ByteBuffer both = ByteBuffer.allocate(packet.length + again);
    both.put(packet, 0, payload(packet)).put(before, payload(before), again);
    both.put(packet, payload(packet), packet.length - payload(packet));
    completeIpv4Header(both, IPV4_HEADER);
    both.putInt(IPV4_HEADER + 4, sequence(before)).putShort(IPV4_HEADER + 16, (short) 0);
    both.putShort(IPV4_HEADER + 16, (short) ~tcpSum(both.array()));
    return both.array();
  }

  private static boolean isTcpOverIpv4(byte[] packet) {
    return packet.length >= IPV4_HEADER + TCP_HEADER && !isIpv6(packet) && isTcp(packet);
  }

  private static int sequence(byte[] packet) {
    return ByteBuffer.wrap(packet).getInt(IPV4_HEADER + 4);
  }

  /** Where the payload begins. */
  private static int payload(byte[] packet) {
    return IPV4_HEADER + (packet[IPV4_HEADER + 12] >> 4 & 0xF) * 4;
  }

  /** The packet inside another one. */
  public static byte[] tunnelled(byte[] packet, InetSocketAddress from, InetSocketAddress to) {
    ByteBuffer outer = ByteBuffer.allocate(IPV4_HEADER + packet.length);
    putIpv4Header(outer, IPIP, from, to);
    return outer.put(packet).array();
  }

  private static void putIpv4Header(
      ByteBuffer packet, int protocol, InetSocketAddress from, InetSocketAddress to) {
    packet.put((byte) 0x45).put((byte) 0).putShort((short) 0).putInt(0);
    packet.put((byte) 64).put((byte) protocol).putShort((short) 0);
    packet.put(from.getAddress().getAddress()).put(to.getAddress().getAddress());
    completeIpv4Header(packet, IPV4_HEADER);
  }

  /** Its length and checksum. */
  private static void completeIpv4Header(ByteBuffer packet, int header) {
    packet.putShort(2, (short) packet.capacity()).putShort(10, (short) 0);
    packet.putShort(10, (short) ~sum(0, packet.array(), 0, header));
  }

  /** Whether there is a packet inside. */
  public static boolean isTunnelled(byte[] packet) {
    return packet[0] == 0x45 && packet[9] == IPIP;
  }

  /** The packet inside. */
  public static byte[] inner(byte[] packet) {
    return Arrays.copyOfRange(packet, IPV4_HEADER, packet.length);
  }

  public static int sourcePort(byte[] packet) {
    return port(packet, 0);
  }

  public static int targetPort(byte[] packet) {
    return port(packet, 2);
  }

  private static int port(byte[] packet, int offset) {
    int at = (isIpv6(packet) ? IPV6_HEADER : IPV4_HEADER) + offset;
    return Short.toUnsignedInt(ByteBuffer.wrap(packet).getShort(at));
  }

  /** With options that mean nothing between the headers. */
  public static byte[] withOptions(byte[] packet) {
    return isIpv6(packet) ? withDestinationOptions(packet) : withNoOperations(packet);
  }

  private static byte[] withDestinationOptions(byte[] packet) {
    ByteBuffer longer = ByteBuffer.allocate(packet.length + 8);
    longer.put(packet, 0, IPV6_HEADER);
    longer.put(packet[6]).put((byte) 0).put((byte) 1).put((byte) 4).putInt(0); // PadN
    longer.put(packet, IPV6_HEADER, packet.length - IPV6_HEADER);
    longer.putShort(4, (short) (longer.capacity() - IPV6_HEADER));
    return longer.put(6, (byte) DESTINATION_OPTIONS).array();
  }

  private static byte[] withNoOperations(byte[] packet) {
    ByteBuffer longer = ByteBuffer.allocate(packet.length + 4);
    longer.put(packet, 0, IPV4_HEADER);
    for (int i = 0; i < 4; i++) {
      longer.put(NO_OPERATION);
    }
    longer.put(packet, IPV4_HEADER, packet.length - IPV4_HEADER);
    longer.put(0, (byte) 0x46);
    completeIpv4Header(longer, IPV4_HEADER + 4);
    return longer.array();
  }

  /** An Ethernet frame with that many tags of VLAN 0, which any receiver takes. */
  public static byte[] framed(byte[] packet, byte[] target, int tags) {
    ByteBuffer frame = ByteBuffer.allocate(ETHERNET_HEADER + 4 * tags + packet.length);
    frame.put(target).put(new byte[] {2, 0, 0, 0, 0, 1});
    for (int i = 0; i < tags; i++) {
      frame.putShort((short) VLAN).putShort((short) 0);
    }
    frame.putShort((short) (isIpv6(packet) ? 0x86DD : 0x0800));
    return frame.put(packet).array();
  }

  /** The packet in a frame without tags; empty if it is none of TCP. */
  public static byte[] unframed(byte[] frame) {
    int type = ByteBuffer.wrap(frame).getShort(12) & 0xFFFF;
    if (type != 0x86DD && type != 0x0800) {
      return NOTHING;
    }
    byte[] packet = Arrays.copyOfRange(frame, ETHERNET_HEADER, frame.length);
    return isTcp(packet) ? packet : NOTHING;
  }
}
