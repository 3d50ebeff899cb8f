"""The pytest plugin: options, collection of cases, the run of a session, and its verdict as the exit code.

Turn it on with `pytest_plugins = ["payconform.pytest_plugin"]` in the root conftest.py, and no other way.
"""

from collections.abc import Sequence
from typing import Any

import pytest

from payconform.pytest_plugin import shards
from payconform.pytest_plugin.fixtures import inbox, target
from payconform.pytest_plugin.items import CaseItem, ClauseItem, collect
from payconform.pytest_plugin.options import Options, add_options
from payconform.pytest_plugin.outcomes import Word, outcome_of, wording
from payconform.pytest_plugin.session import SESSION, Session

__all__ = ["inbox", "target"]

MARKERS = {
    "cashier": "what the hosted cashier page must keep (pay_access_type 1)",
    "card": "what direct card orders must keep",
    "token": "what orders paid by a stored token must keep",
    "callback": "what callbacks must keep, and cases that wait for one",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    for name, meaning in MARKERS.items():
        config.addinivalue_line("markers", f"{name}: {meaning}")
    # Hypothesis draws while other threads run; it takes what they do to the global random state for the strategies' doing.
    config.addinivalue_line("filterwarnings", "ignore:Do not use the .random. module inside strategies")
    config.stash[SESSION] = _session(config, Options.of(config))
    config.pluginmanager.register(Listener(config.stash[SESSION]))


def _session(config: pytest.Config, options: Options) -> Session:
    if not options.captured:
        return Session(config, options)
    from payconform.pytest_plugin.captured import CapturedSession  # noqa: PLC0415 -- what judges archives, only they pay for

    return CapturedSession(config, options)


def pytest_pycollect_makeitem(collector: pytest.Module, name: str, obj: object) -> list[pytest.Item] | None:
    return collect(collector, name, obj)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Know every case, selected or not: an unselected one may give a selected invariant its evidence."""
    if isinstance(item, ClauseItem):
        item.config.stash[SESSION].collected.append(item.entry)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what the plan does not have and what other shards run; put invariants last, when there is something to judge.

    Every shard has all invariants: they are judged on what it records.
    """
    session = config.stash[SESSION]
    options = session.options
    _leave_out(config, items, [item for item in items if isinstance(item, ClauseItem) and not item.is_in(options.plan)])
    others = options.part.split([item for item in items if not _is_invariant(item)])[1]
    _leave_out(config, items, others)
    items.sort(key=_is_invariant)
    session.selected = [item.entry for item in items if isinstance(item, ClauseItem)]
    session.left_to_others = {item.case.id for item in others if isinstance(item, ClauseItem) and item.case}
    _leave_out(config, items, [item for item in items if isinstance(item, CaseItem) and item.is_left_to_another()])


def _is_invariant(item: pytest.Item) -> bool:
    return isinstance(item, ClauseItem) and item.case is None


def _leave_out(config: pytest.Config, items: list[pytest.Item], left_out: Sequence[pytest.Item]) -> None:
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        gone = set(left_out)
        items[:] = [item for item in items if item not in gone]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> None:
    """The first case sets all cases going; from then on items only report."""
    if isinstance(item, ClauseItem):
        item.config.stash[SESSION].begin()


class Listener:
    """Hooks that pytest does not tell the configuration."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._session.note(report)


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, Word] | None:
    outcome = outcome_of(report)
    return wording(outcome) if outcome and report.when == "call" else None


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    session.exitstatus = session.config.stash[SESSION].finish(int(exitstatus))


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    config.stash[SESSION].tell(terminalreporter)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    node.config.stash[SESSION].send_to_worker(node.workerinput)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    return shards.scheduler(config, log)
