"""The JSON Schema of a journal record, made from the records themselves.

`python -m payconform.contract.journal_format` writes it anew after a record has changed.
"""

import json

import msgspec

from payconform.contract.folder import folder
from payconform.model.run import Record

PATH = "formats/journal.json"


def journal_format() -> str:
    """The text of the schema file."""
    described = msgspec.json.schema(Record)
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Journal record"}
    return json.dumps(head | described, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    (folder() / PATH).write_text(journal_format(), encoding="utf-8")
