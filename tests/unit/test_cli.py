"""The command line outside pytest."""

import pytest

from payconform.cli import main


def test_help_names_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    assert "sandbox" in capsys.readouterr().out


def test_an_unknown_command_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sandbx"]) == 4
    assert capsys.readouterr().err.count("\n") == 1


def test_the_sandbox_lists_what_it_can_be(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sandbox", "--list"]) == 0
    assert "lesspay2" in capsys.readouterr().out


def test_an_unknown_mutant_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sandbox", "--mutant", "no-such"]) == 4
    assert capsys.readouterr().err.count("\n") == 1
