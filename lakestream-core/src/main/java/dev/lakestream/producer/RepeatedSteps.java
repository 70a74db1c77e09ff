// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.producer;

import dev.lakestream.log.CommitContent;
import dev.lakestream.log.RepeatRange;
import java.io.IOException;
import java.util.Optional;

/**
 * Steps that are to be committed once more, in parts, so that any number of them fits into memory.
 * Used once. Not thread-safe.
 *
 * <p>Must: name no bundle but those whose cells are in the range, as the steps of the range name
 * them. What is trimmed meanwhile may be an error; the commit would be void.
 */
public interface RepeatedSteps {
  /** The readable steps that the cells are in. */
  RepeatRange range();

  /** What makes a second commit of the same repeat void. */
  String idempotence();

  /** The next steps in their new order, with the bundles that they take; empty at the end. */
  Optional<CommitContent.Inline> next() throws IOException;
}
