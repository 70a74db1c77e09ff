// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.fork;

import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.error.StepUnavailableException;
import dev.lakestream.error.StreamExistsException;
import dev.lakestream.error.StreamNotFoundException;
import dev.lakestream.error.UnsupportedFeatureException;
import dev.lakestream.format.Digest;
import dev.lakestream.format.Limits;
import dev.lakestream.format.Names;
import dev.lakestream.format.SealedJson;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.log.Features;
import dev.lakestream.log.ForkOrigin;
import dev.lakestream.log.LogEntry;
import dev.lakestream.log.RecordedSkip;
import dev.lakestream.log.StreamDocument;
import dev.lakestream.log.StreamDocumentJson;
import dev.lakestream.log.StreamState;
import dev.lakestream.log.Totals;
import dev.lakestream.reader.Cursor;
import dev.lakestream.retention.OpenIntents;
import dev.lakestream.retention.Pin;
import dev.lakestream.retention.Pins;
import dev.lakestream.store.FolderStore;
import dev.lakestream.store.ObjectInfo;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectNotFoundException;
import dev.lakestream.store.OutcomeUnknownException;
import dev.lakestream.store.PutResult;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;

/**
 * The forks of a stream: streams of their own that have the steps before one of its steps in common
 * with it, without a copy of data.
 *
 * <p>Must:
 *
 * <ul>
 *   <li>pin what a fork may read before the fork exists, and release that only when it exists no
 *       more (invariant 8);
 *   <li>use a name once: a writer of a deleted fork may wake up and write below it;
 *   <li>leave, wherever it dies, something that {@link #delete} finishes.
 * </ul>
 *
 * <p>Not thread-safe. Advances the stream to its tail.
 */
public final class Forks {
  private final LakeStream parent;
  private final Pins pins;

  public Forks(LakeStream parent) {
    this.parent = parent;
    this.pins = new Pins(parent);
  }

  /**
   * Forks the stream.
   *
   * @param name of the fork; once used, also by one that was deleted, it can't be used again
   * @param step the first step of the fork's own; at most the parent's next one
   * @return the fork, open
   * @throws StreamExistsException if the name is taken
   * @throws StepUnavailableException if the step was trimmed
   * @throws InvalidRequestException if the step is beyond the tail, or the name is none
   */
  public LakeStream create(String name, long step) throws IOException, InterruptedException {
    Names.check("fork", name);
    FolderStore store = FolderStore.ofFork(parent.store(), name);
    checkUnused(name);
    while (true) {
      UUID id = parent.environment().uuids().get();
      long from = parent.refresh().firstReadable();
      checkStep(parent.state(), step);
      Optional<Pin> pin;
      try {
        pin = pin(name, id, from, step);
      } catch (StepUnavailableException e) {
        if (parent.state().firstReadable() == from) {
          throw e;
        }
        continue; // a trim was faster than the pin: fork what it has left
      }
      put(document(id, name, step), pin);
      return LakeStream.open(store, parent.environment());
    }
  }

  /** Names that are or were those of forks. Lists all objects of all forks. */
  public List<ForkListing> list() throws IOException {
    Map<String, List<ObjectKey>> objects = new TreeMap<>();
    for (String name : pins.checkpoints(ForkKeys.JOB)) {
      objects.put(name, new ArrayList<>());
    }
    for (ObjectInfo info : parent.store().list(StreamKeys.FORKS, Optional.empty())) {
      ForkKeys.owner(info.key())
          .filter(Names::isValid)
          .ifPresent(
              name -> objects.computeIfAbsent(name, absent -> new ArrayList<>()).add(info.key()));
    }
    List<ForkListing> listing = new ArrayList<>();
    for (Map.Entry<String, List<ObjectKey>> fork : objects.entrySet()) {
      listing.add(describe(fork.getKey(), fork.getValue()));
    }
    return listing;
  }

