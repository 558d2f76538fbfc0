// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.jbypass.testing.KernelTest;
import io.github.jbypass.testing.TestCgroup;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@KernelTest
class PinTest {
  private static final int STRANGER = 12_345;

  private TestBpfFileSystem files;
  private BpfObject object;
  private BpfMap numbers;

  @BeforeEach
  void load() {
    files = new TestBpfFileSystem();
    object = Fixture.load();
    numbers = object.map("numbers");
  }

  @AfterEach
  void release() {
    object.close();
    files.close();
  }

  private static BpfMapSpec declared() {
    try (var spec = Fixture.open("fixture")) {
      return spec.map("numbers");
    }
  }

  private static void store(BpfMap map, long number) {
    try (var arena = Arena.ofConfined()) {
      map.update(
          arena.allocateFrom(JAVA_INT, 0), arena.allocateFrom(JAVA_LONG, number), UpdateMode.ANY);
    }
  }

  private static long stored(BpfMap map) {
    try (var arena = Arena.ofConfined()) {
      var value = arena.allocate(JAVA_LONG);
      return map.lookup(arena.allocateFrom(JAVA_INT, 0), value) ? value.get(JAVA_LONG, 0) : -1;
    }
  }

  @Test
  void aPinnedMapOutlivesItsObject() {
    var directory = PinDirectory.create(files.file("own"));
    store(numbers, 42);
    numbers.pin(directory.file("numbers"));
    object.close();

    try (var opened = directory.openMap("numbers", declared())) {
      assertThat(stored(opened)).isEqualTo(42);
      opened.unpin(directory.file("numbers"));
    }
    assertThat(directory.file("numbers")).doesNotExist();
  }

  @Test
  void aPinnedProgramOutlivesItsObject() {
    var directory = PinDirectory.create(files.file("own"));
    var program = object.program("count_runs");
    var info = program.info();
    program.pin(directory.file("program"));
    object.close();

    try (var opened = directory.openProgram("program", info)) {
      assertThat(opened.id()).isEqualTo(info.id());
      opened.unpin(directory.file("program"));
    }
    assertThatExceptionOfType(PinException.class)
        .isThrownBy(() -> directory.openProgram("program", info))
        .withMessageContaining("nothing is pinned there");
  }

  @Test
  void whatIsNoPinIsNotFollowedToOne() throws IOException {
    var directory = PinDirectory.create(files.file("own"));
    numbers.pin(files.file("elsewhere"));
    var link = Files.createSymbolicLink(directory.file("link"), files.file("elsewhere"));

    for (var odd : new Path[] {link, directory.path()}) {
      assertThatExceptionOfType(PinException.class)
          .isThrownBy(() -> BpfMap.openPin(odd))
          .withMessage("open pin " + odd + ": it is a directory or a symbolic link, no pin");
    }
    assertThatExceptionOfType(PinException.class).isThrownBy(() -> numbers.unpin(link));
    try (var pins = directory.walk()) {
      assertThat(pins).isEmpty();
    }
  }

  @Test
  void everyDifferenceOfAMapIsListed() {
    var directory = PinDirectory.create(files.file("own"));
    numbers.pin(directory.file("numbers"));
    var wanted = new BpfMapSpec("numbers", MapType.LRU_HASH, 8, 16, 9).with(MapFlag.NO_PREALLOC);
    assertThatExceptionOfType(IncompatibleMapException.class)
        .isThrownBy(() -> directory.openMap("numbers", wanted))
        .withMessageContaining(directory.file("numbers").toString())
        .satisfies(
            e ->
                assertThat(e.differences())
                    .containsExactly(
                        "type: LRU_HASH wanted, HASH found",
                        "key size: 8 wanted, 4 found",
                        "value size: 16 wanted, 8 found",
                        "max entries: 9 wanted, 8 found",
                        "flags: 0x1 wanted, 0x0 found"));
  }

  @Test
  void everyDifferenceOfAProgramIsListed() {
    var directory = PinDirectory.create(files.file("own"));
    object.program("count_runs").pin(directory.file("program"));
    var wanted = object.program("pass_message").info();
    assertThatExceptionOfType(IncompatibleProgramException.class)
        .isThrownBy(() -> directory.openProgram("program", wanted))
        .satisfies(
            e -> {
              assertThat(e.differences()).hasSize(3);
              assertThat(e)
                  .hasMessageContaining("type: SK_MSG wanted, SOCK_OPS found")
                  .hasMessageContaining("name: pass_message wanted, count_runs found")
                  .hasMessageContaining("tag: " + wanted.tag() + " wanted");
            });
  }

