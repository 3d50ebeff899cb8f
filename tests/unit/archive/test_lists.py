"""The lists of an archive: all of it, in order, each callback once, and nothing left of what they were made of."""

import gzip
import io
import json
import tempfile
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payconform.archive import lists, work
from payconform.archive.evidence import Restorer, offending_lines
from payconform.archive.lists import Lists
from payconform.archive.looking import Assumptions
from payconform.archive.parts import Offender, Part, name_of
from payconform.archive.places import Piece, Place, Source
from payconform.archive.placing import Placing
from payconform.model.clause import Mode
from payconform.model.evidence import Body, Callback

PLACING = Placing([Piece(number, Source(name=f"{number}.jsonl.gz", path="", compression="gzip")) for number in range(3)], {})
places = st.builds(Place, st.integers(0, 2), st.integers(0, 300), st.just(-1))
Told = tuple[Place, tuple[str, ...], bool]
told = st.tuples(places, st.lists(st.sampled_from(["CB-05", "CB-09", "CB-21", "RS-17"]), min_size=1).map(tuple), st.booleans())


def offender(one: Told) -> Offender:
    """An offender of that place, whole or with only the members that its clauses compare."""
    place, clauses, whole = one
    body = Body.of(b'{"whole": true}' if whole else json.dumps({"reduced": clauses}).encode(), truncated=not whole)
    callback = Callback(id=name_of(place), order="M1", case="", mode=Mode.CARD, method="POST", path="", body=body)
    return Offender(place, clauses, callback)


def written(folder: Path) -> list[dict[str, Any]]:
    lines = offending_lines(Lists(folder).offenders(), Restorer(Assumptions(), PLACING), PLACING)
    return [json.loads(line) for line in lines]


@settings(deadline=None)
@given(st.lists(told, max_size=30), st.randoms(use_true_random=False))
def test_each_callback_comes_once_with_all_its_clauses_whoever_tells_of_it(said: list[Told], chance: Any) -> None:
    clauses: dict[Place, set[str]] = defaultdict(set)
    for place, broken, _ in said:
        clauses[place].update(broken)
    made = []
    for _ in range(2):
        chance.shuffle(said)
        with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patched:
            patched.setattr(lists, "MOST_WAITING", chance.choice([0, 300, 1 << 20]))
            processes = [Lists(Path(name)) for _ in range(3)]
            for one in said:
                chance.choice(processes).take(Part(offenders=[offender(one)]))
            for process in processes:
                process.flush()
            made.append(written(Path(name)))
    assert made[0] == made[1]
    assert [(one["source"], one["line"], one["clauses"]) for one in made[0]] == [
        (f"{place.piece}.jsonl.gz", place.line + 1, sorted(clauses[place])) for place in sorted(clauses)
    ]
    whole = {place for place, _, entire in said if entire}
    assert ["whole" in one["body"] for one in made[0]] == [place in whole for place in sorted(clauses)]


def test_nothing_is_left_out_however_many_there_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "MOST_WAITING", 1 << 20)
    kept = Lists(tmp_path)
    for number in reversed(range(25)):
        offenders = [offender((Place(0, 1000 * number + line, -1), ("CB-09",), True)) for line in range(1000)]
        part = kept.take(Part(offenders=offenders, uncalled=[f"M{1000 * number + order:05}" for order in range(1000)]))
        assert (part.offenders, part.uncalled) == ([], [])
    kept.flush()
    assert [one["line"] for one in written(tmp_path)] == [*range(1, 25_001)]
    assert [*kept.uncalled()] == [f"M{order:05}" for order in range(25_000)]


def test_names_may_be_any_text(tmp_path: Path) -> None:
    kept = Lists(tmp_path)
    names = ["ä", "b", "\ud800", "\U0001f600", "", "ﬀ"]
    kept.take(Part(uncalled=names))
    kept.flush()
    assert [*kept.uncalled()] == sorted(names)


@pytest.mark.parametrize("packed", [False, True], ids=["lines", "gzip"])
def test_what_a_callback_breaks_alone_and_with_others_is_one_record(
    packed: bool,  # noqa: FBT001
    body: Callable[..., bytes],
    tmp_path: Path,
    validate: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lists, "MOST_WAITING", 0)
    failed = {"order_status": "FAILED", "order_status_int": 3}
    for number in range(3):  # in files of their own, so that several processes read them
        other, owner = f"O{number}", f"P{2 - number}"
        lines = [
            body(number),
            body(number, request_id=other, pay_order_id=owner, issuer=5),
            body(number, request_id=other, pay_order_id=owner, **failed),
        ]
        text = b"".join(line + b"\n" for line in lines)
        (tmp_path / "archive").mkdir(exist_ok=True)
        (tmp_path / f"archive/{number}").write_bytes(gzip.compress(text) if packed else text)
    one = validate(tmp_path / "archive", "--workers", 1)
    clauses = [["RS-17"], ["CB-21", "RS-17"], ["CB-21", "RS-17"]]
    names = [(str(tmp_path / f"archive/{number}"), line) for number in range(3) for line in (1, 2, 3)]
    assert list(one.offending) == names
    for place, expected in zip(names, clauses * 3, strict=True):
        assert set(expected) <= set(one.offending[place]), place
    assert validate(tmp_path / "archive", "--workers", 2).lists == one.lists


def test_callbacks_of_standard_input_are_whole_too(
    body: Callable[..., bytes], validate: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [body(1), body(1, order_status="FAILED", order_status_int=3)]
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(b"\n".join(lines))))
    judged = validate("-")
    bodies = [json.loads(line)["body"] for line in judged.lists["offending.jsonl"].splitlines()]
    assert [json.loads(one).keys() for one in bodies] == [json.loads(line).keys() for line in lines]


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _give_up(*_: object) -> None:
    raise work.WorkError("no more")


@pytest.mark.parametrize("fails", ["", "orders", "interrupt", "work", "writing"])
def test_nothing_is_left_behind(
    fails: str, body: Callable[..., bytes], tmp_path: Path, validate: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    seen: list[str] = []
    across = work.judged

    def judged(*arguments: Any) -> Part:
        seen.extend(path.name for path in temporary.glob("payconform-*/*"))
        return across(*arguments)

    monkeypatch.setattr(work, "judged", {"interrupt": _interrupt, "work": _give_up}.get(fails, judged))
    if fails == "writing":
        monkeypatch.setattr("payconform.archive.judgement.offending_lines", _interrupt)
    (tmp_path / "orders").write_bytes(b'{"request_id": "M1"}\n' + (b"nonsense\n" if fails == "orders" else b""))
    text = b"\n".join([body(1, target_amount=5), body(2)])
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(text)))
    told = validate("-", "--orders", tmp_path / "orders", "--workers", 1)
    assert told.code == {"": 1, "orders": 4, "interrupt": 2, "work": 3, "writing": 2}[fails]
    assert {"standard-input"} < set(seen) or fails in ("orders", "interrupt", "work")
    assert list(temporary.iterdir()) == []
