// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.ObjectStores;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/**
 * How the store of a stream is opened, by a command and by the processes that it starts. Holds no
 * credentials: stores refuse them as options, and child processes inherit the environment.
 */
public final class StoreOptions {
  /** The variables that other programs read, by the options that say the same. */
  private static final Map<String, String> VARIABLES =
      Map.of("s3.endpoint", "AWS_ENDPOINT_URL_S3", "s3.region", "AWS_REGION");

  @Option(
      names = "--store",
      paramLabel = "NAME=VALUE",
      description = "A setting of the store, such as local.durability=process. Repeatable.")
  private Map<String, String> options = new LinkedHashMap<>();

  /** Opens the store below a root; the caller closes it. */
  public ObjectStore open(String uri) {
    if (uri.isBlank()) {
      throw new InvalidRequestException("the URI of the stream is empty");
    }
    return ObjectStores.open(uri, options);
  }

  /** By name. */
  public Map<String, String> values() {
    return Map.copyOf(options);
  }

  /** These options with one of them set. */
  public StoreOptions with(String name, String value) {
    StoreOptions changed = new StoreOptions();
    changed.options.putAll(options);
    changed.options.put(name, value);
    return changed;
  }

  /** As arguments of another command of this program. */
  public List<String> arguments() {
    return options.entrySet().stream()
        .map(option -> "--store=" + option.getKey() + "=" + option.getValue())
        .toList();
  }

  /** As variables of a program that takes no such arguments: the Python readers. */
  public Map<String, String> environment() {
    Map<String, String> variables = new LinkedHashMap<>();
    VARIABLES.forEach(
        (option, variable) -> {
          if (options.containsKey(option)) {
            variables.put(variable, options.get(option));
          }
        });
    return variables;
  }
}