  @Test
  void nothingIsOverwritten() {
    var file = files.file("taken");
    numbers.pin(file);
    assertThatExceptionOfType(AlreadyExistsException.class)
        .isThrownBy(() -> object.map("percpu").pin(file))
        .withMessageContaining("there is a pin already, of uid 0");
    assertThatExceptionOfType(AlreadyExistsException.class)
        .isThrownBy(() -> object.program("count_runs").pin(file));
    try (var opened = BpfMap.openPin(file)) {
      assertThat(opened.info().id()).isEqualTo(numbers.info().id());
    }
  }

  @Test
  void thePinOfAnotherUserIsNeitherTakenNorRemoved() throws IOException {
    var file = files.file("foreign");
    numbers.pin(file);
    Files.setAttribute(file, "unix:uid", STRANGER);

    for (ThrowingCallable attempt :
        new ThrowingCallable[] {
          () -> BpfMap.openPin(file),
          () -> BpfProgram.openPin(file),
          () -> BpfLink.adopt(file),
          () -> numbers.unpin(file),
          () -> loadPinned(file)
        }) {
      assertThatExceptionOfType(PinException.class)
          .isThrownBy(attempt)
          .withMessageContaining("it belongs to uid 12345, this process is uid 0");
    }
    assertThat(file).exists();
  }

  @Test
  void aPinHoldsWhatItHolds() {
    var file = files.file("map");
    numbers.pin(file);
    assertThatExceptionOfType(PinException.class)
        .isThrownBy(() -> BpfProgram.openPin(file))
        .withMessageContaining("it holds a map, no program");
    assertThatExceptionOfType(PinException.class)
        .isThrownBy(() -> BpfLink.adopt(file))
        .withMessageContaining("it holds a map, no link");
    assertThatExceptionOfType(PinException.class)
        .isThrownBy(() -> object.map("percpu").unpin(file))
        .withMessageContaining("another map is pinned");
  }

  @Test
  void pinsNeedABpfFileSystem(@TempDir Path elsewhere) {
    assertThatExceptionOfType(PinException.class)
        .isThrownBy(() -> numbers.pin(elsewhere.resolve("x")))
        .withMessageContaining("mount -t bpf bpf /sys/fs/bpf");
    assertThatExceptionOfType(PinException.class)
        .isThrownBy(() -> PinDirectory.create(elsewhere.resolve("x")))
        .withMessageContaining("mount -t bpf bpf /sys/fs/bpf");
    assertThat(elsewhere.resolve("x")).doesNotExist();
    assertThatExceptionOfType(PinException.class)
        .isThrownBy(() -> numbers.pin(files.file("none").resolve("x")))
        .withMessageContaining("there is no directory");
    assertThatExceptionOfType(PinException.class)
        .isThrownBy(() -> numbers.pin(files.file("with.dot")))
        .withMessageContaining("dots");
    assertThatExceptionOfType(PinException.class)
        .isThrownBy(() -> PinDirectory.create(files.file("with.dot")))
        .withMessageContaining("dots");
  }