  /**
   * Deletes a fork with all its data, or finishes what an earlier call left; then releases its pin
   * in the parent. Nobody may read or write it any more.
   *
   * @throws StreamNotFoundException if there is nothing of this name
   * @throws InvalidRequestException if the fork has forks itself
   */
  public void delete(String name) throws IOException {
    Names.check("fork", name);
    List<ObjectKey> below = below(name);
    if (below.isEmpty() && pins.keys(ForkKeys.JOB, name).isEmpty()) {
      throw new StreamNotFoundException("there is no fork '" + name + "' of " + where());
    }
    checkHasNoForks(name, below);
    mark(name);
    parent.store().delete(ForkKeys.document(name));
    deleteRest(name);
    pins.releaseAll(ForkKeys.JOB, name);
  }

  private void checkUnused(String name) throws IOException {
    if (parent.store().head(ForkKeys.document(name)).isPresent()) {
      throw taken(name);
    }
    if (!below(name).isEmpty()) {
      throw new StreamExistsException(
          "'"
              + name
              + "' was the name of a fork of "
              + where()
              + " that was deleted: a name is used once, choose another one");
    }
  }

  private StreamExistsException taken(String name) {
    return new StreamExistsException(
        "there is a fork '" + name + "' of " + where() + " already: choose another name");
  }

  private static void checkStep(StreamState state, long step) {
    if (step < 0 || step > state.nextStep()) {
      throw new InvalidRequestException(
          "the stream can be forked at steps "
              + state.firstReadable()
              + " to "
              + state.nextStep()
              + ", not at "
              + step);
    }
    if (step < state.firstReadable()) {
      throw new StepUnavailableException(
          "the stream can't be forked at step "
              + step
              + ", which was trimmed: the first readable step is "
              + state.firstReadable());
    }
  }

  /** Without anything readable before the first own step there is nothing to keep. */
  private Optional<Pin> pin(String name, UUID fork, long from, long to)
      throws IOException, InterruptedException {
    return from < to
        ? Optional.of(pins.pin(ForkKeys.JOB, name, fork, from, Optional.of(to), OpenIntents.CANCEL))
        : Optional.empty();
  }

  /** What the fork begins with, as the parent is at the last look. */
  private StreamDocument document(UUID id, String name, long step) throws IOException {
    StreamState state = parent.state();
    boolean known = step == 0 || step > parent.firstReadable();
    Optional<Cursor> cursor = known ? Optional.of(parent.cursor(step, -1)) : Optional.empty();
    ForkOrigin origin =
        new ForkOrigin(
            parent.id(),
            name,
            state.version(),
            before(state, step),
            state.firstReadable(),
            cursor.map(Cursor::chain).orElse(Digest.ZERO),
            cursor.map(Cursor::digest).orElse(Digest.ZERO),
            state.schemas().subList(1, state.schemas().size()),
            skipsBefore(state, step));
    return new StreamDocument(
        id,
        Math.max(parent.environment().clock().millis(), state.time()),
        LogEntry.WRITER,
        List.of(Features.FORK),
        state.schemas().get(0).schema(),
        state.defaults(),
        Optional.of(origin));
  }

  private Totals before(StreamState state, long step) throws IOException {
    return step == state.nextStep() ? state.totals() : parent.groupOf(step).before(step);
  }

  private static List<RecordedSkip> skipsBefore(StreamState state, long step) {
    return state.skips().stream()
        .filter(skip -> skip.from() < step)
        .map(
            skip ->
                new RecordedSkip(
                    skip.version(), skip.from(), Math.min(skip.to(), step), skip.reason()))
        .toList();
  }

