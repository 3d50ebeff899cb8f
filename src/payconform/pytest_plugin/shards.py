"""Under pytest-xdist: one worker runs all cases, the others the plain tests, and the journals become one.

Cases share one runner, one inbox and one limiter, and nearly all their time is waiting, which they do together; cut into
workers they would only wait apart.
"""

from typing import Any

import pytest

CASES = "payconform"


def scheduler(config: pytest.Config, log: Any) -> Any:
    """A scheduler that keeps all cases together; None where the user chose another distribution."""
    if config.getvalue("dist") != "load":
        return None
    from xdist.scheduler import LoadScopeScheduling  # noqa: PLC0415 -- only there when the user has it

    class CaseScheduling(LoadScopeScheduling):  # type: ignore[misc]  # the package has no types
        def _split_scope(self, nodeid: str) -> str:
            return CASES if is_case(nodeid) else nodeid

    return CaseScheduling(config, log)


def is_case(nodeid: str) -> bool:
    """Whether a node id is that of a case: pytest's own tests are called test… or Test…."""
    return "::" in nodeid and not nodeid.rpartition("::")[2].startswith("test") and "::Test" not in nodeid
