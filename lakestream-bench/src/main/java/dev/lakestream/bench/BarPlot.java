// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.style.Styler;

/** Groups of bars, a group for each side, as SVG. */
public final class BarPlot {
  private static final int WIDTH = 720;
  private static final int HEIGHT = 340;

  private final CategoryChart chart;

  /** A plot without bars. */
  public BarPlot(String title, String y) {
    chart =
        new CategoryChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(title)
            .yAxisTitle(y)
            .theme(Styler.ChartTheme.XChart)
            .build();
    chart.getStyler().setLegendPosition(Styler.LegendPosition.OutsideE);
    chart.getStyler().setChartBackgroundColor(java.awt.Color.WHITE);
    chart.getStyler().setXAxisLabelRotation(20);
    chart.getStyler().setAvailableSpaceFill(0.8);
  }

  /** One bar in the group of each side. */
  public BarPlot bars(String name, List<String> sides, List<Double> values) {
    chart.addSeries(name, sides, values);
    return this;
  }

  /** Writes it as SVG. */
  public void write(Path file) throws IOException {
    Svg.write(chart, file);
  }
}
