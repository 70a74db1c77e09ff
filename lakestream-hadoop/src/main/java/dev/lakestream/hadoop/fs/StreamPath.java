// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.fs;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.format.Limits;
import dev.lakestream.format.Names;
import java.io.FileNotFoundException;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.Path;

/**
 * What a path names: a fork of the mounted stream, or that itself; a version of it; a place in its
 * tree.
 *
 * @param forks names, from the mounted stream down; empty for that itself
 * @param version that the view is pinned to; empty for the view at open
 * @param names below the root of that view; empty for the root
 */
record StreamPath(List<String> forks, OptionalLong version, List<String> names) {
  static final String STEPS = "steps";
  static final String NEXT = "next";
  static final String COMMITS = "commits";
  static final String PRODUCERS = "producers";
  static final String PINS = "pins";
  static final String FORKS = "forks";
  static final String STAGING = "staging";
  private static final Pattern VERSION = Pattern.compile("@version=(0|[1-9]\\d{0,15})");

  StreamPath {
    forks = List.copyOf(forks);
    names = List.copyOf(names);
  }

  /** Parses an absolute path. */
  static StreamPath of(Path path) throws FileNotFoundException {
    List<String> all =
        Arrays.stream(path.toUri().getPath().split("/")).filter(name -> !name.isEmpty()).toList();
    if (all.contains("..") || all.contains(".")) {
      throw new InvalidRequestException(path + " leads out of the stream");
    }
    int next = 0;
    while (next + 1 < all.size() && all.get(next).equals(FORKS)) {
      if (!Names.isValid(all.get(next + 1))) {
        throw new FileNotFoundException(path + ": no fork has this name");
      }
      next += 2;
    }
    List<String> forks =
        java.util.stream.IntStream.range(0, next / 2).mapToObj(i -> all.get(2 * i + 1)).toList();
    OptionalLong version = OptionalLong.empty();
    if (next < all.size() && all.get(next).startsWith("@")) {
      version = OptionalLong.of(version(path, all.get(next)));
      next++;
    }
    return new StreamPath(forks, version, all.subList(next, all.size()));
  }

  private static long version(Path path, String name) throws FileNotFoundException {
    Matcher matcher = VERSION.matcher(name);
    if (!matcher.matches() || Long.parseLong(matcher.group(1)) > Limits.MAX_INTEGER) {
      throw new FileNotFoundException(
          path + ": a version of the stream is pinned by @version=<number>, not '" + name + "'");
    }
    return Long.parseLong(matcher.group(1));
  }

  /** Whether it is the root of a view. */
  boolean isRoot() {
    return names.isEmpty();
  }

  /** The folder of the root that it is in; only where it is not the root itself. */
  String branch() {
    return names.get(0);
  }

  /** The names below its branch. */
  List<String> below() {
    return names.subList(1, names.size());
  }

  /** Whether this is {@code staging} or below it, where one may write. */
  boolean isStaging() {
    return version.isEmpty() && !isRoot() && branch().equals(STAGING);
  }

  /** Whether this is the name that a stage is renamed to. */
  boolean isNextStep() {
    return version.isEmpty() && names.equals(List.of(STEPS, NEXT));
  }
}
