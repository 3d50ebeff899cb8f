"""The plan of a run: which cases it does, and why it leaves the others out."""

from collections.abc import Iterable, Mapping

from payconform.authoring.cases import DEEP, DEFAULT, QUICK, Case
from payconform.engine.invariants import RULES
from payconform.model.profile import Profile
from payconform.model.run import Plan, PlannedCase


def plan(
    selected: Iterable[Case],
    background: Iterable[Case],
    profile: Profile,
    nodes: Mapping[str, str] | None = None,
    plan_name: str = DEFAULT,
) -> Plan:
    """Plan cases against a profile; `nodes` gives the pytest node id of each case, for whoever wants to run it again.

    Background cases are run for what their orders show the invariants.
    """
    nodes = nodes or {}
    planned = [_planned(case, case.skip(profile, plan_name), nodes, background=False) for case in selected]
    planned += [_planned(case, case.skip(profile, plan_name), nodes, background=True) for case in background]
    return Plan(cases=tuple(planned), invariants=tuple(RULES))


def examples(profile: Profile, plan_name: str) -> int:
    """How many orders a case that draws them may draw: the profile's number in the default plan, a quarter in the quick one."""
    share = {QUICK: 0.25, DEEP: 20.0}.get(plan_name, 1.0)
    return max(1, round(profile.limits.examples * share))


def _planned(case: Case, skip: str, nodes: Mapping[str, str], *, background: bool) -> PlannedCase:
    return PlannedCase(
        id=case.id,
        title=case.title,
        mode=case.mode,
        clauses=case.clauses,
        node=nodes.get(case.id, ""),
        skip=skip,
        background=background,
    )
