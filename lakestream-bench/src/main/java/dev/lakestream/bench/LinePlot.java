// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Lines over an axis that is logarithmic unless told otherwise, as SVG. */
public final class LinePlot {
  private static final int WIDTH = 520;
  private static final int HEIGHT = 340;

  private final XYChart chart;

  /** A plot without lines. */
  public LinePlot(String title, String x, String y) {
    chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(title)
            .xAxisTitle(x)
            .yAxisTitle(y)
            .theme(Styler.ChartTheme.XChart)
            .build();
    chart.getStyler().setXAxisLogarithmic(true).setXAxisDecimalPattern("#,###");
    chart.getStyler().setLegendPosition(Styler.LegendPosition.OutsideE);
    chart.getStyler().setChartBackgroundColor(java.awt.Color.WHITE);
    chart.getStyler().setMarkerSize(5);
  }

  /** The y axis is logarithmic, too; all values must be above 0. */
  public LinePlot logarithmic() {
    chart.getStyler().setYAxisLogarithmic(true).setYAxisDecimalPattern("#,###.###");
    return this;
  }

  /** The x axis is not logarithmic. */
  public LinePlot linearX() {
    chart.getStyler().setXAxisLogarithmic(false).setXAxisDecimalPattern("#,##0.#");
    return this;
  }

  /** The y axis shows at least these. */
  public LinePlot between(double low, double high) {
    chart.getStyler().setYAxisMin(low).setYAxisMax(high);
    return this;
  }

  /** One more line. */
  public LinePlot line(String name, List<? extends Number> x, List<? extends Number> y) {
    chart.addSeries(name, x, y).setMarker(SeriesMarkers.CIRCLE);
    return this;
  }

  /** Writes it as SVG. */
  public void write(Path file) throws IOException {
    Svg.write(chart, file);
  }
}
