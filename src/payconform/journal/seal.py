"""The seal of a journal: every line carries its number and a SHA-256 over itself and the seal of the line before it.

The seal of the last line therefore holds for all of them. Whoever changes, drops, adds or moves a line breaks the chain at a
line that can be named; whoever makes the whole chain anew needs a signature to vouch for it.
"""

import hashlib
import re

_SEAL = re.compile(rb',"seal":"(?P<number>[1-9][0-9]{0,11}):(?P<digest>[0-9a-f]{64})"\}$')


class Chain:
    """Goes through the lines of one journal in their order, either to seal them or to check their seals.

    `digest` is that of the last line, in hexadecimal, "" before the first.
    """

    def __init__(self) -> None:
        self.digest = ""
        self._number = 0

    def sealed(self, line: bytes) -> bytes:
        """The next line, a JSON object of at least one member, with its seal as the last member."""
        self._advance(line)
        return line[:-1] + f',"seal":"{self._number}:{self.digest}"}}'.encode()

    def fault(self, line: bytes) -> str:
        """What is wrong with the next line, "" where it is the one that was sealed in this place."""
        found = _SEAL.search(line)
        if found is None:
            return f"line {self._number + 1} carries no seal: it was added or changed after the journal was written"
        self._advance(line[: found.start()] + b"}")
        if (was := int(found["number"])) != self._number:
            return f"line {self._number} was line {was} when it was sealed: a line before it was dropped, added or moved"
        if found["digest"].decode() != self.digest:
            return f"line {self._number} is not what was sealed: it was changed after the journal was written"
        return ""

    def _advance(self, line: bytes) -> None:
        self._number += 1
        self.digest = hashlib.sha256(f"{self._number}:{self.digest}\n".encode() + line).hexdigest()


def seal_in(line: bytes) -> str:
    """The digest that a sealed line carries, unchecked; "" where it carries none."""
    found = _SEAL.search(line)
    return found["digest"].decode() if found else ""
