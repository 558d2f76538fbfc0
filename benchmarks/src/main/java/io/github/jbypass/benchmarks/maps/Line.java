// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.maps;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A line of the table: a way of ours to do something, beside the others.
 *
 * @param what is done
 * @param variant which of ours
 * @param ours its figures
 * @param c those of the loop in C
 * @param rawbpf those of the other library, if it can do that
 * @param speedup over the single operation; NaN where there is none, or it was not measured
 */
record Line(
    Case what, Variant variant, Figures ours, Figures c, @Nullable Figures rawbpf, double speedup) {
  static final String HEADER =
      """
      | operation | ours | ns/op | ± | B/op | C: ns/op | × C | rawbpf: ns/op | B/op | goals |
      |---|---|--:|--:|--:|--:|--:|--:|--:|---|""";

  static List<Line> of(Map<Case, Map<Variant, Figures>> measured) {
    var lines = new ArrayList<Line>();
    measured.forEach(
        (what, figures) ->
            figures.forEach(
                (variant, ours) -> {
                  if (variant.isOurs()) {
                    lines.add(
                        new Line(
                            what,
                            variant,
                            ours,
                            figures.get(Variant.C),
                            figures.get(Variant.RAWBPF),
                            speedup(what, ours, measured)));
                  }
                }));
    return lines;
  }

  private static double speedup(
      Case what, Figures ours, Map<Case, Map<Variant, Figures>> measured) {
    if (Double.isNaN(what.scenario().goal.speedup())) {
      return Double.NaN;
    }
    var single = measured.get(what.single());
    return single == null ? Double.NaN : single.get(Variant.MEMORY).median() / ours.median();
  }

  double timesC() {
    return ours.median() / c.median();
  }

  /** What was to be reached and was not; empty if all was. */
  List<String> missed() {
    var goal = what.scenario().goal;
    var missed = new ArrayList<String>();
    if (variant.allocatesNothing() && ours.bytesAllocated() > Goal.NO_OBJECT) {
      missed.add(format("%.1f B/op, not 0", ours.bytesAllocated()));
    }
    if (timesC() > goal.timesC() && variant != Variant.RECORDS) {
      missed.add(format("%.2f × C, not %.2f", timesC(), goal.timesC()));
    }
    if (ours.median() > goal.nanoseconds()) {
      missed.add(format("%.1f ns, not %.0f", ours.median(), goal.nanoseconds()));
    }
    if (speedup < goal.speedup()) {
      missed.add(format("%.1f × faster than one by one, not %.0f", speedup, goal.speedup()));
    }
    return missed;
  }

  /** As a line of a table in Markdown. */
  @Override
  public String toString() {
    return format(
        "| %s | %s | %.1f | %s | %s | %.1f | %.2f | %s | %s | %s |",
        what,
        variant.title,
        ours.median(),
        orDash("%.1f", ours.error()),
        orDash("%.1f", ours.bytesAllocated()),
        c.median(),
        timesC(),
        rawbpf == null ? "–" : format("%.1f", rawbpf.median()),
        rawbpf == null ? "–" : orDash("%.1f", rawbpf.bytesAllocated()),
        verdict());
  }

  private String verdict() {
    return missed().isEmpty() ? "met" : "missed: " + String.join("; ", missed());
  }

  private static String orDash(String format, double figure) {
    return Double.isNaN(figure) ? "–" : format(format, figure);
  }

  private static String format(String format, Object... arguments) {
    return String.format(Locale.ROOT, format, arguments);
  }
}
