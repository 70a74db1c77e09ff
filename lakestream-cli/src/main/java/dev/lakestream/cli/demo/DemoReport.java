// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.demo;

import java.util.List;
import java.util.Map;

/** What a demo did, and what was wrong with it. */
record DemoReport(Map<String, String> figures, List<String> faults) {}
