// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import java.util.Collection;
import java.util.Map;
import java.util.stream.Collectors;
import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Transition} as Flight Recorder has it. Where the module jdk.jfr is missing, none of
 * these classes is loaded.
 */
@Category("jbypass")
@StackTrace(false)
abstract class FlightEvent extends Event {
  @Label("Bypass")
  @Description("The number of the object's type information, as bpftool and RunningBypass show it")
  int bypass;

  @Label("Failure")
  @Description("Why it did not succeed")
  @Nullable String failure;

  final void complete(Map<String, Object> fields, @Nullable Throwable cause) {
    end();
    if (shouldCommit()) {
      bypass = fields.get("bypass") instanceof Integer id ? id : 0;
      failure = cause == null ? null : cause.getMessage();
      fill(fields);
      commit();
    }
  }

  void fill(Map<String, Object> fields) {}

  static @Nullable String text(@Nullable Object value) {
    return switch (value) {
      case null -> null;
      case Collection<?> all -> all.stream().map(String::valueOf).collect(Collectors.joining(","));
      default -> value.toString();
    };
  }

  static long number(@Nullable Object value) {
    return value instanceof Number number ? number.longValue() : 0;
  }

  @Name("io.github.jbypass.Load")
  @Label("Load")
  @Description("Programs were verified, loaded into the kernel and tried out")
  static final class Load extends FlightEvent {
    @Label("Control Groups")
    @Nullable String cgroups;

    @Label("Programs")
    @Description("How many programs were loaded")
    int programs;

    @Label("Redirector")
    @Description("Which of the two programs that redirect this kernel takes")
    @Nullable String redirector;

    @Label("FIONREAD")
    @Description("What FIONREAD tells applications: exact, repaired or inexact")
    @Nullable String fionread;

    @Label("Intercepts")
    @Description("Whether connections of mesh pods are led to their sidecars")
    boolean intercepts;

    @Label("Adopts")
    @Description("Whether attaching will take over what is pinned")
    boolean adopts;

    @Override
    void fill(Map<String, Object> fields) {
      cgroups = text(fields.get("cgroups"));
      programs = (int) number(fields.get("programs"));
      redirector = text(fields.get("redirector"));
      fionread = text(fields.get("fionread"));
      intercepts = Boolean.TRUE.equals(fields.get("intercepts"));
      adopts = Boolean.TRUE.equals(fields.get("adopts"));
    }
  }

  /** New connections are noticed from now on. */
  abstract static class InEffect extends FlightEvent {
    @Label("Control Groups")
    @Nullable String cgroups;

    @Label("Links")
    @Description("How many attachments there are, those to the socket map included")
    int links;

    @Label("Predecessors")
    @Description("Pinned data paths of another layout that still serve their connections")
    int predecessors;

    @Override
    void fill(Map<String, Object> fields) {
      cgroups = text(fields.get("cgroups"));
      links = (int) number(fields.get("links"));
      predecessors = (int) number(fields.get("predecessors"));
    }
  }

  @Name("io.github.jbypass.Attach")
  @Label("Attach")
  @Description("Programs were attached: connections of the control groups are noticed from now on")
  static final class Attach extends InEffect {}

  @Name("io.github.jbypass.Adopt")
  @Label("Adopt")
  @Description("Programs were put in the place of pinned ones, whose connections they serve on")
  static final class Adopt extends InEffect {}

  @Name("io.github.jbypass.Pin")
  @Label("Pin")
  @Description("The data path outlives the process from now on")
  static final class Pin extends FlightEvent {
    @Label("Directory")
    @Nullable String directory;

    @Override
    void fill(Map<String, Object> fields) {
      directory = text(fields.get("directory"));
    }
  }

  @Name("io.github.jbypass.Enable")
  @Label("Enable")
  @Description("Redirecting was switched on")
  static final class Enable extends FlightEvent {}

  @Name("io.github.jbypass.Disable")
  @Label("Disable")
  @Description("Redirecting was switched off: messages go over TCP")
  static final class Disable extends FlightEvent {}

  @Name("io.github.jbypass.Drain")
  @Label("Drain")
  @Description("Redirecting and enrolling were switched off, and the queues waited for")
  static final class Drain extends FlightEvent {
    @Label("Left Sockets")
    @Description("Whose applications had not read all that was redirected to them")
    int left;

    @Label("Left Bytes")
    @DataAmount
    long bytes;

    @Override
    void fill(Map<String, Object> fields) {
      left = (int) number(fields.get("left"));
      bytes = number(fields.get("bytes"));
    }
  }

  /** What there was until now. */
  abstract static class End extends FlightEvent {
    @Label("Redirected Messages")
    @Description("Since it was loaded, or first pinned")
    long redirected;

    @Label("Paired Connections")
    @Description("Since it was loaded, or first pinned")
    long connectionsPaired;

    @Override
    void fill(Map<String, Object> fields) {
      redirected = number(fields.get("redirected"));
      connectionsPaired = number(fields.get("connections_paired"));
    }
  }

  @Name("io.github.jbypass.Close")
  @Label("Close")
  @Description("The process's part has ended; what is pinned stays in effect")
  static final class Close extends End {
    @Label("Stays")
    @Description("Whether it is pinned")
    boolean stays;

    @Override
    void fill(Map<String, Object> fields) {
      super.fill(fields);
      stays = Boolean.TRUE.equals(fields.get("stays"));
    }
  }

  @Name("io.github.jbypass.Unload")
  @Label("Unload")
  @Description("All was detached, and its pins were removed")
  static final class Unload extends End {}

  @Name("io.github.jbypass.Uninstall")
  @Label("Uninstall")
  @Description("Everything of ours was removed from a directory of pins")
  static final class Uninstall extends FlightEvent {
    @Label("Directory")
    @Nullable String directory;

    @Label("Removed")
    @Description("How many data paths")
    int removed;

    @Override
    void fill(Map<String, Object> fields) {
      directory = text(fields.get("directory"));
      removed = (int) number(fields.get("removed"));
    }
  }
}
