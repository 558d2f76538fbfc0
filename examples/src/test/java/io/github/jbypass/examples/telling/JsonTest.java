// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples.telling;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JsonTest {
  @Test
  void valuesAreWrittenAsTheirKind() {
    var map = new LinkedHashMap<String, Object>();
    map.put("number", -1L);
    map.put("nothing", null);
    map.put("list", List.of(true, 1.5, Map.of()));
    map.put("text", "a");
    assertThat(Json.write(map))
        .isEqualTo("{\"number\":-1,\"nothing\":null,\"list\":[true,1.5,{}],\"text\":\"a\"}");
  }

  @Test
  void textsAreEscaped() {
    assertThat(Json.write("say \"\\\"\n")).isEqualTo("\"say \\\"\\\\\\\"\\u000a\"");
  }
}
