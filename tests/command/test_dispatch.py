"""./dolbom and its dispatcher: the list of verbs, help, and what a typing error is told."""

import re
import subprocess
import sys

import pytest

from app.command.__main__ import HELP, VERBS, main
from app.command.place import ROOT


def dolbom(*words: str) -> subprocess.CompletedProcess[str]:
    """Run the shell script as on a bare machine: no environment but a path, from another folder."""
    line = [str(ROOT / "dolbom"), *words]
    return subprocess.run(
        line, env={"PATH": "/usr/bin:/bin"}, cwd="/", capture_output=True, text=True, check=False
    )


def test_help_lists_exactly_the_verbs_there_are() -> None:
    listed = re.findall(r"^  ([a-z]+)  ", HELP.read_text("utf-8"), re.MULTILINE)
    assert listed == [*VERBS, "help"]


def test_make_knows_the_same_verbs() -> None:
    line = next(
        line for line in (ROOT / "Makefile").read_text("utf-8").splitlines() if line.startswith("VERBS")
    )
    assert line.partition(":=")[2].split() == [*VERBS, "help"]


@pytest.mark.parametrize("words", [(), ("help",), ("--help",)])
def test_help_needs_nothing_installed(words: tuple[str, ...]) -> None:
    answer = dolbom(*words)
    assert (answer.returncode, answer.stdout) == (0, HELP.read_text("utf-8"))


def test_the_script_refuses_an_unknown_verb_before_it_installs_anything() -> None:
    answer = dolbom("rnu")
    assert answer.returncode == 1
    assert "'rnu'라는 명령은 없습니다" in answer.stderr
    assert "·" not in answer.stderr  # no step was begun


def test_the_dispatcher_refuses_an_unknown_verb(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rnu"]) == 1
    assert "'rnu'라는 명령은 없습니다" in capsys.readouterr().err


def test_an_unknown_option_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["rules", "--colour"])
    assert ended.value.code == 2
    assert "'--colour'은(는) 모르는 옵션입니다" in capsys.readouterr().err


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself(verb: str) -> None:
    line = [sys.executable, "-m", "app.command", verb, "--help"]
    answer = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert re.search("[가-힣]", answer.stdout)
