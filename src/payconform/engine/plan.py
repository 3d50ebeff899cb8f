"""The plan of a run: which cases it does, and why it leaves the others out."""

from collections.abc import Iterable, Mapping

from payconform.authoring.cases import Case
from payconform.engine.invariants import RULES
from payconform.model.profile import Profile
from payconform.model.run import Plan, PlannedCase


def plan(cases: Iterable[Case], profile: Profile, nodes: Mapping[str, str] | None = None) -> Plan:
    """Plan cases against a profile; `nodes` gives the pytest node id of each case, for whoever wants to run it again."""
    nodes = nodes or {}
    planned = tuple(
        PlannedCase(
            id=case.id,
            title=case.title,
            mode=case.mode,
            clauses=case.clauses,
            node=nodes.get(case.id, ""),
            skip=case.skip(profile),
        )
        for case in cases
    )
    return Plan(cases=planned, invariants=tuple(RULES))
