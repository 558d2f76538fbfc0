// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;

/** A short conversation in words that no other connection uses. */
public final class Talk {
  private static final int TURNS = 20;
  private static final int WORD = 40;

  private Talk() {}

  /** Question and answer; nothing else may arrive. */
  public static void on(Pair pair, long id) {
    for (int turn = 0; turn < TURNS; turn++) {
      say(pair.client(), question(id), turn);
      hear(pair.server(), question(id), turn);
      say(pair.server(), answer(id), turn);
      hear(pair.client(), answer(id), turn);
    }
    assertSilence(pair);
  }

  /** The same on all of them at once, turn by turn. */
  public static void onAll(List<Pair> pairs) {
    for (int turn = 0; turn < TURNS; turn++) {
      for (int id = 0; id < pairs.size(); id++) {
        say(pairs.get(id).client(), question(id), turn);
        say(pairs.get(id).server(), answer(id), turn);
      }
      for (int id = 0; id < pairs.size(); id++) {
        hear(pairs.get(id).server(), question(id), turn);
        hear(pairs.get(id).client(), answer(id), turn);
      }
    }
    pairs.forEach(Talk::assertSilence);
  }

  private static void assertSilence(Pair pair) {
    assertEquals(0, pair.client().available(), "bytes that nobody sent");
    assertEquals(0, pair.server().available(), "bytes that nobody sent");
  }

  private static void say(PosixSocket from, Content words, int turn) {
    from.sendAll(words.bytes((long) turn * WORD, WORD));
  }

  private static void hear(PosixSocket at, Content words, int turn) {
    assertArrayEquals(words.bytes((long) turn * WORD, WORD), at.receiveFully(WORD));
  }

  private static Content question(long id) {
    return new Content(2 * id);
  }

  private static Content answer(long id) {
    return new Content(2 * id + 1);
  }
}
