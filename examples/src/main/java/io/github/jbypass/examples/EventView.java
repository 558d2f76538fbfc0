// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples;

import io.github.jbypass.maps.BypassEvent;
import io.github.jbypass.maps.Peer;
import io.github.jbypass.maps.SocketKey;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Events as lines of text and as JSON. */
final class EventView {
  private EventView() {}

  static String line(BypassEvent event) {
    var what =
        switch (event) {
          case BypassEvent.Paired paired -> "paired   " + both(paired.key(), paired.peer());
          case BypassEvent.Closed closed -> "closed   " + closed.key();
          case BypassEvent.MovedToTcp moved ->
              "to tcp   " + moved.key() + "  " + FlowView.name(moved.reason());
          case BypassEvent.Back back -> "back     " + back.key();
        };
    return time(event) + "  " + what;
  }

  private static String both(SocketKey key, Peer peer) {
    return key + "  with  " + peer.key();
  }

  static Map<String, Object> json(BypassEvent event) {
    var json = new LinkedHashMap<String, Object>();
    json.put("time", time(event));
    json.put(
        "event",
        switch (event) {
          case BypassEvent.Paired _ -> "paired";
          case BypassEvent.Closed _ -> "closed";
          case BypassEvent.MovedToTcp _ -> "moved_to_tcp";
          case BypassEvent.Back _ -> "back";
        });
    json.putAll(FlowView.json(event.key()));
    json.put("cookie", event.cookie());
    var peer = peer(event);
    if (peer != null) {
      var inner = new LinkedHashMap<String, Object>(FlowView.json(peer.key()));
      inner.put("cookie", peer.cookie());
      json.put("peer", inner);
    }
    if (event instanceof BypassEvent.MovedToTcp moved) {
      json.put("reason", FlowView.name(moved.reason()));
    }
    return json;
  }

  private static @Nullable Peer peer(BypassEvent event) {
    return switch (event) {
      case BypassEvent.Paired paired -> paired.peer();
      case BypassEvent.Closed closed -> closed.peer().orElse(null);
      case BypassEvent.MovedToTcp moved -> moved.peer();
      case BypassEvent.Back back -> back.peer();
    };
  }

  private static String time(BypassEvent event) {
    var ago = System.nanoTime() - event.nanoTime();
    return Instant.now().minusNanos(ago).truncatedTo(ChronoUnit.MICROS).toString();
  }
}
