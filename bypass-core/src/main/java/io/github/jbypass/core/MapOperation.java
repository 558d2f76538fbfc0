// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

/** What can be done with maps, and which types can do it. */
enum MapOperation {
  LOOKUP("look up in"),
  UPDATE("update"),
  DELETE("delete from"),
  LOOKUP_AND_DELETE("look up and delete in"),
  NEXT_KEY("iterate over"),
  PUSH("push onto"),
  PEEK("peek into"),
  POP("pop from"),
  FREEZE("freeze"),
  LOOKUP_BATCH("look up a batch in"),
  LOOKUP_AND_DELETE_BATCH("look up and delete a batch in"),
  UPDATE_BATCH("update a batch of"),
  DELETE_BATCH("delete a batch from"),
  MAP_MEMORY("map the memory of");

  private final String verb;

  MapOperation(String verb) {
    this.verb = verb;
  }

  String verb() {
    return verb;
  }

  /**
   * Whether maps of a type have the operation, in some kernel. Of types that this library does
   * nothing for, the kernel's answer is all there is.
   */
  boolean isOf(MapType type) {
    if (this == FREEZE) {
      return true;
    }
    return switch (type) {
      case HASH, PERCPU_HASH, LRU_HASH, LRU_PERCPU_HASH ->
          isKeyed() || isBatch() || this == LOOKUP_AND_DELETE;
      case HASH_OF_MAPS -> isKeyed() || isBatch();
      case ARRAY -> isIndexed() || this == MAP_MEMORY;
      case PERCPU_ARRAY -> isIndexed();
      case ARRAY_OF_MAPS -> isIndexed() || this == DELETE;
      case LPM_TRIE -> isKeyed() || isBatch() && this != LOOKUP_AND_DELETE_BATCH;
      case SOCKMAP, SOCKHASH -> isKeyed();
      case SK_STORAGE -> isKeyed() && this != NEXT_KEY;
      case QUEUE, STACK -> isQueued();
      case RINGBUF -> false;
      default -> true;
    };
  }

  private boolean isKeyed() {
    return switch (this) {
      case LOOKUP, UPDATE, DELETE, NEXT_KEY -> true;
      default -> false;
    };
  }

  private boolean isBatch() {
    return switch (this) {
      case LOOKUP_BATCH, LOOKUP_AND_DELETE_BATCH, UPDATE_BATCH, DELETE_BATCH -> true;
      default -> false;
    };
  }

  private boolean isIndexed() {
    return switch (this) {
      case LOOKUP, UPDATE, NEXT_KEY, LOOKUP_BATCH, UPDATE_BATCH -> true;
      default -> false;
    };
  }

  private boolean isQueued() {
    return switch (this) {
      case PUSH, PEEK, POP -> true;
      default -> false;
    };
  }

  /** What to do instead with a map that does not have the operation. */
  String alternative(MapType type) {
    return switch (type) {
      case ARRAY, PERCPU_ARRAY ->
          switch (this) {
            case DELETE, DELETE_BATCH, LOOKUP_AND_DELETE, LOOKUP_AND_DELETE_BATCH ->
                ": its entries always exist; overwrite them with zeros";
            default -> "";
          };
      case QUEUE, STACK -> ": it has push, peek and pop";
      case RINGBUF -> ": it is consumed, not looked up";
      default -> isBatch() ? ": do it one by one" : "";
    };
  }
}
