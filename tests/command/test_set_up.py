"""The set-up in ./dolbom, with small stand-ins for the programs of the system (apt, pip, npm)."""

import shutil
import subprocess
from pathlib import Path

import pytest

from app.command.place import ROOT

# What a stand-in does: note its call, then succeed unless a file of its name lies in fail/.
STAND_IN = """#!/bin/sh
echo "$(basename "$0") $*" >>"$CALLS"
if [ -e "$FAIL/$(basename "$0")" ]; then cat "$FAIL/$(basename "$0")"; exit 1; fi
"""
PYTHON = """case "$*" in
*"-m venv"*) mkdir -p .venv/bin; cp "$0" .venv/bin/python; echo "#!$PWD/.venv/bin/python" >.venv/bin/pip;;
esac
"""
FILES = ("dolbom", "app/command/help.txt", "package-lock.json", "requirements.lock",
         "requirements-embedded.lock", "requirements-node.lock")  # fmt: skip


class Machine:
    """A checkout with nothing set up, on a machine where every program of the system is a stand-in."""

    def __init__(self, folder: Path, user: str) -> None:
        self.root, self.calls_file, self.fail = folder / "checkout", folder / "calls", folder / "fail"
        self.bin = folder / "bin"
        for made in (self.bin, self.fail):
            made.mkdir()
        for file in FILES:
            (self.root / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / file, self.root / file)
        for name in ("apt-get", "npm"):
            self.install(name, STAND_IN)
        self.install("python3", STAND_IN + PYTHON)
        self.install("id", f"#!/bin/sh\necho {user}\n")
        self.install("node", "#!/bin/sh\necho 20\n")
        self.install("dpkg-query", "#!/bin/sh\necho installed\n")

    def install(self, name: str, text: str) -> None:
        (self.bin / name).write_text(text)
        (self.bin / name).chmod(0o755)

    def dolbom(self, *words: str) -> subprocess.CompletedProcess[str]:
        environment = {
            "PATH": f"{self.bin}:/usr/bin:/bin",
            "CALLS": str(self.calls_file),
            "FAIL": str(self.fail),
            "DATABASE_URL": "postgresql://given@h/db",
        }
        line = [str(self.root / "dolbom"), *words]
        return subprocess.run(line, env=environment, capture_output=True, text=True, timeout=60, check=False)

    def calls(self) -> list[str]:
        """The calls since the last question, without the many questions for the version."""
        lines = self.calls_file.read_text().splitlines() if self.calls_file.exists() else []
        self.calls_file.unlink(missing_ok=True)
        return [line for line in lines if not line.startswith(("python3 -c", "python -c"))]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path, user="1000")


def test_a_first_run_does_every_step_and_a_second_none(machine: Machine) -> None:
    assert machine.dolbom("run").returncode == 0
    first = "\n".join(machine.calls())
    for step in (
        "-m venv",
        "pip install",
        "npm ci",
        "app.command.assets",
        "app.command.fonts",
        "app.command run",
    ):
        assert step in first
    machine.dolbom("run")
    assert machine.calls() == ["python -m app.command run"]


def test_options_reach_the_verb_unchanged(machine: Machine) -> None:
    machine.dolbom("test", "-k", "두 낱말", "tests/booking")
    assert machine.calls()[-1] == "python -m app.command test -k 두 낱말 tests/booking"


def test_a_step_that_failed_is_done_again_and_the_finished_ones_are_not(machine: Machine) -> None:
    (machine.fail / "npm").write_text("npm error disk on fire\n")
    answer = machine.dolbom("run")
    assert answer.returncode == 1
    assert "'화면 꾸러미 설치' 단계를 마치지 못했습니다" in answer.stderr
    assert "disk on fire" in answer.stderr
    machine.calls()
    (machine.fail / "npm").unlink()
    assert machine.dolbom("run").returncode == 0
    assert machine.calls()[0].startswith("npm ci ")


def test_a_changed_lock_file_repeats_its_step(machine: Machine) -> None:
    machine.dolbom("run")
    machine.calls()
    with (machine.root / "requirements.lock").open("a") as lock:
        lock.write("# changed\n")
    machine.dolbom("run")
    assert ["pip install" in call for call in machine.calls()] == [True, False]


def test_a_moved_checkout_gets_a_new_environment(machine: Machine) -> None:
    machine.dolbom("run")
    machine.calls()
    machine.root = machine.root.rename(machine.root.with_name("moved"))
    machine.dolbom("run")
    assert any("-m venv --clear" in call for call in machine.calls())


@pytest.mark.parametrize(
    ("output", "remedy"),
    [
        ("SSL: CERTIFICATE_VERIFY_FAILED self-signed", "SSL_CERT_FILE"),
        ("Temporary failure in name resolution", "인터넷 연결"),
        ("npm error code EAI_AGAIN", "인터넷 연결"),
        ("write error: No space left on device", "빈 곳이 없습니다"),
        ("something else", "같은 명령을 다시"),
    ],
)
def test_a_failure_names_its_remedy(machine: Machine, output: str, remedy: str) -> None:
    (machine.fail / "npm").write_text(output + "\n")
    assert remedy in machine.dolbom("run").stderr


def test_without_root_missing_packages_are_named_with_their_command(machine: Machine) -> None:
    machine.install("dpkg-query", "#!/bin/sh\ncase $* in *pango*) ;; *) echo installed;; esac\n")
    answer = machine.dolbom("run")
    assert answer.returncode == 1
    assert "sudo apt-get install -y --no-install-recommends libpangoft2-1.0-0" in answer.stderr
    assert machine.calls() == []


def test_lint_needs_no_system_packages_and_no_front_end(machine: Machine) -> None:
    machine.install("dpkg-query", "#!/bin/sh\n")
    assert machine.dolbom("lint").returncode == 0
    assert not any(call.startswith(("npm", "apt-get")) for call in machine.calls())


def test_a_python_that_is_too_old_is_not_taken(machine: Machine) -> None:
    for name in ("python3", "python3.11", "python3.12", "python3.13"):
        machine.install(name, "#!/bin/sh\nexit 1\n")
    answer = machine.dolbom("run")
    assert answer.returncode == 1
    assert "python3 python3-venv" in answer.stderr
