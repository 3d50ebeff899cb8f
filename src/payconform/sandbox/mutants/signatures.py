"""Faults in what a signature is made of (clauses AU-01, AU-08 and AU-09): a right one is refused."""

import hashlib
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from payconform.contract import signature
from payconform.model.wire import load_json
from payconform.sandbox.catalogue import mutant
from payconform.sandbox.order import Document, Refusal
from payconform.sandbox.provider import Provider
from payconform.sandbox.settings import Signing

Join = Callable[[Document], str]


def digest(text: str, signing: Signing) -> str:
    return hashlib.sha256(f"{text}&key={signing.secret}".encode(errors="replace")).hexdigest().upper()


def joined(members: Document, *, empty: bool = False, sort: bool = True) -> str:
    """The text to sign, with members that are empty too, or with nested members as they were sent."""
    kept = {key: value for key, value in members.items() if value is not None and (empty or value != "")}
    return "&".join(f"{key}={_value(kept[key], empty=empty, sort=sort)}" for key in sorted(kept))


def _value(value: Any, *, empty: bool, sort: bool) -> str:
    if isinstance(value, dict):
        return f"{{{joined(value, empty=empty)}}}" if sort else f"{{{_as_sent(value)}}}"
    return str(value) if isinstance(value, str | Decimal) else json.dumps(value, ensure_ascii=False, default=str)


def _as_sent(members: Document) -> str:
    kept = {key: value for key, value in members.items() if value not in (None, "")}
    return "&".join(f"{key}={_value(value, empty=False, sort=False)}" for key, value in kept.items())


def with_null_as_text(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: with_null_as_text(member) for key, member in value.items()}
    return "null" if value is None else value


@mutant("AU-01", "text beyond ASCII is signed as question marks", dialect="lesspay2")
class TextIsSignedInAscii(Provider):
    def expected_signature(self, raw: bytes, signing: Signing) -> str:
        return digest(signature.string_to_sign(raw).encode("ascii", "replace").decode(), signing)


@mutant("AU-01", "text beyond ASCII is signed as question marks, and refused with 200", dialect="lesspay2")
class TextIsSignedInAsciiAndRefusedWith200(TextIsSignedInAscii):
    def refusal_status(self, refusal: Refusal) -> int:  # noqa: ARG002 - whatever it is
        return 200


@mutant("AU-01", "numbers are signed as floating point prints them", dialect="lesspay2")
class NumbersAreSignedAsFloats(Provider):
    def expected_signature(self, raw: bytes, signing: Signing) -> str:
        return super().expected_signature(json.dumps(self.as_floats(raw)).encode(), signing)

    def as_floats(self, raw: bytes) -> Any:
        return load_json(raw)


@mutant("AU-01", "a description is escaped before it is signed", dialect="lesspay2")
class DescriptionIsEscapedBeforeSigning(Provider):
    def expected_signature(self, raw: bytes, signing: Signing) -> str:
        document = self.parse(raw)
        description = document.get("description")
        escaped = {"description": quote(description, safe=" ")} if isinstance(description, str) else {}
        return super().expected_signature(json.dumps(document | escaped, default=str).encode(), signing)


@mutant("AU-08", "a member that is null is signed", dialect="lesspay2")
class NullIsSigned(Provider):
    def expected_signature(self, raw: bytes, signing: Signing) -> str:
        return super().expected_signature(json.dumps(with_null_as_text(self.parse(raw)), default=str).encode(), signing)


@mutant("AU-08", "a member that is empty is signed", dialect="lesspay2")
class EmptyIsSigned(Provider):
    def expected_signature(self, raw: bytes, signing: Signing) -> str:
        return digest(joined(self.parse(raw), empty=True), signing)


@mutant("AU-09", "nested members are signed in the sequence they are sent in", dialect="lesspay2")
class NestedMembersAreNotSorted(Provider):
    def expected_signature(self, raw: bytes, signing: Signing) -> str:
        return digest(joined(self.parse(raw), sort=False), signing)


@mutant("AU-09", "nested objects are signed as their JSON text", dialect="lesspay2")
class NestedObjectsAreSignedAsJson(Provider):
    def expected_signature(self, raw: bytes, signing: Signing) -> str:
        document = self.parse(raw)
        for name, value in document.items():
            if isinstance(value, dict):
                document[name] = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
        return super().expected_signature(json.dumps(document, default=str).encode(), signing)


class SignsOtherwise(Provider):
    """Signs a document that was changed in some way, as a library may that reads it into objects of its own."""

    def changed(self, value: Any) -> Any:
        raise NotImplementedError

    def expected_signature(self, raw: bytes, signing: Signing) -> str:
        return super().expected_signature(json.dumps(self.changed(self.parse(raw)), default=str).encode(), signing)


@mutant("AU-01", "names are sorted as if they had no capitals", dialect="lesspay2")
class NamesAreSortedWithoutCase(Provider):
    def expected_signature(self, raw: bytes, signing: Signing) -> str:
        kept = {name: value for name, value in self.parse(raw).items() if value not in (None, "")}
        texts = [joined({name: kept[name]}) for name in sorted(kept, key=str.lower)]
        return digest("&".join(texts), signing)


@mutant("AU-01", "an array is signed with blanks behind its commas", dialect="lesspay2")
class ArraysAreSignedWithBlanks(SignsOtherwise):
    def changed(self, value: Any) -> Any:
        return {name: json.dumps(each, default=str) if isinstance(each, list) else each for name, each in value.items()}


@mutant("AU-01", "an object of which nothing is left is not signed", dialect="lesspay2")
class EmptiedObjectsAreNotSigned(SignsOtherwise):
    def changed(self, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        members = {name: self.changed(each) for name, each in value.items() if each not in (None, "")}
        return {name: each for name, each in members.items() if each != {}}


@mutant("AU-01", "a text of blanks is not signed", dialect="lesspay2")
class BlanksAreNotSigned(SignsOtherwise):
    def changed(self, value: Any) -> Any:
        return {name: None if isinstance(each, str) and each.isspace() else each for name, each in value.items()}


@mutant("AU-01", "texts are signed without their outer blanks", dialect="lesspay2")
class TextsAreTrimmedBeforeSigning(SignsOtherwise):
    def changed(self, value: Any) -> Any:
        return {name: each.strip() or each if isinstance(each, str) else each for name, each in value.items()}