  @Test
  void aPinDirectoryIsMadeForItsOwnerOnlyAndUsedAgain() throws IOException {
    var directory = PinDirectory.create(files.file("own"));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.path())))
        .isEqualTo("rwx------");
    numbers.pin(directory.file("numbers"));
    assertThat(PinDirectory.create(files.file("own")).file("numbers")).exists();
    assertThat(PinDirectory.at(files.file("own")).path()).isEqualTo(directory.path());
  }

  @Test
  void aPinDirectoryThatOthersCanWriteIsRefused() throws IOException {
    var path = PinDirectory.create(files.file("own")).path();
    for (var mode : new String[] {"rwxrwx---", "rwx----w-", "rwxrwxrwx"}) {
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
      assertThatExceptionOfType(PinException.class)
          .isThrownBy(() -> PinDirectory.create(path))
          .withMessageContaining("others may write it");
    }
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
    var directory = PinDirectory.create(path);
    Files.setAttribute(path, "unix:uid", STRANGER);
    assertThatExceptionOfType(PinException.class)
        .isThrownBy(() -> PinDirectory.create(path))
        .withMessageContaining(
            "it belongs to uid 12345, this process is uid 0: only its owner can use it");
    assertThatExceptionOfType(PinException.class)
        .as("checked again at each use")
        .isThrownBy(() -> directory.unpin("x"));
  }

  @Test
  void aPinDirectoryThatIsNoneIsRefused() throws IOException {
    assertThatExceptionOfType(PinException.class)
        .isThrownBy(() -> PinDirectory.at(files.file("none")))
        .withMessageContaining("there is no such directory");
    numbers.pin(files.file("file"));
    assertThatExceptionOfType(PinException.class)
        .isThrownBy(() -> PinDirectory.at(files.file("file")))
        .withMessageContaining("not a directory");
    Files.createSymbolicLink(files.file("symlink"), PinDirectory.create(files.file("a")).path());
    assertThatExceptionOfType(PinException.class)
        .isThrownBy(() -> PinDirectory.at(files.file("symlink")))
        .withMessageContaining("not a directory");
    for (var name : new String[] {"", "a/b", "..", "a.b"}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> PinDirectory.at(files.file("a")).file(name));
    }
  }

  @Test
  void aWalkShowsWhatIsPinnedWhere() {
    var directory = PinDirectory.create(files.file("own"));
    var below = PinDirectory.create(directory.file("below"));
    try (var group = TestCgroup.create();
        var link = object.program("count_runs").attach(group.cgroup())) {
      numbers.pin(directory.file("numbers"));
      object.program("count_runs").pin(below.file("program"));
      link.pin(below.file("link"));
      try (var pins = directory.walk()) {
        assertThat(pins)
            .containsExactlyInAnyOrder(
                new Pin.OfMap(directory.file("numbers"), numbers.info()),
                new Pin.OfProgram(below.file("program"), object.program("count_runs").info()),
                new Pin.OfLink(below.file("link"), link.info()));
      }
    }
  }

  @Test
  void aDirectoryIsEmptiedThenDeleted() {
    var directory = PinDirectory.create(files.file("own"));
    numbers.pin(directory.file("numbers"));
    assertThatExceptionOfType(PinException.class)
        .isThrownBy(directory::delete)
        .withMessageContaining("there are pins in it");
    directory.unpin("numbers");
    assertThatExceptionOfType(PinException.class)
        .isThrownBy(() -> directory.unpin("numbers"))
        .withMessageContaining("nothing is pinned there");
    directory.delete();
    assertThat(directory.path()).doesNotExist();
  }

  private static BpfObject loadPinned(Path file) {
    try (var spec = Fixture.open("fixture")) {
      spec.pinPath("numbers", file);
      return spec.load();
    }
  }

  @Test
  void anObjectTakesAMapOverThatAnEarlierOneHasPinned() {
    var file = files.file("numbers");
    try (var first = loadPinned(file)) {
      store(first.map("numbers"), 7);
    }
    try (var second = loadPinned(file)) {
      assertThat(stored(second.map("numbers"))).isEqualTo(7);
    }
  }

  @Test
  void anObjectDoesNotTakeAMapThatDiffers() {
    var file = files.file("numbers");
    loadPinned(file).close();
    try (var spec = Fixture.open("fixture")) {
      spec.pinPath("numbers", file);
      spec.maxEntries("numbers", 9);
      assertThatExceptionOfType(IncompatibleMapException.class)
          .isThrownBy(spec::load)
          .satisfies(
              e -> assertThat(e.differences()).containsExactly("max entries: 9 wanted, 8 found"));
    }
    assertThat(file).exists();
  }

  @Test
  void aLoadThatFailsPinsNothing() throws IOException {
    var before = Descriptors.ofBpf();
    try (var spec = Fixture.open("fixture")) {
      spec.pinPath("numbers", files.file("numbers"));
      spec.pinPath("sockets", files.file("with.dot"));
      assertThatExceptionOfType(PinException.class).isThrownBy(spec::load);
    }
    try (var spec = Fixture.open("rejected")) {
      spec.pinPath("numbers", files.file("numbers"));
      assertThatExceptionOfType(VerifierException.class).isThrownBy(spec::load);
    }
    assertThat(files.file("numbers")).doesNotExist();
    assertThat(Descriptors.ofBpf()).isEqualTo(before);
  }

  @Test
  void anObjectsOwnPinningIsCheckedToo() throws IOException {
    var file = files.file("map");
    try (var spec = Fixture.open("pinned")) {
      spec.pinPath("jbypass_test_pinned_map", file);
      spec.load().close();
    }
    Files.setAttribute(file, "unix:uid", STRANGER);
    try (var spec = Fixture.open("pinned")) {
      spec.pinPath("jbypass_test_pinned_map", file);
      assertThatExceptionOfType(PinException.class).isThrownBy(spec::load);
    }
  }

  @Test
  void whatAnObjectDeclaresAsPinnedIsPinnedByName() throws IOException {
    var file = Path.of("/sys/fs/bpf/jbypass_test_pinned_map");
    if (Files.readString(Path.of("/proc/self/mounts")).contains(" /sys/fs/bpf ")) {
      try (var pinned = Fixture.open("pinned").load();
          var opened = BpfMap.openPin(file)) {
        assertThat(opened.info().id()).isEqualTo(pinned.map("jbypass_test_pinned_map").info().id());
      } finally {
        Files.deleteIfExists(file);
      }
    } else {
      assertThatExceptionOfType(PinException.class)
          .isThrownBy(() -> Fixture.open("pinned").load())
          .withMessageContaining("/sys/fs/bpf");
    }
  }
}
