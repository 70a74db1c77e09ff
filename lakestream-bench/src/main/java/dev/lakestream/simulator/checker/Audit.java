// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.simulator.checker;

import dev.lakestream.log.ProducerState;
import dev.lakestream.log.StreamState;
import java.util.List;

/** What somebody finds who opens the stream when all is over. */
public record Audit(StreamState state, List<ProducerState> producers) {}
