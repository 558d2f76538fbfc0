// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.Utf8Entry;
import java.lang.module.ModuleDescriptor;
import java.net.URISyntaxException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;

/** The classes of a module as they were compiled, wherever they come from. */
record CompiledClasses(Optional<ModuleDescriptor> descriptor, List<ClassModel> classes) {
  /** A type of this project in a descriptor, a signature or a class entry. */
  private static final Pattern OWN_TYPE = Pattern.compile("io/github/jbypass/[\\w/]*/(?=\\w)");

  /** The classes that lie in one directory or jar with a class. */
  static CompiledClasses with(Class<?> one) {
    try {
      var place = Path.of(one.getProtectionDomain().getCodeSource().getLocation().toURI());
      if (Files.isDirectory(place)) {
        return in(place);
      }
      try (var jar = FileSystems.newFileSystem(place)) {
        return in(jar.getPath("/"));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  private static CompiledClasses in(Path root) throws IOException {
    var models = new ArrayList<ClassModel>();
    try (var files = Files.walk(root)) {
      for (var file : files.filter(name -> name.toString().endsWith(".class")).toList()) {
        if (!file.endsWith("module-info.class")) {
          models.add(ClassFile.of().parse(Files.readAllBytes(file)));
        }
      }
    }
    var info = root.resolve("module-info.class");
    if (!Files.exists(info)) {
      return new CompiledClasses(Optional.empty(), models);
    }
    try (InputStream in = Files.newInputStream(info)) {
      return new CompiledClasses(Optional.of(ModuleDescriptor.read(in)), models);
    }
  }

  static String name(ClassModel type) {
    return type.thisClass().asInternalName().replace('/', '.');
  }

  static String packageOf(ClassModel type) {
    var name = name(type);
    return name.substring(0, name.lastIndexOf('.'));
  }

  /** The packages of this project that a class refers to, its own included. */
  static Set<String> ownPackages(ClassModel type) {
    var packages = new TreeSet<String>();
    StreamSupport.stream(type.constantPool().spliterator(), false)
        .filter(Utf8Entry.class::isInstance)
        .map(entry -> ((Utf8Entry) entry).stringValue())
        .forEach(text -> packages.addAll(ownPackages(text)));
    return packages;
  }

  /** The packages of this project that a descriptor or signature names. */
  static Set<String> ownPackages(String text) {
    var packages = new TreeSet<String>();
    OWN_TYPE
        .matcher(text)
        .results()
        .map(found -> found.group().replace('/', '.'))
        .forEach(found -> packages.add(found.substring(0, found.length() - 1)));
    return packages;
  }
}
