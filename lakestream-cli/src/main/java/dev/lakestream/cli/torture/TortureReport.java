// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.torture;

import java.util.List;
import java.util.Map;

/**
 * What was done, and what was wrong.
 *
 * @param figures by name
 * @param faults empty if every row is accounted for
 */
record TortureReport(Map<String, Long> figures, List<String> faults) {
  TortureReport {
    faults = List.copyOf(faults);
  }
}
