// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs;

import io.github.jbypass.core.AttachType;
import io.github.jbypass.core.BpfException;
import io.github.jbypass.core.BpfLink;
import io.github.jbypass.core.BpfMap;
import io.github.jbypass.core.BpfObject;
import io.github.jbypass.core.BpfObjectSpec;
import io.github.jbypass.core.DirectAttachment;
import io.github.jbypass.core.LinkInfo;
import io.github.jbypass.core.Pin;
import io.github.jbypass.core.PinDirectory;
import io.github.jbypass.core.PinException;
import io.github.jbypass.core.RunningObject;
import io.github.jbypass.maps.ArrivalMap;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A pinned data path: its shared maps, its links and the program that tells flows, in a directory
 * that is called by the layout's fingerprint. For the one who has locked the directory above.
 */
final class PinnedLayout {
  /** What is in the making is called so: it becomes a data path all at once, by being renamed. */
  private static final String UNFINISHED = "_making";

  private static final String ARRIVED = "arrived";
  private static final String ARRIVING = "arriving";
  private static final int NAME_LENGTH = 15; // of what the kernel keeps of a name
  private static final Set<AttachType> LEADING =
      Set.of(
          AttachType.CGROUP_INET4_CONNECT,
          AttachType.CGROUP_INET6_CONNECT,
          AttachType.CGROUP_UDP4_SENDMSG,
          AttachType.CGROUP_UDP6_SENDMSG,
          AttachType.CGROUP_INET4_BIND);

  private PinDirectory directory;

  private PinnedLayout(PinDirectory directory) {
    this.directory = directory;
  }

  /** Begins a data path that others see only once it is {@linkplain #complete complete}. */
  static PinnedLayout begin(PinDirectory parent, String fingerprint) {
    return new PinnedLayout(PinDirectory.create(parent.path().resolve(fingerprint + UNFINISHED)));
  }

  static PinnedLayout at(Path path) {
    return new PinnedLayout(PinDirectory.at(path));
  }

