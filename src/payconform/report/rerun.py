"""The command that does again what led to a finding."""

import shlex
from itertools import pairwise

from payconform.model.finding import Finding
from payconform.model.run import PlannedCase
from payconform.report.account import Account
from payconform.report.text import one_line

_OTHER_PLANS = ("quick", "deep")

LONGEST = 1_000
"""Characters of a command; only a journal that was forged has longer ones."""

CAPTURED = "captured"
"""The plan of a journal that was made of captured callbacks."""


def command(account: Account, finding: Finding) -> str:
    """A command for the cases of a finding's clause, with the run's profile, plan and seed.

    A clause without cases of its own is judged on the evidence of others; then the case that showed it comes along.
    """
    if account.header.plan == CAPTURED:
        return _copied(account.header.command)
    own = any(finding.clause in case.clauses and case.mode is finding.mode for case in account.cases.values())
    showing = None if own else _showing(account, finding)
    return _selecting(account, f"{showing} or {finding.clause}" if showing else finding.clause)


def case_command(account: Account, case: PlannedCase) -> str:
    """A pytest command for the cases of the first clause of a case."""
    return _selecting(account, next(iter(case.clauses), case.id))


def _selecting(account: Account, word: str) -> str:
    given = _words(account.header.command)
    runner = ["payconform", "run"] if given[:2] == ["payconform", "run"] else ["pytest", "suites"]
    # A seed repeats requests only in the same plan, and a live target is refused unless it is asked for.
    plan = ["--plan", account.header.plan] if account.header.plan in _OTHER_PLANS else []
    live = ["--allow-live"] if account.header.target.environment == "live" else []
    return _copied(shlex.join([*runner, "-k", word, *_profile(given), *plan, *live, "--seed", str(account.header.seed)]))


def _copied(line: str) -> str:
    """A command as a reader may copy it: nothing in it acts before it is run."""
    return one_line(line, LONGEST)


def _showing(account: Account, finding: Finding) -> str | None:
    """The first clause of the first planned case behind a finding: a word that selects that case."""
    shown = (account.cases[case] for case in finding.cases if case in account.cases)
    return next((clause for case in shown for clause in case.clauses), None)


def _words(run_command: str) -> list[str]:
    """The words of the command that started the run, none where a shell or a reader would not take it."""
    try:
        return shlex.split(run_command) if len(run_command) <= LONGEST else []
    except ValueError:
        return []


def _profile(words: list[str]) -> list[str]:
    """The profile option of a command, if it had one."""
    for word, following in pairwise([*words, ""]):
        if word.startswith("--profile="):
            return [word]
        if word == "--profile" and following:
            return [word, following]
    return []
