// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core.internal;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** A message to or from rtnetlink, behind its header: a fixed struct, then attributes. */
public final class RouteMessage {
  static final int HEADER_SIZE = 16; // struct nlmsghdr
  private static final int CAPACITY = 1024;
  private static final int ATTRIBUTE_HEADER_SIZE = 4; // struct rtattr
  private static final int TYPE_MASK = 0x3fff; // the rest says nested, or network byte order

  private final ByteBuffer bytes;

  private RouteMessage(ByteBuffer bytes) {
    this.bytes = bytes;
  }

  /** A message to be written. */
  public static RouteMessage create() {
    var bytes = ByteBuffer.allocateDirect(CAPACITY).order(ByteOrder.nativeOrder());
    return new RouteMessage(bytes.position(HEADER_SIZE));
  }

  /** A message that was received. */
  static RouteMessage of(ByteBuffer payload) {
    return new RouteMessage(payload);
  }

  /** Appends a field of the fixed struct. */
  public RouteMessage put(int value) {
    bytes.putInt(value);
    return this;
  }

  /** Appends an attribute. */
  public RouteMessage put(int attribute, int value) {
    bytes.putShort((short) (ATTRIBUTE_HEADER_SIZE + Integer.BYTES)).putShort((short) attribute);
    bytes.putInt(value);
    return this;
  }

  /** Appends an attribute. */
  public RouteMessage put(int attribute, String value) {
    var text = value.getBytes(StandardCharsets.UTF_8);
    bytes.putShort((short) (ATTRIBUTE_HEADER_SIZE + text.length + 1)).putShort((short) attribute);
    bytes.put(text).put((byte) 0).position(aligned(bytes.position()));
    return this;
  }

  /** Begins an attribute that holds the attributes which follow. */
  public int begin(int attribute) {
    int start = bytes.position();
    bytes.putShort((short) 0).putShort((short) attribute);
    return start;
  }

  /** Ends an attribute that {@link #begin} began. */
  public RouteMessage end(int start) {
    bytes.putShort(start, (short) (bytes.position() - start));
    return this;
  }

  /** A field of the fixed struct. */
  public int field(int offset) {
    return bytes.getInt(offset);
  }

  /**
   * The attributes behind the fixed struct, or inside another attribute.
   *
   * @return the value of the wanted one; empty if it is not there
   */
  public RouteMessage attribute(int fixedSize, int wanted) {
    int at = fixedSize;
    while (at + ATTRIBUTE_HEADER_SIZE <= bytes.limit()) {
      int length = Short.toUnsignedInt(bytes.getShort(at));
      if (length < ATTRIBUTE_HEADER_SIZE || at + length > bytes.limit()) {
        break;
      }
      if ((bytes.getShort(at + Short.BYTES) & TYPE_MASK) == wanted) {
        return new RouteMessage(slice(at + ATTRIBUTE_HEADER_SIZE, length - ATTRIBUTE_HEADER_SIZE));
      }
      at += aligned(length);
    }
    return new RouteMessage(slice(0, 0));
  }

  /** This attribute as a number; 0 if it is not there. */
  public int number() {
    return bytes.limit() < Integer.BYTES ? 0 : bytes.getInt(0);
  }

  /** This attribute as a text; empty if it is not there. */
  public String text() {
    int length = 0;
    while (length < bytes.limit() && bytes.get(length) != 0) {
      length++;
    }
    return StandardCharsets.UTF_8.decode(slice(0, length)).toString();
  }

  /** All bytes, header first. */
  ByteBuffer bytes() {
    return bytes;
  }

  private ByteBuffer slice(int offset, int length) {
    return bytes.slice(offset, length).order(ByteOrder.nativeOrder());
  }

  static int aligned(int length) {
    return (length + 3) & ~3;
  }
}
