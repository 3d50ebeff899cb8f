"""The hooks for `schemathesis run`, one by one."""

import importlib.util
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import schemathesis
from schemathesis import GenerationMode

HOOKS = Path(__file__).parents[3] / "schemathesis" / "conformance_hooks.py"


@pytest.fixture
def hooks(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module, loaded without entering its hooks for every other test."""
    monkeypatch.setattr(schemathesis, "hook", lambda hook: hook)
    for name in ("LESSPAY2_APP_ID", "LESSPAY2_SECRET"):
        monkeypatch.delenv(name, raising=False)
    spec = importlib.util.spec_from_file_location("conformance_hooks_alone", HOOKS)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def called(hooks: ModuleType, mode: GenerationMode, body: Any) -> Any:
    """The body that is sent for one that was drawn."""
    case = SimpleNamespace(body=body, meta=SimpleNamespace(generation=SimpleNamespace(mode=mode)))
    hooks.before_call(None, case, {})
    return case.body


@pytest.mark.parametrize("drawn", ["M1", " ", "\x1d", "\u3000"])
def test_a_lawful_order_has_an_id_of_its_own_whatever_was_drawn(hooks: ModuleType, drawn: str) -> None:
    first, second = (called(hooks, GenerationMode.POSITIVE, {"request_id": drawn})["request_id"] for _ in range(2))
    assert first.startswith("M")
    assert len(first) == 17
    assert first != second


@pytest.mark.parametrize("drawn", ["", " ", 5, None])
def test_a_faulty_id_stays_as_it_was_drawn(hooks: ModuleType, drawn: object) -> None:
    assert called(hooks, GenerationMode.NEGATIVE, {"request_id": drawn})["request_id"] == drawn


def test_an_order_with_another_fault_has_an_id_of_its_own(hooks: ModuleType) -> None:
    sent = called(hooks, GenerationMode.NEGATIVE, {"request_id": "M1", "pay_access_type": 2.0})
    assert sent["request_id"] != "M1"
    assert type(sent["pay_access_type"]) is int