  /** The put that makes the fork. While nobody says whether it happened, the pin stays. */
  private void put(StreamDocument document, Optional<Pin> pin) throws IOException {
    String name = document.fork().orElseThrow().name();
    byte[] content = StreamDocumentJson.encode(document);
    if (content.length > Limits.SMALL_OBJECT_BYTES) {
      release(pin);
      throw new InvalidRequestException(
          "the stream has too many schemas and skips to be forked: " + content.length + " bytes");
    }
    PutResult put;
    try {
      put = parent.store().putIfAbsent(ForkKeys.document(name), content);
    } catch (OutcomeUnknownException e) {
      put = parent.store().putIfAbsent(ForkKeys.document(name), content);
    }
    if (put == PutResult.EXISTS && !isOurs(document)) {
      release(pin);
      throw taken(name);
    }
    if (parent.store().head(ForkKeys.mark(name)).isPresent()) {
      parent.store().delete(ForkKeys.document(name));
      release(pin);
      throw new StreamExistsException(
          "'" + name + "' was the name of a fork that was deleted meanwhile: choose another one");
    }
  }

  private void release(Optional<Pin> pin) throws IOException {
    if (pin.isPresent()) {
      pins.release(pin.get());
    }
  }

  private boolean isOurs(StreamDocument document) throws IOException {
    return read(document.fork().orElseThrow().name())
        .filter(found -> found.id().equals(document.id()))
        .isPresent();
  }

  private Optional<StreamDocument> read(String name) throws IOException {
    ObjectKey key = ForkKeys.document(name);
    try {
      return Optional.of(
          StreamDocumentJson.decode(
              key.value(), parent.store().get(key, Limits.SMALL_OBJECT_BYTES)));
    } catch (ObjectNotFoundException e) {
      return Optional.empty();
    }
  }

  private ForkListing describe(String name, List<ObjectKey> objects) throws IOException {
    boolean marked = objects.contains(ForkKeys.mark(name));
    if (marked) {
      boolean rest = objects.size() > 1 || !pins.keys(ForkKeys.JOB, name).isEmpty();
      return new ForkListing(
          name,
          rest ? ForkListing.State.HALF_DELETED : ForkListing.State.DELETED,
          Optional.empty());
    }
    try {
      Optional<StreamDocument> document = read(name);
      return new ForkListing(
          name,
          document.isPresent() ? ForkListing.State.LIVE : ForkListing.State.UNFINISHED,
          document);
    } catch (CorruptObjectException | UnsupportedFeatureException e) {
      return new ForkListing(name, ForkListing.State.DAMAGED, Optional.empty());
    }
  }

  private static void checkHasNoForks(String name, List<ObjectKey> below) {
    String documents = ForkKeys.folder(name) + "/" + StreamKeys.FORKS + "/[^/]+/stream\\.json";
    Optional<ObjectKey> fork =
        below.stream().filter(key -> key.value().matches(documents)).findFirst();
    if (fork.isPresent()) {
      throw new InvalidRequestException(
          "the fork '" + name + "' has forks itself: delete " + fork.get() + "'s stream first");
    }
  }

  /** From now on nobody can use the name. */
  private void mark(String name) throws IOException {
    var json = SealedJson.object().put("lakestream", Limits.FORMAT_VERSION);
    knownId(name).ifPresent(id -> json.put("stream", id.toString()));
    json.put("time", parent.environment().clock().millis());
    byte[] content = SealedJson.seal(json);
    try {
      parent.store().putIfAbsent(ForkKeys.mark(name), content);
    } catch (OutcomeUnknownException e) {
      parent.store().putIfAbsent(ForkKeys.mark(name), content);
    }
  }

  /** A fork whose document nobody can read can be deleted all the same. */
  private Optional<UUID> knownId(String name) throws IOException {
    try {
      return read(name).map(StreamDocument::id);
    } catch (CorruptObjectException | UnsupportedFeatureException e) {
      return Optional.empty();
    }
  }

  private void deleteRest(String name) throws IOException {
    for (ObjectKey key : below(name)) {
      if (!key.equals(ForkKeys.mark(name))) {
        parent.store().delete(key);
      }
    }
  }

  private List<ObjectKey> below(String name) throws IOException {
    return parent.store().list(ForkKeys.folder(name), Optional.empty()).stream()
        .map(ObjectInfo::key)
        .toList();
  }

  private String where() {
    return parent.store().root().toString();
  }
}
