// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.VectorGraphicsEncoder.VectorGraphicsFormat;
import org.knowm.xchart.style.Styler;

/** Bars side by side for things that have names, as SVG. */
public final class BarPlot {
  private static final int WIDTH = 640;
  private static final int HEIGHT = 340;

  private final CategoryChart chart;
  private final List<String> names;

  /** A plot without bars; {@code names} are what stands below them. */
  public BarPlot(String title, String y, List<String> names) {
    this.names = List.copyOf(names);
    chart =
        new CategoryChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(title)
            .yAxisTitle(y)
            .theme(Styler.ChartTheme.XChart)
            .build();
    chart.getStyler().setLegendPosition(Styler.LegendPosition.OutsideS);
    chart.getStyler().setChartBackgroundColor(java.awt.Color.WHITE);
  }

  /**
   * The y axis is logarithmic.
   *
   * @param smallest value that there may be, above 0; bars begin there
   */
  public BarPlot logarithmicFrom(double smallest) {
    chart.getStyler().setYAxisLogarithmic(true).setYAxisDecimalPattern("#,###.###");
    chart.getStyler().setYAxisMin(smallest);
    return this;
  }

  /** One more bar for each name. */
  public BarPlot bars(String series, List<? extends Number> values) {
    chart.addSeries(series, names, values);
    return this;
  }

  /** Writes it as SVG. */
  public void write(Path file) throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    try (OutputStream out = Files.newOutputStream(file)) {
      VectorGraphicsEncoder.saveVectorGraphic(chart, out, VectorGraphicsFormat.SVG);
    }
  }
}
