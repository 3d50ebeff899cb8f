"""In which order a run asks that is to end early, for whoever wants to know that a target is broken and not all that is."""

from collections.abc import Sequence

from payconform.authoring.cases import Case


def stages(cases: Sequence[Case]) -> list[list[Case]]:
    """First what finds most by the request: what the quick plan has, but for cases that draw orders or forge requests."""
    first = [case for case in cases if case.quick and not case.draws and not case.forges]
    rest = [case for case in cases if case not in first]
    return [stage for stage in (first, rest) if stage]
