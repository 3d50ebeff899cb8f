"""How mutants and variants are declared: a subclass of `Provider`, and one line that says what is different."""

import re
from collections.abc import Callable
from typing import Literal, TypeVar

from msgspec import Struct

from payconform.model.profile import Profile
from payconform.sandbox.profile import sandbox_profile
from payconform.sandbox.provider import Provider
from payconform.sandbox.settings import Settings, Signing

P = TypeVar("P", bound=type[Provider])

SIGNED = Settings(signing=Signing())
WORDS = re.compile(r"[A-Z][a-z]*|[0-9]+[a-z]*")


class Mutant(Struct, frozen=True, kw_only=True):
    """The provider with one fault. `clauses` are what the fault breaks, the one it was made for first.

    `dialect` says which sandbox it is for: a fault of the companion pages shows only to a harness that holds them to be true.
    """

    name: str
    clauses: tuple[str, ...]
    statement: str
    provider: type[Provider]
    dialect: Literal["guide", "lesspay2"] = "guide"

    @property
    def settings(self) -> Settings:
        return SIGNED if self.dialect == "lesspay2" else Settings()

    def profile(self, url: str) -> Profile:
        """The profile of this mutant's sandbox at `url`: the conforming provider's own, for the fault is not announced."""
        return sandbox_profile(url, signing=self.settings.signing)


class Variant(Struct, frozen=True, kw_only=True):
    """The provider as it may lawfully differ where the contract leaves it free. `adapt` fits the sandbox's profile to it."""

    name: str
    statement: str
    provider: type[Provider]
    settings: Settings = Settings()
    adapt: Callable[[Profile], Profile] = lambda profile: profile

    def profile(self, url: str) -> Profile:
        """The profile that fits this variant's sandbox at `url`."""
        return self.adapt(sandbox_profile(url, signing=self.settings.signing))


MUTANTS: dict[str, Mutant] = {}
VARIANTS: dict[str, Variant] = {}


def mutant(clauses: str, statement: str, *, name: str = "", dialect: Literal["guide", "lesspay2"] = "guide") -> Callable[[P], P]:
    """Register a subclass of `Provider` as a mutant that breaks `clauses` (ids, separated by spaces)."""

    def register(provider: P) -> P:
        key = name or kebab(provider.__name__)
        enter(
            MUTANTS,
            Mutant(name=key, clauses=tuple(clauses.split()), statement=statement, provider=provider, dialect=dialect),
        )
        return provider

    return register


def variant(
    name: str,
    statement: str,
    *,
    settings: Settings | None = None,
    adapt: Callable[[Profile], Profile] = lambda profile: profile,
) -> Callable[[P], P]:
    """Register a subclass of `Provider` (or itself, where settings alone differ) as a variant."""

    def register(provider: P) -> P:
        enter(
            VARIANTS,
            Variant(name=name, statement=statement, provider=provider, settings=settings or Settings(), adapt=adapt),
        )
        return provider

    return register


Entry = TypeVar("Entry", Mutant, Variant)


def enter(register: dict[str, Entry], entry: Entry) -> None:
    if entry.name in register:
        raise ValueError(f"two entries are named {entry.name}")
    register[entry.name] = entry


def kebab(class_name: str) -> str:
    """`PayDataIsRelative` as `pay-data-is-relative`."""
    return "-".join(word.lower() for word in WORDS.findall(class_name))
