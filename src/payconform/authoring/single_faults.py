"""Cases of single faults: one for every fault of the request schemas that breaks one of some clauses, alone."""

from collections.abc import Callable
from functools import cache
from zlib import crc32

from payconform.authoring.cases import Case, CaseFamily
from payconform.authoring.flows import Script
from payconform.authoring.make import Make
from payconform.contract.faults import Fault, faults
from payconform.model.clause import Mode, Severity

OF_EACH_MEMBER = 2
"""How many other types take the place of a member's from the default plan on, where taking them is no more than lenient."""

Modes = tuple[Mode, ...]


def single_faults(
    name: str,
    *broken: str,
    modes: Modes,
    script: Callable[[Make, Fault], Script[None]],
    title: str,
    once: bool = False,
) -> CaseFamily:
    """Declare one case for every fault of the request schemas that breaks one of these clauses, alone.

    Each fault is asked in one of the modes that have it, those of a clause in turn, for a target seldom differs from mode to
    mode in what it takes. Unless it is to be asked `once`, each mode asks what comes of an absent member, and the first fault
    where its turn is with none as strict. The first that a mode asks is in the quick plan too. Of the types that a member may
    leniently have, only the deep plan asks all, and that asks everything in every mode.
    """
    made = []
    for mode in modes:
        seen: set[str] = set()
        for fault in (fault for fault in faults(mode) if fault.clause in broken):
            turns = _turns(fault, modes)
            twins = () if not once and fault == _first_anyway(mode, fault.clause, modes) else turns
            counts = not _left_to_deep(fault) and (once or not twins or twins[0] is mode)
            made.append(_case(name, title, script, fault, quick=counts and fault.clause not in seen, twins=twins))
            seen |= {fault.clause} if counts else set()
    return CaseFamily(name, title, tuple(made))


@cache
def _asked(mode: Mode, clause: str) -> tuple[Fault, ...]:
    """The faults of a clause that some mode asks from the default plan on."""
    return tuple(fault for fault in faults(mode) if fault.clause == clause and not _left_to_deep(fault))


def _turns(fault: Fault, modes: Modes) -> Modes:
    """The modes that have a fault, beginning with the one whose turn it is; which one depends on the schemas alone."""
    sharing = tuple(mode for mode in modes if fault.name in {other.name for other in faults(mode)})
    names = [other.name for other in _asked(sharing[0], fault.clause)]
    place = names.index(fault.name) if fault.name in names else 0
    turn = (crc32(fault.clause.encode()) + place) % len(sharing)
    return sharing[turn:] + sharing[:turn]


def _first_anyway(mode: Mode, clause: str, modes: Modes) -> Fault | None:
    """The first fault of a clause, None where a mode asks another one that tells as much of it.

    None tells as much as a member that is not there, for which each mode may have a default of its own.
    """
    first, *others = _asked(mode, clause)
    telling = (other for other in others if other.severity is first.severity and first.kind != "absent")
    return None if any(_turns(other, modes)[0] is mode for other in telling) else first


def _left_to_deep(fault: Fault) -> bool:
    """Whether it is one of the types of a member that only the deep plan tries: all but the likeliest and one in turn."""
    if fault.kind != "type" or fault.severity is not Severity.ADVISORY:
        return False
    types = [other.name for other in faults(fault.mode) if (other.path, other.kind) == (fault.path, fault.kind)]
    spare = types[1:]
    turn = crc32(".".join(fault.path).encode()) % max(1, len(spare))
    return fault.name in (spare[turn:] + spare[:turn])[OF_EACH_MEMBER - 1 :]


def _case(
    name: str, title: str, script: Callable[[Make, Fault], Script[None]], fault: Fault, *, quick: bool, twins: Modes
) -> Case:
    return Case(
        id=f"{name}[{fault.clause}-{fault.mode.value}-{fault.name}]",
        title=f"{title}: {fault.name}",
        mode=fault.mode,
        clauses=(fault.clause,),
        write=lambda make: script(make, fault),
        quick=quick,
        deep=_left_to_deep(fault),
        twins=twins,
    )
