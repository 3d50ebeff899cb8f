"""The JSON Schema of a journal record, made from the records themselves.

`python -m payconform.contract.journal_format` writes it anew after a record has changed.
"""

import json
from inspect import cleandoc

import msgspec

from payconform.contract.folder import folder
from payconform.model.run import Record

PATH = "formats/journal.json"

_SEAL = {
    "description": "The last member of every line: its number and a SHA-256 over number, digest before, and the line without it.",
    "type": "string",
    "pattern": "^[1-9][0-9]{0,11}:[0-9a-f]{64}$",
}


def journal_format() -> str:
    """The text of the schema file."""
    described = msgspec.json.schema(Record)
    for record in described["$defs"].values():
        if "description" in record:
            record["description"] = cleandoc(record["description"])  # as some versions of msgspec leave the indentation
        if "type" in record.get("properties", {}):
            record["properties"]["seal"] = _SEAL
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Journal record"}
    return json.dumps(head | described, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    (folder() / PATH).write_text(journal_format(), encoding="utf-8")
