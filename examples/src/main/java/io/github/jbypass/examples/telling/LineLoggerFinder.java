// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples.telling;

/**
 * Has every logger of the JVM write lines, until its very end: java.util.logging falls silent as
 * soon as a signal asks the JVM to end.
 */
public final class LineLoggerFinder extends System.LoggerFinder {
  /** For the JDK, which finds it as a service. */
  public LineLoggerFinder() {}

  @Override
  public System.Logger getLogger(String name, Module module) {
    return new LineLogger(name);
  }
}
