"""Which arming a path falls under, and how it is answered."""

from payconform.capture.armed import Armed, ArmedPaths
from payconform.model.capture import Arming


def paths(*armings: Arming) -> ArmedPaths:
    armed = ArmedPaths()
    for number, arming in enumerate(armings, 1):
        armed.arm(Armed(number, arming), {})
    return armed


def found(armed: ArmedPaths, path: str) -> str:
    one = armed.find(path)
    return one.arming.path if one else ""


def test_an_exact_path_goes_before_a_prefix_and_a_longer_prefix_before_a_shorter() -> None:
    armed = paths(Arming(path="/a/", prefix=True), Arming(path="/a/b/", prefix=True), Arming(path="/a/b/c"))
    assert found(armed, "/a/b/c") == "/a/b/c"
    assert found(armed, "/a/b/d") == "/a/b/"
    assert found(armed, "/a/x/y/z") == "/a/"
    assert found(armed, "/a/") == "/a/"
    assert found(armed, "/a") == ""
    assert found(armed, "/") == ""
    assert found(armed, "no path") == ""


def test_an_exact_path_is_only_itself() -> None:
    armed = paths(Arming(path="/a"))
    assert [found(armed, path) for path in ("/a", "/a/", "/A", "/a%20", "/ab")] == ["/a", "", "", "", ""]


def test_arming_again_changes_what_a_path_is() -> None:
    armed = paths(Arming(path="/a/"), Arming(path="/a/", prefix=True), Arming(path="/b"))
    assert found(armed, "/a/x") == "/a/"
    assert [arming.path for arming in armed.all()] == ["/a/", "/b"]
    armed.disarm("/a/")
    armed.disarm("/nothing")
    assert (found(armed, "/a/x"), len(armed)) == ("", 1)


def test_the_first_requests_of_each_path_are_refused() -> None:
    armed = ArmedPaths()
    one = Armed(7, Arming(path="/a/", prefix=True, refuse_first=2, refuse_status=503))
    armed.arm(one, {"/a/old": 1})
    assert [armed.status(one, "/a/new") for _ in range(3)] == [503, 503, 200]
    assert [armed.status(one, "/a/old") for _ in range(2)] == [503, 200]


def test_what_the_store_has_forgotten_is_disarmed() -> None:
    armed = paths(Arming(path="/a"), Arming(path="/b/", prefix=True))
    armed.keep_only({1})
    assert [arming.path for arming in armed.all()] == ["/a"]
