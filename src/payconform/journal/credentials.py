"""Finds the run's secrets in text."""

import html
import json
import re
from urllib.parse import quote, quote_plus

from payconform.journal.masks import SECRET_MASK, Note
from payconform.journal.vocabulary import is_of_the_journal

SHORTEST = 4
_PERCENT = re.compile(r"%[0-9A-F]{2}")


class Credentials:
    """The secrets of a run.

    One of fewer than four characters protects nothing, and masking it would ruin every text. One that is a word of the
    journal, such as "token", stands in it anyway, and masking it would leave a journal that nothing can read. `forms` are all
    texts that are masked, the mask among them.
    """

    def __init__(self) -> None:
        self._forms: set[str] = set()
        self.forms: tuple[str, ...] = ()
        self._pattern: re.Pattern[str] | None = None

    def learn(self, secret: str) -> None:
        """Know a secret from now on."""
        if len(secret) < SHORTEST or is_of_the_journal(secret):
            return
        self._forms |= _forms(secret)
        longest_first = sorted(self._forms, key=len, reverse=True)
        # The mask itself comes first, so that a secret that is part of the word "secret" does not mask the mask.
        self.forms = (SECRET_MASK, *longest_first)
        self._pattern = re.compile("|".join(map(re.escape, self.forms)))

    def may_be_in(self, text: str) -> bool:
        """Whether the text holds a secret, or the mask of one."""
        return any(form in text for form in self.forms)

    def mask(self, text: str, note: Note) -> str:
        """The text with every secret masked, also where it is URL-encoded or escaped as in JSON or HTML."""
        if self._pattern is None:
            return text

        def masked(found: re.Match[str]) -> str:
            if found[0] != SECRET_MASK:
                note("secret", "text")
            return SECRET_MASK

        return self._pattern.sub(masked, text)


def _forms(secret: str) -> set[str]:
    url = {quote(secret, safe="", errors="replace"), quote(secret, errors="replace"), quote_plus(secret, errors="replace")}
    url |= {quote(form, safe="") for form in url}
    lower = {_PERCENT.sub(lambda found: found[0].lower(), form) for form in url}
    escaped = {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1], html.escape(secret)}
    return {secret} | url | lower | escaped
