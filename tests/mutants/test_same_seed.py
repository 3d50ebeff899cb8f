"""Same seed, same plan: two runs send the same requests, but for ids, tokens and times."""

import re
from collections.abc import Callable, Sequence

import payconform.sandbox.variants  # noqa: F401 -- enters them in the catalogue
from payconform.authoring import Case
from payconform.model.evidence import Exchange
from payconform.model.run import Plan, Record
from payconform.sandbox.catalogue import VARIANTS, Mutant, Variant

Conduct = Callable[[Mutant | Variant, Sequence[Case], str], tuple[Record, ...]]

FRESH = re.compile(
    r'\\"(request_id|token)\\": ?\\"[^"\\]*\\"|'  # of an order in a string
    r'["\'](request_id|token)["\']: ?\[?("[^"]*"|\'[^\']*\'|\d+)|request_id=\w+|'
    r"o[0-9a-f]{8}-\d+|src_\w+|127\.0\.0\.1(?::|%3A)\d+|127001\d+|"
    r"long=x+"  # as long as an address with a fresh order in it has room
)
COMPARED = 60_000  # characters: the journal cuts a long body, and not always at the same place, as fresh ids differ in length


def sent(records: Sequence[Record]) -> list[tuple[str, str, str]]:
    """Case, fault and body of every request to the endpoint, without what is fresh in each run, in a sequence of its own."""
    return sorted(
        (record.case, record.fault, FRESH.sub("…", record.request_body.text or "")[:COMPARED])
        for record in records
        if isinstance(record, Exchange) and record.kind in ("create", "probe")
    )


def plans(records: Sequence[Record]) -> list[str]:
    return [case.id for record in records if isinstance(record, Plan) for case in record.cases]


def test_two_runs_of_one_seed_send_the_same(every_case: tuple[Case, ...], conduct: Conduct) -> None:
    first, second = (conduct(VARIANTS["http-400"], every_case, "default") for _ in range(2))
    assert plans(first) == plans(second)
    assert sent(first) == sent(second)
