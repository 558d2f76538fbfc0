// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks.results;

import de.erichseifert.vectorgraphics2d.VectorGraphics2D;
import de.erichseifert.vectorgraphics2d.svg.SVGProcessor;
import de.erichseifert.vectorgraphics2d.util.PageSize;
import java.awt.Color;
import java.awt.Font;
import java.awt.geom.Rectangle2D;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.NumberFormat;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.CategoryAxis;
import org.jfree.chart.axis.LogAxis;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.axis.NumberTickUnit;
import org.jfree.chart.axis.ValueAxis;
import org.jfree.chart.block.BlockBorder;
import org.jfree.chart.plot.CategoryPlot;
import org.jfree.chart.renderer.category.AbstractCategoryItemRenderer;
import org.jfree.chart.renderer.category.StandardBarPainter;
import org.jfree.chart.renderer.category.StatisticalBarRenderer;
import org.jfree.chart.renderer.category.StatisticalLineAndShapeRenderer;
import org.jfree.chart.title.TextTitle;
import org.jfree.chart.ui.RectangleEdge;
import org.jfree.data.statistics.DefaultStatisticalCategoryDataset;

/** Results as SVG: one chart for each topic, of the metric that was measured first. */
final class Charts {
  private static final int WIDTH = 800;
  private static final int HEIGHT = 400;
  private static final double LOGARITHMIC_FROM = 20; // the largest figure over the smallest
  private static final Color GRID = new Color(0xd9d9d9);

  /** Java's name for what every browser calls otherwise. */
  private static final Pattern FONT = Pattern.compile("font-family:(?:&quot;[^&]*&quot;|[^;&])*;");

  /** The same variant has the same colour in every chart. */
  private static final Map<String, Color> COLOURS =
      Map.of(
          "TCP", new Color(0x8c8c8c),
          "plain", new Color(0x8c8c8c),
          "AF_UNIX", new Color(0xb07aa1),
          "redirect always", new Color(0xf28e2b),
          "accelerated", new Color(0x1f77b4),
          "intercepted", new Color(0x2ca02c));

  private static final List<Color> OTHERS =
      List.of(
          new Color(0xe15759),
          new Color(0x76b7b2),
          new Color(0xedc948),
          new Color(0x9c755f),
          new Color(0x59a14f),
          new Color(0x4e79a7));

  static {
    System.setProperty("java.awt.headless", "true");
  }

  private Charts() {}

  /**
   * Writes the charts.
   *
   * @param prefix what their files' names begin with
   * @param subtitle what stands below each: the machine
   */
  static void write(Path directory, String prefix, String subtitle, List<Result> results)
      throws IOException {
    var first = new LinkedHashMap<String, Topic>();
    Topic.of(results).forEach(topic -> first.putIfAbsent(topic.name(), topic));
    for (var topic : first.values()) {
      Files.writeString(directory.resolve(fileName(prefix, topic.name())), svg(topic, subtitle));
    }
  }

  static String fileName(String prefix, String topic) {
    var words = topic.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    return (prefix + "-" + words).replaceAll("-+$", "") + ".svg";
  }

  private static String svg(Topic topic, String subtitle) throws IOException {
    var graphics = new VectorGraphics2D();
    chart(topic, subtitle).draw(graphics, new Rectangle2D.Double(0, 0, WIDTH, HEIGHT));
    var document =
        new SVGProcessor().getDocument(graphics.getCommands(), new PageSize(WIDTH, HEIGHT));
    var bytes = new ByteArrayOutputStream();
    document.writeTo(bytes);
    var text = bytes.toString(StandardCharsets.UTF_8);
    return FONT.matcher(text).replaceAll("font-family:sans-serif;").strip() + "\n";
  }

  private static JFreeChart chart(Topic topic, String subtitle) {
    boolean logarithmic = isLogarithmic(topic);
    // From its bottom, a bar shows nothing on a logarithmic axis: lines do.
    var renderer = logarithmic ? new StatisticalLineAndShapeRenderer() : bars();
    var scenarios = new CategoryAxis();
    scenarios.setLowerMargin(0.02);
    scenarios.setUpperMargin(0.02);
    var plot = new CategoryPlot(data(topic), scenarios, axis(topic, logarithmic), renderer);
    plot.setBackgroundPaint(Color.WHITE);
    plot.setRangeGridlinePaint(GRID);
    plot.setOutlineVisible(false);
    colour(topic, renderer);
    var title = topic.name() + ": " + topic.metric();
    var chart = new JFreeChart(title, new Font(Font.SANS_SERIF, Font.BOLD, 14), plot, true);
    chart.setBackgroundPaint(Color.WHITE);
    chart.getLegend().setPosition(RectangleEdge.TOP);
    chart.getLegend().setFrame(BlockBorder.NONE);
    var source = new TextTitle(subtitle, new Font(Font.SANS_SERIF, Font.PLAIN, 10));
    source.setPosition(RectangleEdge.BOTTOM);
    chart.addSubtitle(source);
    return chart;
  }

  private static StatisticalBarRenderer bars() {
    var renderer = new StatisticalBarRenderer();
    renderer.setBarPainter(new StandardBarPainter());
    renderer.setItemMargin(0.05);
    renderer.setErrorIndicatorPaint(Color.DARK_GRAY);
    return renderer;
  }

  private static ValueAxis axis(Topic topic, boolean logarithmic) {
    if (!logarithmic) {
      return new NumberAxis();
    }
    var axis = new LogAxis(null);
    axis.setBase(2);
    axis.setTickUnit(new NumberTickUnit(1)); // a power of the base
    axis.setNumberFormatOverride(NumberFormat.getInstance(Locale.ROOT));
    return axis;
  }

  private static DefaultStatisticalCategoryDataset data(Topic topic) {
    var data = new DefaultStatisticalCategoryDataset();
    for (var variant : topic.variants()) {
      for (var scenario : topic.scenarios()) {
        topic
            .at(scenario, variant)
            .ifPresent(result -> data.add(result.median(), result.spread(), variant, scenario));
      }
    }
    return data;
  }

  private static void colour(Topic topic, AbstractCategoryItemRenderer renderer) {
    var others = new ArrayList<>(OTHERS);
    for (int series = 0; series < topic.variants().size(); series++) {
      var known = COLOURS.get(topic.variants().get(series));
      var colour = known != null ? known : others.isEmpty() ? Color.BLACK : others.removeFirst();
      renderer.setSeriesPaint(series, colour);
    }
  }

  private static boolean isLogarithmic(Topic topic) {
    var figures = topic.results().stream().mapToDouble(Result::median).summaryStatistics();
    return figures.getMin() > 0 && figures.getMax() / figures.getMin() > LOGARITHMIC_FROM;
  }
}
