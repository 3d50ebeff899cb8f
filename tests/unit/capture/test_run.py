"""A run whose callbacks go to a capture service."""

import msgspec
import pytest

from payconform.adapters.service_inbox import ServiceInbox, ServiceRefusedError, ServiceUnreachedError
from payconform.assembly import Run
from payconform.authoring.cases import Case
from payconform.contract.register import clauses
from payconform.engine.judge import judge
from payconform.model.evidence import Awaited, Callback
from payconform.model.finding import Outcome
from payconform.model.message import Answer, Arrival
from payconform.model.profile import Callbacks
from payconform.model.run import Ended
from payconform.sandbox.profile import sandbox_profile
from payconform.sandbox.server import Sandbox
