// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.wire;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * Stands between clients and an HTTP server, on the loopback. Faults are planned one by one, or
 * drawn from a seed in the order in which requests come: with several clients at a time a seed
 * fixes the faults, but not who meets them. Thread-safe.
 */
public final class WireProxy implements AutoCloseable {
  /**
   * What is answered instead of the server.
   *
   * @param headers further lines, each ending with CR LF
   */
  public record MadeUp(int status, String headers, String body) {
    /** An error as S3 writes it. */
    public static MadeUp s3Error(int status, String code) {
      return new MadeUp(
          status,
          "Content-Type: application/xml\r\n",
          "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>"
              + code
              + "</Code><Message>made up by a test</Message><RequestId>1</RequestId></Error>");
    }
  }

  private record Plan(
      Predicate<WireRequest> which, Optional<WireFault> fault, Optional<MadeUp> answer) {}

  private final ServerSocket listener;
  private final URI upstream;
  private final ExecutorService executor = Executors.newCachedThreadPool();
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final List<Plan> plans = new ArrayList<>();
  private final List<Plan> rules = new ArrayList<>();
  private final List<WireRequest> seen = new ArrayList<>();
  private Set<WireFault> drawn = EnumSet.allOf(WireFault.class);
  private Predicate<WireRequest> exposed = request -> true;
  private Predicate<WireRequest> damaged = request -> false;
  private Random random = new Random(0);
  private double probability;
  private final Map<WireFault, Integer> faults = new EnumMap<>(WireFault.class);
  private Duration delay = Duration.ofMillis(200);

  private WireProxy(ServerSocket listener, URI upstream) {
    this.listener = listener;
    this.upstream = upstream;
  }

  /** Begins to listen, on a free port. */
  public static WireProxy before(URI upstream) throws IOException {
    ServerSocket listener = new ServerSocket(0, 256, InetAddress.getLoopbackAddress());
    WireProxy proxy = new WireProxy(listener, upstream);
    proxy.executor.execute(proxy::accept);
    return proxy;
  }

  /** Where clients are to go. */
  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + listener.getLocalPort());
  }

  /** The next such request has this fault; plans queue up. */
  public synchronized WireProxy plan(Predicate<WireRequest> which, WireFault fault) {
    plans.add(new Plan(which, Optional.of(fault), Optional.empty()));
    return this;
  }

  /** From now on all such requests are answered like this, and don't reach the server. */
  public synchronized WireProxy answer(Predicate<WireRequest> which, MadeUp answer) {
    rules.add(new Plan(which, Optional.empty(), Optional.of(answer)));
    return this;
  }

  /** From now on each request has one of these faults with this probability. Zero ends it. */
  public WireProxy randomly(long seed, double chance, Set<WireFault> among) {
    return randomly(seed, chance, among, request -> true);
  }

  /** As {@link #randomly(long, double, Set)}, but only such requests. */
  public synchronized WireProxy randomly(
      long seed, double chance, Set<WireFault> among, Predicate<WireRequest> which) {
    random = new Random(seed);
    probability = chance;
    drawn = EnumSet.copyOf(among);
    exposed = which;
    return this;
  }

  /** From now on the first byte of the body of such requests arrives changed. */
  public synchronized WireProxy damaging(Predicate<WireRequest> which) {
    damaged = which;
    return this;
  }

  synchronized boolean damages(WireRequest request) {
    return damaged.test(request);
  }

  /** How long {@link WireFault#DELAY} and {@link WireFault#LATE_REQUEST} take. */
  public synchronized WireProxy delaying(Duration time) {
    delay = time;
    return this;
  }

  /** Plans whose request has not come yet: at the end of a test there should be none. */
  public synchronized int openPlans() {
    return plans.size();
  }

  /** How many faults there were. */
  public synchronized int faults() {
    return faults.values().stream().mapToInt(Integer::intValue).sum();
  }

  /** How many faults there were of each kind that there were any of. */
  public synchronized Map<WireFault, Integer> faultsByKind() {
    return new EnumMap<>(faults);
  }

  /** The requests since the last call. */
  public synchronized List<WireRequest> takeRequests() {
    List<WireRequest> taken = List.copyOf(seen);
    seen.clear();
    return taken;
  }

  /** What is to become of a request; counts it. */
  synchronized Optional<WireFault> faultFor(WireRequest request) {
    seen.add(request);
    Optional<Plan> planned = plans.stream().filter(plan -> plan.which.test(request)).findFirst();
    Optional<WireFault> fault = Optional.empty();
    if (planned.isPresent()) {
      plans.remove(planned.get());
      fault = planned.get().fault;
    } else if (exposed.test(request) && random.nextDouble() < probability) {
      List<WireFault> fitting = drawn.stream().filter(some -> fits(some, request)).toList();
      if (!fitting.isEmpty()) {
        fault = Optional.of(fitting.get(random.nextInt(fitting.size())));
      }
    }
    fault.ifPresent(some -> faults.merge(some, 1, Integer::sum));
    return fault;
  }

  /** S3 says 409 to puts alone; a late request would surprise those who delete. */
  private static boolean fits(WireFault fault, WireRequest request) {
    return switch (fault) {
      case CONFLICT, LATE_REQUEST -> request.isConditionalPut();
      case HALF_BODY, WRONG_LENGTH, STALL -> request.method().equals("GET");
      default -> true;
    };
  }

  synchronized Optional<MadeUp> answerFor(WireRequest request) {
    return rules.stream()
        .filter(rule -> rule.which.test(request))
        .findFirst()
        .flatMap(rule -> rule.answer);
  }

  /** Waits as long as a delay takes; false if the proxy was closed meanwhile. */
  boolean waitForDelay() throws InterruptedException {
    Duration time;
    synchronized (this) {
      time = delay;
    }
    return !closed.await(time.toMillis(), TimeUnit.MILLISECONDS);
  }

  Socket connect() throws IOException {
    Socket socket = new Socket(upstream.getHost(), upstream.getPort());
    socket.setTcpNoDelay(true);
    sockets.add(socket);
    return socket;
  }

  void forget(Socket socket) {
    sockets.remove(socket);
  }

  void execute(Runnable work) {
    executor.execute(work);
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        client.setTcpNoDelay(true);
        sockets.add(client);
        executor.execute(new WireConnection(this, client));
      } catch (IOException e) {
        // Closed, or a client that went away at once.
      }
    }
  }

  @Override
  public void close() throws IOException {
    closed.countDown();
    listener.close();
    for (Socket socket : sockets) {
      socket.close();
    }
    executor.shutdownNow();
  }
}