  /** Whether a directory is one of ours. */
  static boolean isOne(Path path) {
    var name = path.getFileName().toString();
    return Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)
        && SharedState.isFingerprint(name.replaceFirst(UNFINISHED + "$", ""));
  }

  /** Whether the process that made it has ended before it was done. */
  boolean isUnfinished() {
    return fingerprint().endsWith(UNFINISHED);
  }

  /** Whether somebody has removed it. */
  boolean isGone() {
    return Files.notExists(directory.path(), LinkOption.NOFOLLOW_LINKS);
  }

  String fingerprint() {
    return directory.path().getFileName().toString();
  }

  Path path() {
    return directory.path();
  }

  /** Has a new version's programs use what is pinned. */
  void shareWith(BpfObjectSpec spec) {
    for (var name : SharedState.MAPS) {
      try (var map = directory.openMap(SharedState.pinName(name), spec.map(name))) {
        spec.replaceMap(name, map);
      } catch (BpfException e) {
        throw damaged(SharedState.pinName(name), e);
      }
    }
  }

  BpfMap map(String name) {
    try {
      return BpfMap.openPin(directory.file(SharedState.pinName(name)));
    } catch (BpfException e) {
      throw damaged(SharedState.pinName(name), e);
    }
  }

  /** Whether running programs use what is pinned. */
  boolean isOf(RunningObject object) {
    try (var proxies = map("proxies")) {
      return object.map("proxies").info().id() == proxies.info().id();
    }
  }

  Switches switches() {
    try (var map = map(SharedState.SWITCHES)) {
      return new Switches(map);
    }
  }

  private PinException damaged(String name, BpfException cause) {
    var failure =
        new PinException(
            "use",
            "what is pinned at " + directory.file(name),
            cause.errno(),
            "the pins there are damaged (%s): uninstall %s, and begin anew"
                .formatted(cause.getMessage(), directory.path().getParent()));
    failure.initCause(cause);
    return failure;
  }

  /** Pins all that is not a link, nor the map of those that lead. */
  void pin(BpfObject object, @Nullable String iterator) {
    SharedState.MAPS.stream()
        .filter(name -> !name.equals(Leader.MAP))
        .forEach(name -> object.map(name).pin(directory.file(SharedState.pinName(name))));
    if (iterator != null) {
      object.program(iterator).pin(directory.file(iterator));
    }
  }

  /** Puts the program that tells flows in the place of the one that did until now. */
  void repin(BpfObject object, @Nullable String iterator) {
    for (var name : Bypass.ITERATORS) {
      if (Files.exists(directory.file(name), LinkOption.NOFOLLOW_LINKS)) {
        directory.unpin(name);
      }
    }
    if (iterator != null) {
      object.program(iterator).pin(directory.file(iterator));
    }
  }

  /** Says whether there is a pin: attachments without links last as long as the pinned map. */
  boolean pin(Place place, BpfLink link) {
    if (link instanceof DirectAttachment) {
      return false;
    }
    link.pin(directory.file(place.pin()));
    return true;
  }

  void unpin(String name) {
    if (Files.exists(directory.file(name), LinkOption.NOFOLLOW_LINKS)) {
      directory.unpin(name);
    }
  }

  /** The links of those places that have one. One whose control group is gone is forgotten. */
  Map<Place, BpfLink> links(Collection<Place> places) {
    var links = new LinkedHashMap<Place, BpfLink>();
    try {
      for (var place : places) {
        link(place.pin()).ifPresent(link -> links.put(place, link));
      }
      return links;
    } catch (RuntimeException e) {
      links.values().forEach(BpfLink::close);
      throw e;
    }
  }

  private Optional<BpfLink> link(String name) {
    if (Files.notExists(directory.file(name), LinkOption.NOFOLLOW_LINKS)) {
      return Optional.empty();
    }
    try {
      var link = directory.openLink(name);
      if (!(link.info().target() instanceof LinkInfo.OfNothing)) {
        return Optional.of(link);
      }
      link.close();
      directory.unpin(name);
      return Optional.empty();
    } catch (BpfException e) {
      throw damaged(name, e);
    }
  }

  /**
   * From now on it is a data path that may be adopted. Filters go on leading without a process only
   * where the programs that serve sidecars do: so this pin comes last.
   */
  void complete(BpfObject object) {
    var path = directory.path();
    object.map(Leader.MAP).pin(directory.file(Leader.MAP));
    try {
      directory = directory.moveTo(path.resolveSibling(fingerprint().replace(UNFINISHED, "")));
    } catch (RuntimeException e) {
      directory.unpin(Leader.MAP);
      throw e;
    }
  }

  /** Detaches and unpins the links that lead new connections. Says whether there were any. */
  boolean stopLeading() {
    return removeLinks(link -> LEADING.contains(link.attachType()));
  }

  /** Detaches and unpins the links of all places but these. */
  void keepOnly(Collection<Place> places) {
    var kept = places.stream().map(Place::pin).toList();
    Predicate<Pin.OfLink> unwanted = link -> !kept.contains(name(link.file()));
    if (removeLinks(unwanted, link -> LEADING.contains(link.attachType()))) {
      awaitHandover();
    }
    removeLinks(unwanted, _ -> true);
  }

  /**
   * Removes the filters that lead connections from outside, but for those that such connections
   * still need. New ones are left alone.
   */
  OutsideRemoval.Left removeFilters() {
    if (Stream.of(Leader.MAP, ARRIVED, ARRIVING).anyMatch(name -> !isThere(name))) {
      return OutsideRemoval.Left.NOTHING; // without its pin the kernel has emptied the map
    }
    try (var leader = map(Leader.MAP);
        var arrived = map(ARRIVED);
        var arriving = map(ARRIVING)) {
      return new OutsideRemoval(leader, arrived, arriving).run();
    }
  }

  /** Number of connections from outside that are led. */
  int connectionsFromOutside() {
    try (var arrived = map(ARRIVED)) {
      return new ArrivalMap(arrived).size();
    }
  }

  private boolean isThere(String pin) {
    return Files.exists(directory.file(pin), LinkOption.NOFOLLOW_LINKS);
  }

  /**
   * What stayed when a data path was removed.
   *
   * @param foreign files that are not ours
   * @param outside filters on interfaces
   */
  record Remains(List<Path> foreign, OutsideRemoval.Left outside) {}

  /**
   * Ends the data path: detaches and unpins everything. Connections that are led to a sidecar at
   * this moment reach it, enrolled ones go on.
   */
  Remains remove() {
    if (isGone()) {
      return new Remains(List.of(), OutsideRemoval.Left.NOTHING);
    }
    var path = directory.path();
    var unfinished = path.resolveSibling(fingerprint() + UNFINISHED);
    if (!isUnfinished() && Files.notExists(unfinished, LinkOption.NOFOLLOW_LINKS)) {
      directory = directory.moveTo(unfinished); // whoever comes after a SIGKILL removes the rest
    }
    if (stopLeading()) {
      awaitHandover();
    }
    var outside = removeFilters();
    removeLinks(link -> link.attachType() != AttachType.CGROUP_SOCK_OPS);
    removeLinks(_ -> true);
    for (var file : files()) {
      if (ownPin(file).isPresent()) {
        directory.unpin(name(file));
      }
    }
    if (files().isEmpty()) {
      directory.delete();
      return new Remains(List.of(), outside);
    }
    if (!directory.path().equals(path)) {
      directory = directory.moveTo(path);
    }
    return new Remains(files(), outside);
  }

  private void awaitHandover() {
    try (var dialled = map("dialled")) {
      Handover.await(dialled);
    }
  }

  private boolean removeLinks(Predicate<LinkInfo> which) {
    return removeLinks(_ -> true, which);
  }

  private boolean removeLinks(Predicate<Pin.OfLink> pins, Predicate<LinkInfo> which) {
    boolean removed = false;
    for (var file : files()) {
      if (ownPin(file).orElse(null) instanceof Pin.OfLink link
          && pins.test(link)
          && which.test(link.info())) {
        try (var opened = directory.openLink(name(file))) {
          opened.detach();
        }
        directory.unpin(name(file));
        removed = true;
      }
    }
    return removed;
  }

  /** A pin that is called as we call ours, and holds what that says. */
  private Optional<Pin> ownPin(Path file) {
    try {
      return directory
          .inspect(name(file))
          .filter(
              pin ->
                  switch (pin) {
                    case Pin.OfMap map ->
                        OwnNames.isMap(name(file))
                            && cut(name(file)).equals(cut(SharedState.pinName(map.info().name())));
                    case Pin.OfProgram program ->
                        OwnNames.isProgram(name(file))
                            && cut(name(file)).equals(cut(program.info().name()));
                    case Pin.OfLink link -> isOwnLink(name(file), link.info().target());
                  });
    } catch (PinException e) { // no pin, or another user's
      return Optional.empty();
    }
  }

  private boolean isOwnLink(String name, LinkInfo.Target target) {
    return switch (target) {
      case LinkInfo.OfCgroup cgroup -> OwnNames.isLinkIn(name, cgroup.id());
      case LinkInfo.OfMap map -> OwnNames.isGate(name) && isSockets(map.id());
      case LinkInfo.OfNothing _ -> OwnNames.isLink(name);
      case LinkInfo.OfDevice _ -> false;
    };
  }

  /** Without the pin that would tell, it is taken for that map. */
  private boolean isSockets(int id) {
    try (var sockets = BpfMap.openPin(directory.file("sockets"))) {
      return sockets.info().id() == id;
    } catch (PinException e) {
      return true;
    }
  }

  private List<Path> files() {
    try (var files = Files.list(directory.path())) {
      return files.sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException("can't list " + directory.path(), e);
    }
  }

  private static String name(Path file) {
    return file.getFileName().toString();
  }

  private static String cut(String name) {
    return name.length() <= NAME_LENGTH ? name : name.substring(0, NAME_LENGTH);
  }
}
