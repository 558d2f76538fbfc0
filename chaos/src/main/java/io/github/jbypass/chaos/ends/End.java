// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.chaos.ends;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * A process at one end of many connections: accepts some, opens others, opens a new one for each
 * that has ended. Does what it is told by lines of standard input, and tells by lines of standard
 * output. One thread; its time goes by a few messages a second for each connection.
 */
public final class End {
  /** The first line, and the answer to a command. */
  public static final String READY = "READY";

  /** How a line begins that tells of something that must not be. */
  public static final String FAILURE = "FAILURE";

  /** How a line begins that answers {@link #STATE}. */
  public static final String STATE = "STATE";

  /** The last line, after all connections have ended. */
  public static final String DONE = "DONE";

  private static final int LISTEN = 2048;
  private static final long SECOND = 1_000_000_000;
  private static final long RETRY = SECOND / 5;

  private final Selector selector = Selector.open();
  private final Timers timers = new Timers();
  private final Queue<String> commands = new ConcurrentLinkedQueue<>();
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(128 << 10);
  private final Set<Conversation> conversations = new LinkedHashSet<>();
  private final List<Opening> waiting = new ArrayList<>();
  private final Set<Long> served = new HashSet<>();
  private final Random random;
  private long nextNumber;
  private int generation = 1; // of the sidecar; 0 while it is not there
  private int brokenGeneration; // of the latest sidecar that was ended
  private long lastMisled = -1; // led to a sidecar that may not learn where to, as the agent left
  private boolean finishing;
  private long received;
  private long refused;

  /** What opens connections one after the other. */
  private record Opening(Route route, InetSocketAddress server) {}

  /** What a connecting socket is going to be. */
  private record Connecting(Opening opening, long number, int generation) {}

  /** A socket that has not yet said which connection it is. */
  private record Stranger(ByteBuffer hello) {}

  private End(long seed, long firstNumber) throws IOException {
    random = new Random(seed);
    nextNumber = firstNumber;
  }

  /** Takes a seed and the number of its first connection. */
  public static void main(String[] arguments) throws IOException {
    End end = new End(Long.parseLong(arguments[0]), Long.parseLong(arguments[1]));
    Thread.ofPlatform().daemon().start(end::takeCommands);
    System.out.println(READY);
    end.run();
  }

  private void takeCommands() {
    var lines = new BufferedReader(new InputStreamReader(System.in));
    try {
      for (var line = lines.readLine(); line != null; line = lines.readLine()) {
        commands.add(line);
        selector.wakeup();
      }
    } catch (IOException e) {
      System.err.println(e);
    }
    System.exit(0); // whoever started this is gone
  }

  private void run() throws IOException {
    while (true) {
      selector.select(this::serve, timers.millisecondsToNext());
      timers.run();
      for (var command = commands.poll(); command != null; command = commands.poll()) {
        obey(command.split(" "));
      }
      if (finishing && conversations.isEmpty() && hasNoStrangers()) {
        System.out.println(DONE);
        return;
      }
    }
  }

  private boolean hasNoStrangers() {
    return selector.keys().stream()
        .noneMatch(
            key -> key.attachment() instanceof Stranger || key.attachment() instanceof Connecting);
  }

  private void obey(String[] words) throws IOException {
    switch (words[0]) {
      case "listen" -> listen(Integer.parseInt(words[1]));
      case "open" -> open(words);
      case "breaks" -> {
        brokenGeneration = Integer.parseInt(words[1]);
        generation = 0;
      }
      case "agent" -> lastMisled = words[1].equals("leaves") ? Long.MAX_VALUE : nextNumber - 1;
      case "sidecar" -> {
        generation = Integer.parseInt(words[1]);
        List.copyOf(waiting).forEach(this::connect);
      }
      case "stall" -> stall(Double.parseDouble(words[1]), Long.parseLong(words[2]));
      case "burst" -> burst(Double.parseDouble(words[1]));
      case "finish" -> finish();
      case "list" -> conversations.forEach(each -> System.out.println("LEFT " + each));
      default -> throw new IllegalArgumentException(String.join(" ", words));
    }
    System.out.printf("%s %d %d %d%n", STATE, conversations.size(), received, refused);
  }

