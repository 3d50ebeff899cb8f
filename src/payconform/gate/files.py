"""Reads the files of a gate: policy and waivers. schemas/formats/policy.json and waivers.json say the same."""

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from payconform.contract.register import clauses
from payconform.model.clause import PAYING_MODES, Level, Mode
from payconform.model.ruling import Policy, Waiver
from payconform.profile.documents import read_toml
from payconform.profile.kinds import Required, calendar_date, choice, many, positive, table, text, true_or_false
from payconform.profile.mistakes import FileError, Mistake, meant, one_of, shown, told
from payconform.report.text import UNSHOWABLE

_CLAUSE_AND_MODE = re.compile(rf"(?P<clause>[^/]*)(/(?P<mode>{'|'.join(PAYING_MODES)}))?")
_POLICY = "a policy"
_WAIVERS = "a waivers file"


def clause(value: Any, key: str) -> str:
    """The id of a clause of the contract."""
    if text(value, key) not in clauses():
        raise Mistake(key, f"is {shown(value)}, which is no clause of the contract{meant(value, clauses())}")
    return str(value)


def clause_and_mode(value: Any, key: str) -> str:
    """The id of a clause, or one with a mode as in `CB-02/card`."""
    found = _CLAUSE_AND_MODE.fullmatch(text(value, key))
    if found is None:
        raise Mistake(key, f"is {shown(value)}; allowed is a clause such as EP-01, or one with a mode such as CB-02/card")
    clause(found["clause"], key)
    if found["mode"]:
        _check_mode(found["clause"], Mode(found["mode"]), key)
    return str(value)


_level = choice(*(level.value for level in Level))
_mode = choice(*(mode.value for mode in PAYING_MODES))

POLICY = table(
    {
        "block": table(
            {
                "failed": many(_level),
                "warned": many(_level),
                "regressions": true_or_false,
                "vanished_cases": true_or_false,
            },
            document=_POLICY,
        ),
        "evidence": table(
            {"max_age_days": positive, "plan": choice("quick", "default", "deep"), "observed": many(clause_and_mode)},
            document=_POLICY,
        ),
        "inconclusive": table(
            {"clauses": many(clause), "levels": many(_level), "modes": many(_mode)},
            document=_POLICY,
        ),
    },
    document=_POLICY,
)

WAIVERS = table(
    {
        "waivers": many(
            table(
                {
                    "clause": Required(clause),
                    "mode": Required(choice(*(mode.value for mode in Mode))),
                    "target": Required(text),
                    "reason": Required(text),
                    "owner": Required(text),
                    "ticket": Required(text),
                    "expiry": Required(calendar_date),
                },
                document=_WAIVERS,
            )
        )
    },
    document=_WAIVERS,
)


def load_policy(path: Path) -> Policy:
    """The policy in a TOML file. Raises `FileError`."""
    return parse_policy(read_toml(path, "policy", "policies/example.toml"), str(path))


def load_waivers(path: Path) -> tuple[Waiver, ...]:
    """The waivers in a TOML file, expired ones included. Raises `FileError`."""
    return parse_waivers(read_toml(path, "waivers file", "policies/waivers.toml"), str(path))


def parse_policy(document: Mapping[str, Any], source: str) -> Policy:
    """The policy in a parsed document; `source` is what messages call it. Raises `FileError`."""
    try:
        checked = POLICY(document, "")
    except Mistake as mistake:
        raise FileError(told(source, mistake)) from None
    may_be = {f"inconclusive_{name}": value for name, value in checked.get("inconclusive", {}).items()}
    return msgspec.convert({**checked.get("block", {}), **checked.get("evidence", {}), **may_be}, Policy)


def parse_waivers(document: Mapping[str, Any], source: str) -> tuple[Waiver, ...]:
    """The waivers in a parsed document; `source` is what messages call it. Raises `FileError`."""
    try:
        waivers = tuple(Waiver(**{**entry, "mode": Mode(entry["mode"])}) for entry in WAIVERS(document, "").get("waivers", ()))
        for index, waiver in enumerate(waivers):
            _check_mode(waiver.clause, waiver.mode, f"waivers[{index}].mode")
            _check_alone(waiver, waivers[:index], f"waivers[{index}]")
    except Mistake as mistake:
        raise FileError(told(source, mistake)) from None
    return waivers


def waiver_text(waiver: Waiver) -> str:
    """A waiver as it stands in a file."""
    fields = msgspec.structs.asdict(waiver)
    width = max(map(len, fields))
    lines = (f"{name:<{width}} = {_toml(value)}" for name, value in fields.items())
    return "\n".join(("[[waivers]]", *lines)) + "\n"


def _check_mode(name: str, mode: Mode, key: str) -> None:
    modes = clauses()[name].modes
    if mode not in (*modes, Mode.UNKNOWN):
        raise Mistake(key, f"is {mode.value!r}, and {name} is judged in {one_of([other.value for other in modes])} only")


def _check_alone(waiver: Waiver, earlier: tuple[Waiver, ...], key: str) -> None:
    if any((other.place, other.target) == (waiver.place, waiver.target) for other in earlier):
        raise Mistake(
            key, f"waives {waiver.clause} in {waiver.mode.value} for {waiver.target} a second time; keep one of the two"
        )


def _toml(value: str | date) -> str:
    """A TOML value: a date, or a basic string on one line."""
    if isinstance(value, date):
        return value.isoformat()
    escaped = re.sub(r'[\\"\n\t]', lambda found: _escaped(found[0]), value)
    return '"' + UNSHOWABLE.sub(lambda found: _escaped(found[0]), escaped) + '"'


def _escaped(character: str) -> str:
    if character in '\\"':
        return "\\" + character
    return "?" if "\ud800" <= character <= "\udfff" else f"\\u{ord(character):04x}"
