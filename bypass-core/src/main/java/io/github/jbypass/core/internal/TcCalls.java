// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core.internal;

import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Traffic control through rtnetlink: the clsact qdisc, which holds filters for both directions of a
 * device, and BPF filters in it. libbpf 1.1 has neither lists nor names of filters. Functions
 * return a negative error number on failure.
 */
public final class TcCalls {
  /** Where filters for received packets hang. */
  public static final int INGRESS = 0xFFFFFFF2;

  /** Where filters for packets to be sent hang. */
  public static final int EGRESS = 0xFFFFFFF3;

  private static final int CLSACT = 0xFFFFFFF1;
  private static final int CLSACT_HANDLE = 0xFFFF0000;
  private static final int RTM_NEWQDISC = 36;
  private static final int RTM_DELQDISC = 37;
  private static final int RTM_GETQDISC = 38;
  private static final int RTM_NEWTFILTER = 44;
  private static final int RTM_DELTFILTER = 45;
  private static final int RTM_GETTFILTER = 46;

  private static final int TCM_SIZE = 20; // struct tcmsg
  private static final int TCM_IFINDEX = 4;
  private static final int TCM_HANDLE = 8;
  private static final int TCM_PARENT = 12;
  private static final int TCM_INFO = 16;
  private static final int TCA_KIND = 1;
  private static final int TCA_OPTIONS = 2;
  private static final int TCA_CHAIN = 11;
  private static final int TCA_BPF_CLASSID = 3;
  private static final int TCA_BPF_FD = 6;
  private static final int TCA_BPF_NAME = 7;
  private static final int TCA_BPF_FLAGS = 8;
  private static final int TCA_BPF_ID = 11;
  private static final int DIRECT_ACTION = 1; // the program's result is the packet's fate

  /** The protocol of filters that see all packets: ETH_P_ALL in network byte order. */
  public static final int ALL_PROTOCOLS =
      ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN ? 0x0003 : 0x0300;

  private TcCalls() {}

  /** Tells the kind of qdisc that holds a device's filters: "clsact", "ingress" or none. */
  public static int qdisc(RouteSocket socket, int device, List<String> kind) {
    var found = new ArrayList<RouteMessage>();
    int result = socket.list(RTM_GETQDISC, message(device, 0, 0, 0), found);
    found.stream()
        .filter(q -> q.field(TCM_IFINDEX) == device && q.field(TCM_PARENT) == CLSACT)
        .forEach(q -> kind.add(q.attribute(TCM_SIZE, TCA_KIND).text()));
    return result;
  }

  public static int addClsact(RouteSocket socket, int device) {
    return socket.execute(RTM_NEWQDISC, RouteSocket.CREATE_NEW, clsact(device));
  }

  /** Removes the clsact qdisc with all filters in it. */
  public static int removeClsact(RouteSocket socket, int device) {
    return socket.execute(RTM_DELQDISC, 0, clsact(device));
  }

  private static RouteMessage clsact(int device) {
    return message(device, CLSACT_HANDLE, CLSACT, 0).put(TCA_KIND, "clsact");
  }

  /** Lists all filters of a direction, whoever made them; the first one runs first. */
  public static int filters(
      RouteSocket socket, int device, int direction, List<TcFilterState> found) {
    var messages = new ArrayList<RouteMessage>();
    int result = socket.list(RTM_GETTFILTER, message(device, 0, direction, 0), messages);
    messages.forEach(message -> found.add(state(message)));
    return result;
  }

  /**
   * Adds a BPF filter.
   *
   * @param wanted with priority 0 for one before all others, handle 0 for any that is free
   * @param program descriptor of its program
   * @param made gets the filter as it was made
   */
  public static int addFilter(
      RouteSocket socket,
      int device,
      int direction,
      TcFilterState wanted,
      int program,
      List<TcFilterState> made) {
    var message = filter(device, direction, wanted, program);
    return socket.create(RTM_NEWTFILTER, message, echo -> made.add(state(echo)));
  }

  /** Replaces the program of a filter; no packet goes by without meeting the one or the other. */
  public static int replaceProgram(
      RouteSocket socket, int device, int direction, TcFilterState filter, int program) {
    return socket.execute(
        RTM_NEWTFILTER, RouteSocket.REPLACE_EXISTING, filter(device, direction, filter, program));
  }

  private static RouteMessage filter(int device, int direction, TcFilterState filter, int program) {
    var message = message(device, filter.handle(), direction, info(filter));
    int options = message.put(TCA_KIND, "bpf").begin(TCA_OPTIONS);
    return message
        .put(TCA_BPF_CLASSID, filter.mark() << 16)
        .put(TCA_BPF_FD, program)
        .put(TCA_BPF_NAME, filter.name())
        .put(TCA_BPF_FLAGS, DIRECT_ACTION)
        .end(options);
  }

  public static int removeFilter(
      RouteSocket socket, int device, int direction, TcFilterState filter) {
    var message = message(device, filter.handle(), direction, info(filter));
    return socket.execute(RTM_DELTFILTER, 0, message.put(TCA_KIND, "bpf"));
  }

  private static RouteMessage message(int device, int handle, int parent, int info) {
    return RouteMessage.create().put(0).put(device).put(handle).put(parent).put(info);
  }

  private static int info(TcFilterState filter) {
    return filter.priority() << 16 | filter.protocol();
  }

  private static TcFilterState state(RouteMessage message) {
    var options = message.attribute(TCM_SIZE, TCA_OPTIONS);
    int info = message.field(TCM_INFO);
    return new TcFilterState(
        isDirect(message, options),
        info >>> 16,
        message.field(TCM_HANDLE),
        info & 0xFFFF,
        options.attribute(0, TCA_BPF_NAME).text(),
        options.attribute(0, TCA_BPF_ID).number(),
        options.attribute(0, TCA_BPF_CLASSID).number() >>> 16);
  }

  /** Filters of other chains are met only if a filter of the first one sends packets there. */
  private static boolean isDirect(RouteMessage message, RouteMessage options) {
    return message.attribute(TCM_SIZE, TCA_KIND).text().equals("bpf")
        && message.attribute(TCM_SIZE, TCA_CHAIN).number() == 0
        && (options.attribute(0, TCA_BPF_FLAGS).number() & DIRECT_ACTION) != 0;
  }
}