  private void listen(int port) throws IOException {
    var listener = ServerSocketChannel.open();
    listener.bind(new InetSocketAddress(port), LISTEN);
    listener.configureBlocking(false);
    listener.register(selector, SelectionKey.OP_ACCEPT);
  }

  /** Takes a route, how many, an address and a port. */
  private void open(String[] words) {
    var server = new InetSocketAddress(InetAddress.ofLiteral(words[3]), Integer.parseInt(words[4]));
    var opening = new Opening(Route.valueOf(words[1]), server);
    for (int i = 0; i < Integer.parseInt(words[2]); i++) {
      timers.after(random.nextLong(SECOND), () -> connect(opening));
    }
  }

  private void connect(Opening opening) {
    waiting.remove(opening);
    if (finishing) {
      return;
    }
    if (opening.route.mayMeetSidecar() && generation == 0) {
      waiting.add(opening);
      return;
    }
    try {
      var channel = SocketChannel.open();
      channel.configureBlocking(false);
      int madeIn = opening.route.mayMeetSidecar() ? generation : 0;
      var key =
          channel.register(
              selector, SelectionKey.OP_CONNECT, new Connecting(opening, nextNumber++, madeIn));
      if (channel.connect(opening.server)) {
        connected(key);
      }
    } catch (IOException e) {
      refused(opening, e);
    }
  }

  private void connected(SelectionKey key) throws IOException {
    var connecting = (Connecting) key.attachment();
    var channel = (SocketChannel) key.channel();
    try {
      if (!channel.finishConnect()) {
        return;
      }
      channel.write(Hello.of(connecting.number, connecting.opening.route, connecting.generation));
    } catch (IOException e) {
      key.cancel();
      channel.close();
      refused(connecting.opening, e);
      return;
    }
    begin(
        key,
        new Conversation(
            connecting.number,
            connecting.opening.route,
            connecting.generation,
            true,
            key,
            new Random(random.nextLong())),
        () -> connect(connecting.opening));
  }

  /** Nobody listens, for a moment: that is only right where the sidecar is being restarted. */
  private void refused(Opening opening, IOException reason) {
    refused++;
    if (!opening.route.mayMeetSidecar()) {
      fail("can't connect " + opening + ": " + reason);
    }
    timers.after(RETRY, () -> connect(opening));
  }

  private void begin(SelectionKey key, Conversation conversation, Runnable next) {
    key.interestOps(SelectionKey.OP_READ);
    key.attach(new Talk(conversation, next));
    conversations.add(conversation);
    if (finishing) {
      conversation.spend();
    }
    speak(key);
  }

  /** A conversation, and what follows it. */
  private record Talk(Conversation conversation, Runnable next) {}

  private void serve(SelectionKey key) {
    try {
      switch (key.attachment()) {
        case null -> accept((ServerSocketChannel) key.channel());
        case Connecting _ -> connected(key);
        case Stranger stranger -> meet(key, stranger);
        case Talk talk -> converse(key, talk);
        default -> throw new AssertionError(key.attachment());
      }
    } catch (IOException e) {
      throw new AssertionError("a socket can't be closed", e);
    }
  }

  private void accept(ServerSocketChannel listener) throws IOException {
    for (var channel = listener.accept(); channel != null; channel = listener.accept()) {
      channel.configureBlocking(false);
      channel.register(selector, SelectionKey.OP_READ, new Stranger(Hello.buffer()));
    }
  }

