// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples.pods;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** A value in a YAML file and its place there, which every complaint about it names. */
final class Value {
  private static final int MAX_CODE_POINTS = 32 << 20;

  private final Path file;
  private final String field;
  private final Node node;

  private Value(Path file, String field, Node node) {
    this.file = file;
    this.field = field;
    this.node = node;
  }

  /** The whole of a file with that content. */
  static Value parse(Path file, String content) {
    LoadSettings settings =
        LoadSettings.builder().setUseMarks(true).setCodePointLimit(MAX_CODE_POINTS).build();
    try {
      return new Compose(settings)
          .composeString(content)
          .map(root -> new Value(file, "", root))
          .orElseThrow(
              () -> new PodFileException(file + ": is empty; it needs at least 'pods: []'"));
    } catch (MarkedYamlEngineException e) {
      String line = e.getProblemMark().map(mark -> ":" + (mark.getLine() + 1)).orElse("");
      throw new PodFileException(
          "%s%s: is not YAML: %s".formatted(file, line, oneLine(e.getProblem())), e);
    } catch (YamlEngineException e) {
      throw new PodFileException("%s: is not YAML: %s".formatted(file, oneLine(e.getMessage())), e);
    } catch (StackOverflowError e) { // the parser descends without a limit of its own
      throw new PodFileException(file + ": is nested too deeply", e);
    }
  }

  private static String oneLine(String text) {
    return text.strip().replaceAll("\\s*\\R\\s*", " ");
  }

  /** The complaint that this value is wrong. */
  PodFileException wrong(String complaint) {
    return wrong(node, field, complaint);
  }

  private PodFileException wrong(Node where, String name, String complaint) {
    int line = where.getStartMark().map(Mark::getLine).orElse(0) + 1;
    String subject = name.isEmpty() ? "" : name + ": ";
    return new PodFileException("%s:%d: %s%s".formatted(file, line, subject, oneLine(complaint)));
  }

  /** What becomes of the value; an IllegalArgumentException is a complaint about it. */
  <T> T as(Function<Value, T> meaning) {
    try {
      return meaning.apply(this);
    } catch (IllegalArgumentException e) {
      throw wrong(String.valueOf(e.getMessage()));
    }
  }

  /** What becomes of a text. */
  <T> T parsed(Function<String, T> parser) {
    String text = text();
    return as(_ -> parser.apply(text));
  }

  /** The fields below, by their names, all of which have to be known. */
  Map<String, Value> fields(Set<String> known) {
    if (!(node instanceof MappingNode mapping)) {
      throw wrong("expected fields (%s), found %s".formatted(String.join(", ", known), found()));
    }
    Map<String, Value> fields = new LinkedHashMap<>();
    for (NodeTuple tuple : mapping.getValue()) {
      String name = tuple.getKeyNode() instanceof ScalarNode key ? key.getValue() : "?";
      if (!known.contains(name)) {
        String complaint = "there is no field '%s'; %s";
        throw wrong(
            tuple.getKeyNode(), field, complaint.formatted(name, Suggestion.forName(name, known)));
      }
      String path = field.isEmpty() ? name : field + "." + name;
      if (fields.put(name, new Value(file, path, tuple.getValueNode())) != null) {
        throw wrong(tuple.getKeyNode(), path, "is there twice");
      }
    }
    return fields;
  }

  List<Value> list() {
    if (!(node instanceof SequenceNode sequence)) {
      throw wrong("expected a list, found " + found());
    }
    List<Value> list = new ArrayList<>();
    for (Node element : sequence.getValue()) {
      list.add(new Value(file, "%s[%d]".formatted(field, list.size()), element));
    }
    return list;
  }

  String text() {
    if (!node.getTag().equals(Tag.STR)) {
      throw wrong("expected a text, found " + found() + (isScalar() ? "; quote it?" : ""));
    }
    return ((ScalarNode) node).getValue();
  }

  boolean isNumber() {
    return node.getTag().equals(Tag.INT);
  }

  int number(int least, int most) {
    if (!isNumber()) {
      throw wrong("expected a number, found " + found());
    }
    String digits = ((ScalarNode) node).getValue();
    try {
      int number = Integer.parseInt(digits);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // more digits than an int has: out of range like others
    }
    throw wrong("%s is not between %d and %d".formatted(digits, least, most));
  }

  boolean flag() {
    if (!node.getTag().equals(Tag.BOOL)) {
      throw wrong("expected true or false, found " + found());
    }
    return ((ScalarNode) node).getValue().equalsIgnoreCase("true");
  }

  private boolean isScalar() {
    return node instanceof ScalarNode && !node.getTag().equals(Tag.NULL);
  }

  private String found() {
    return switch (node) {
      case MappingNode _ -> "fields";
      case SequenceNode _ -> "a list";
      case ScalarNode _ when node.getTag().equals(Tag.NULL) -> "nothing";
      case ScalarNode scalar when node.getTag().equals(Tag.STR) ->
          "the text '" + scalar.getValue() + "'";
      case ScalarNode scalar -> scalar.getValue();
      default -> node.getNodeType().toString();
    };
  }
}
