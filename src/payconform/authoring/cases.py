"""Cases: what a suite declares, and what the plugin collects and the engine runs."""

from collections.abc import Callable

from msgspec import Struct

from payconform.authoring.flows import Script
from payconform.authoring.make import Make
from payconform.contract.register import SIGNING_DIALECT, applies
from payconform.contract.register import clauses as register
from payconform.model.clause import PAYING_MODES, Mode
from payconform.model.profile import Profile, Role

EVERY_MODE = PAYING_MODES
CARDS_FIRST = (Mode.CARD, Mode.CASHIER, Mode.TOKEN)
"""For what is sent once: an order that must not be made is heard of where no payer has to act, and a card may come back."""
QUICK, DEFAULT, DEEP = "quick", "default", "deep"
Write = Callable[[Make], Script[None]]


class Case(Struct, frozen=True, kw_only=True):
    """One thing done to a target, in one mode.

    `write` makes a fresh script for every run. `needs` are the roles of card it cannot do without; `pays` says that it acts
    on hosted pages, `hears` that it waits for callbacks. `opens` marks the case that judges the mode's plain order itself;
    every other case waits until that order was accepted. `quick` cases are in every plan, `deep` ones in the deep plan alone, the
    others from the default plan on.
    `twins` are the modes that ask the same, this one among them: the first that a profile enables asks it for all, but for the
    deep plan, in which each asks for itself.

    `draws` says that it sends as many orders as the run may draw, so that it finds little by the request.
    `signs` says that it is about signed requests. A case that `forges` them is too, and begins when all others have ended:
    what a target does about a forger, such as locking the merchant out, then spoils nothing else. `redelivers` says that it
    must be known when the target repeats callbacks: the case waits long for those, having sent all, so no forger waits for it.
    A case whose clauses are all of another dialect is left out.
    """

    id: str
    title: str
    mode: Mode
    clauses: tuple[str, ...]
    write: Write
    needs: tuple[Role, ...] = ()
    pays: bool = False
    hears: bool = False
    opens: bool = False
    quick: bool = True
    deep: bool = False
    draws: bool = False
    signs: bool = False
    forges: bool = False
    redelivers: bool = False
    twins: tuple[Mode, ...] = ()

    def is_in(self, plan: str) -> bool:
        """Whether a plan has the case."""
        return plan == DEEP or (not self.deep and (self.quick or plan != QUICK))

    def left_to(self, modes: tuple[Mode, ...], plan: str = DEFAULT) -> Mode | None:
        """The mode that asks the same when these modes are enabled, None where this case has to."""
        asking = next((mode for mode in self.twins if mode in modes), self.mode)
        return None if asking is self.mode or plan == DEEP else asking

    def skip(self, profile: Profile, plan: str = DEFAULT) -> str:
        """Why this target cannot have the case, or need not have it in this plan, "" when it has to."""
        if self.mode not in profile.modes:
            return f"the profile does not enable {self.mode.value} mode"
        return self._foreign(profile) or self._left(profile, plan) or self._unsigned(profile) or self._unmet(profile)

    def _left(self, profile: Profile, plan: str) -> str:
        """Where the case is asked instead, "" when this mode and this plan are the place."""
        if self.deep and plan != DEEP:
            return "what other cases ask stands for it: it is asked by the deep plan alone"
        twin = self.left_to(profile.modes, plan)
        return f"the modes hardly differ in this: it is asked in {twin.value} mode, and in each by the deep plan" if twin else ""

    def _foreign(self, profile: Profile) -> str:
        """Which dialect the case is for, "" when it is for this target's."""
        binding = [applies(register()[clause], profile.target.dialect) for clause in self.clauses]
        return "" if any(binding) or not binding else f"of the companion pages: it applies with dialect {SIGNING_DIALECT}"

    def _unsigned(self, profile: Profile) -> str:
        """Why requests of this target cannot be signed for the case, "" when they can or need not."""
        if not (self.signs or self.forges):
            return ""
        if profile.target.dialect != SIGNING_DIALECT:
            return f"about signed requests: it applies with dialect {SIGNING_DIALECT}"
        if profile.auth.signer in ("none", "headers"):
            return f"signer {profile.auth.signer} signs nothing"
        return ""

    def _unmet(self, profile: Profile) -> str:
        """What the profile lacks that the case cannot do without, "" when it has everything."""
        missing = [role.value for role in self.needs if role not in profile.roles()]
        if missing:
            return f"the profile has no card of role {', '.join(missing)}"
        if self.pays and profile.payer.kind == "none":
            return "the profile has no payer for hosted pages"
        if self.hears and profile.callbacks.inbox == "none":
            return "the profile has no inbox for callbacks"
        if self.redelivers and profile.callbacks.inbox != "receiver":
            return "the profile's inbox acknowledges every callback by itself"
        if self.redelivers and not profile.callbacks.redelivery_s:
            return "the profile does not say when callbacks are sent again (callbacks.redelivery_s)"
        return ""


class CaseFamily(Struct, frozen=True):
    """The cases one declaration stands for: one a mode, or one a fault of a mode."""

    name: str
    title: str
    cases: tuple[Case, ...]


class Invariants(Struct, frozen=True):
    """Clauses that are judged on all evidence of a run, listed so that they can be selected by name."""

    title: str
    clauses: tuple[str, ...]


def case(
    *clauses: str,
    modes: tuple[Mode, ...],
    needs: tuple[Role, ...] = (),
    pays: bool = False,
    hears: bool = False,
    opens: bool = False,
    quick: bool = True,
    once: bool = False,
    draws: bool = False,
    signs: bool = False,
    forges: bool = False,
    redelivers: bool = False,
) -> Callable[[Write], CaseFamily]:
    """Declare a script as a case of some clauses in some modes. Its docstring is the sentence that reports show.

    With `once` it is asked in one mode, the first of `modes` that the profile enables; the deep plan asks it in each.
    """

    def declare(write: Write) -> CaseFamily:
        name, title = write.__name__, _sentence(write.__doc__)
        made = tuple(
            Case(
                id=f"{name}[{'+'.join(clauses)}-{mode.value}]",
                title=title,
                mode=mode,
                clauses=clauses,
                write=write,
                needs=needs,
                pays=pays,
                hears=hears,
                opens=opens,
                quick=quick,
                draws=draws,
                signs=signs,
                forges=forges,
                twins=modes if once else (),
                redelivers=redelivers,
            )
            for mode in modes
        )
        return CaseFamily(name, title, made)

    return declare


def _sentence(docstring: str | None) -> str:
    return " ".join((docstring or "").split())
