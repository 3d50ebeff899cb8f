"""The options of the machinery's own tests."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full-matrix", action="store_true", help="run every mutant, and every variant with every case")
    parser.addoption("--kills", type=int, default=5, metavar="N", help="how often the capture service is killed under load")
