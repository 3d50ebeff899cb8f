"""The terminal: readable in 80 columns, without colour, and safe to print."""

import re
from collections.abc import Callable
from pathlib import Path

from payconform.model.clause import PAYING_MODES, Mode
from payconform.model.finding import Finding, Frequency, Outcome
from payconform.model.run import Record
from payconform.report.register import Register
from payconform.report.terminal import clause_table, summary

Build = Callable[..., list[Record]]
Found = Callable[..., Finding]


def test_a_failure_has_its_row_and_passes_are_counted(journal: Build, register: Register, found: Found) -> None:
    records = journal([found(Outcome.FAILED), found(Outcome.PASSED, mode=Mode.TOKEN), found(Outcome.PASSED, "EP-01")])
    table = clause_table(records, register=register)
    assert re.search(r"RS-05 +The statement of RS-05. +✗ FAILED +✓ passed", table)
    assert "EP-01" not in table
    assert "✓ 1 passed" in table


def test_verbose_lists_every_clause_with_a_finding(conformant: list[Record], register: Register) -> None:
    table = clause_table(conformant, register=register, verbose=True)
    assert "EP-01" in table
    assert "RS-05" in table
    assert "CB-02" not in table


def test_a_clause_seen_in_one_mode_only_is_not_counted_as_passed(journal: Build, register: Register, found: Found) -> None:
    records = journal([found(Outcome.PASSED), found(Outcome.NOT_OBSERVED, mode=Mode.TOKEN)])
    assert "○ 1 not observed" in clause_table(records, register=register)


def test_lines_fit_and_hostile_text_is_inert(hostile: list[Record], register: Register) -> None:
    text = summary(hostile, register=register, verbose=True)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202e]", text)
    assert all(len(line) <= 80 for line in text.splitlines() if "  again " not in line)


def test_colour_is_an_extra(conformant: list[Record], register: Register) -> None:
    plain, painted = (summary(conformant, color=color, register=register) for color in (False, True))
    assert "\x1b" not in plain
    assert re.sub(r"\x1b\[[0-9;]*m", "", painted) == plain


def test_what_only_warns_of_a_clause_that_can_block_is_told_to_be_advisory(
    journal: Build, register: Register, found: Found
) -> None:
    text = summary(journal([found(Outcome.WARNED)]), register=register)
    assert "! RS-05 warned (card; implied, here advisory)" in text


def test_modes_that_say_the_same_share_a_block(journal: Build, register: Register, found: Found) -> None:
    findings = [found(Outcome.FAILED, mode=mode, exchanges=("x1",), frequency=Frequency(1, 40)) for mode in PAYING_MODES]
    text = summary(journal(findings), register=register)
    assert "✗ RS-05 failed (cashier, card, token; implied)" in text
    assert "x1 (3 of 120 times)" in text
    assert "again     pytest suites -k RS-05 --profile profiles/example.toml --seed 7" in text


def test_clauses_unclear_for_one_reason_share_a_block(journal: Build, register: Register, found: Found) -> None:
    down = {"reason": "the target could not be reached", "observed": ""}
    findings = [found(Outcome.INCONCLUSIVE, clause, mode=mode, **down) for clause in ("EP-01", "RS-05") for mode in PAYING_MODES]
    other = found(Outcome.INCONCLUSIVE, "CB-02", reason="no callback came", observed="")
    text = summary(journal([*findings, other, found(Outcome.FAILED, "RS-08")]), register=register)
    assert text.count("the target could not be reached") == 1
    assert re.search(r"\? EP-01 inconclusive.*\n(  .*\n)+  likewise  RS-05\n", text)
    assert "? RS-05" not in text
    assert "? CB-02 inconclusive" in text
    assert "✗ RS-08 failed" in text


def test_the_end_names_verdict_exit_code_and_reports(conformant: list[Record], register: Register) -> None:
    lines = summary(conformant, [Path("reports/compliance.html")], register=register).splitlines()
    assert "✓ CONFORMANT (exit code 0)" in lines
    assert lines[-1] == "  reports/compliance.html"


def test_a_run_cut_off_is_never_conformant(journal: Build, register: Register, found: Found) -> None:
    text = summary(journal([found(Outcome.PASSED)], complete=False), register=register)
    assert "? INCONCLUSIVE (exit code 2)" in text
    assert "cut off" in text


def test_a_narrow_terminal_gets_a_table_that_still_holds_together(hostile: list[Record], register: Register) -> None:
    assert "FAILED" in clause_table(hostile, width=10, register=register)
