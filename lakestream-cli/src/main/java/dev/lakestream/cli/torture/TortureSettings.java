// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.torture;

import dev.lakestream.cli.StoreOptions;
import java.nio.file.Path;
import java.time.Duration;

/**
 * What is to be done.
 *
 * @param home the clone, for the Python readers
 * @param store how the stream's store is opened
 * @param folder for journals and what processes say
 * @param duration of the torture, before everybody is told to stop
 * @param pause between two harms, on average
 * @param pythonReaders how many of the readers are in Python
 */
record TortureSettings(
    Path home,
    String uri,
    StoreOptions store,
    Path folder,
    Duration duration,
    Duration pause,
    int producers,
    int readers,
    int pythonReaders,
    long seed) {}
