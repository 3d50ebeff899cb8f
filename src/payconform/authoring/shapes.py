"""Whether a document keeps a schema of the contract."""

from typing import Any

from payconform.contract.schemas import Violation, violations
from payconform.model.clause import Severity


def schema_violations(name: str, document: Any) -> tuple[Violation, ...]:
    """What breaks a strict constraint of a schema, such as `create-order/accepted`."""
    return tuple(violation for violation in violations(name, document) if violation.severity is Severity.STRICT)
