"""Providers with exactly one fault, by chapter of the contract: the proof that a case bites."""

from collections.abc import Mapping

from payconform.sandbox import catalogue
from payconform.sandbox.catalogue import Mutant
from payconform.sandbox.mutants import (
    authentication,
    beside,
    callbacks,
    card,
    cashier,
    comebacks,
    confidentiality,
    endpoint,
    history,
    lenient,
    likenesses,
    notices,
    partial,
    requests,
    required,
    responses,
    signatures,
    sometimes,
    spellings,
    texts,
    token,
)

CHAPTERS = (
    endpoint,
    authentication,
    signatures,
    required,
    requests,
    responses,
    cashier,
    card,
    token,
    callbacks,
    notices,
    confidentiality,
    likenesses,
    sometimes,
    texts,
    partial,
    lenient,
    history,
    spellings,
    comebacks,
    beside,
)

MUTANTS: Mapping[str, Mutant] = catalogue.MUTANTS
"""Every mutant by name; importing the chapters has filled it."""
