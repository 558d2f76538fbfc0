// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import com.google.gson.Strictness;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JsonTest {
  /** What another implementation reads. */
  private static com.google.gson.JsonObject parsed(Map<String, ?> object) {
    var reader = new com.google.gson.stream.JsonReader(new java.io.StringReader(Json.of(object)));
    reader.setStrictness(Strictness.STRICT);
    return JsonParser.parseReader(reader).getAsJsonObject();
  }

  @Test
  void everyCharacterComesBack() {
    var odd = new StringBuilder("\\ \" / äöü 漢 😀 \u2028 \u007f ");
    for (char c = 0; c < ' '; c++) {
      odd.append(c);
    }
    assertThat(parsed(Map.of(odd.toString(), odd)).get(odd.toString()).getAsString())
        .isEqualTo(odd.toString());
  }

  @Test
  void valuesNest() {
    var read = parsed(Map.of("a", List.of(1, Long.MIN_VALUE, true, Map.of(), List.of())));

    assertThat(read).hasToString("{\"a\":[1,-9223372036854775808,true,{},[]]}");
  }
}