  private void meet(SelectionKey key, Stranger stranger) throws IOException {
    var channel = (SocketChannel) key.channel();
    try {
      if (channel.read(stranger.hello) < 0) {
        throw new IOException("it ended before it said who it is");
      }
    } catch (IOException e) {
      key.cancel();
      channel.close();
      if (brokenGeneration == 0 || stranger.hello.position() > 0) {
        fail("a connection from " + channel + ": " + e.getMessage());
      }
      return;
    }
    if (stranger.hello.hasRemaining()) {
      return;
    }
    var hello = Hello.read(stranger.hello.flip());
    if (hello == null || !served.add(hello.number())) {
      fail("a connection that nobody opened, or twice: " + hello);
      key.cancel();
      channel.close();
      return;
    }
    channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
    begin(
        key,
        new Conversation(
            hello.number(),
            hello.route(),
            hello.generation(),
            false,
            key,
            new Random(random.nextLong())),
        () -> {});
  }

  private void converse(SelectionKey key, Talk talk) throws IOException {
    var conversation = talk.conversation;
    try {
      if (key.isReadable()) {
        received += conversation.read(buffer);
      }
      if (key.isWritable()) {
        conversation.write();
        if (!conversation.isWriting()) {
          speakAfter(random.nextLong(SECOND / 10), key, talk);
        }
      }
      if (conversation.isOver()) {
        end(talk, Record.WHOLE);
      }
    } catch (CorruptionException e) {
      fail(conversation + ": " + e.getMessage());
      end(talk, Record.BROKEN);
    } catch (IOException e) {
      broke(talk, e);
    }
  }

  private void speak(SelectionKey key) {
    var talk = (Talk) key.attachment();
    if (!key.isValid() || talk.conversation.isWriting()) {
      return; // it goes on when that is written
    }
    try {
      long pause = talk.conversation.speak();
      if (talk.conversation.isOver()) {
        end(talk, Record.WHOLE);
      } else if (pause < Long.MAX_VALUE && !talk.conversation.isWriting()) {
        speakAfter(finishing ? 0 : pause, key, talk);
      }
    } catch (IOException e) {
      broke(talk, e);
    }
  }

  private void speakAfter(long pause, SelectionKey key, Talk talk) {
    if (talk.conversation.takeTurn()) {
      timers.after(
          pause,
          () -> {
            talk.conversation.yieldTurn();
            speak(key);
          });
    }
  }

  private void broke(Talk talk, IOException reason) {
    var conversation = talk.conversation;
    boolean lostSidecar =
        conversation.generation() > 0 && conversation.generation() <= brokenGeneration;
    boolean misled =
        conversation.route().isLed()
            && conversation.number() <= lastMisled
            && conversation.hasHeardNothing();
    if (!lostSidecar && !misled) {
      fail(conversation + ": " + reason.getMessage());
    }
    end(talk, Record.BROKEN);
  }

  private void end(Talk talk, String outcome) {
    if (!conversations.remove(talk.conversation)) {
      return;
    }
    System.out.println(talk.conversation.record(outcome));
    try {
      talk.conversation.close();
    } catch (IOException e) {
      fail(talk.conversation + ": " + e);
    }
    timers.after(random.nextLong(SECOND / 2), talk.next);
  }

  private void stall(double share, long milliseconds) {
    for (var conversation : conversations) {
      if (random.nextDouble() < share) {
        conversation.pause(true);
        timers.after(milliseconds * 1_000_000, () -> conversation.pause(false));
      }
    }
  }

  private void burst(double share) {
    for (var key : List.copyOf(selector.keys())) {
      if (key.attachment() instanceof Talk talk && random.nextDouble() < share) {
        try {
          talk.conversation.burst();
        } catch (IOException e) {
          broke(talk, e);
        }
      }
    }
  }

  private void finish() {
    finishing = true;
    for (var key : List.copyOf(selector.keys())) {
      if (key.attachment() instanceof Talk talk) {
        talk.conversation.pause(false);
        talk.conversation.spend();
        speak(key);
      }
    }
  }

  private static void fail(String what) {
    System.out.println(FAILURE + " " + what.replace('\n', ' '));
  }
}
