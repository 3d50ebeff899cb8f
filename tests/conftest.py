"""The options of the machinery's own tests."""

import pytest
from hypothesis import settings

# How long an example takes says more of the machine than of the code.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full-matrix", action="store_true", help="run every mutant, and every variant with every case")
    parser.addoption("--kills", type=int, default=5, metavar="N", help="how often the capture service is killed under load")
