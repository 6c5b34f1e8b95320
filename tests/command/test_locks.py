"""Lock files: every version pinned with hashes, and nobody's address in them."""

import json
import re
from pathlib import Path

import pytest

from app.command.lint import lock_files_with_addresses
from app.command.lock import EXPORTS
from app.command.place import ROOT


def test_no_lock_file_holds_an_address() -> None:
    assert lock_files_with_addresses(ROOT) == []


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-x.lock", "package-lock.json"])
def test_a_planted_address_is_found(tmp_path: Path, name: str) -> None:
    (tmp_path / "requirements-clean.lock").write_text("flask==3.1.3\n")
    (tmp_path / name).write_text('"resolved": "https://example.invalid/x.tgz"\n')
    assert lock_files_with_addresses(tmp_path) == [name]


@pytest.mark.parametrize("name", EXPORTS)
def test_every_requirement_is_exact_and_hashed(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    entries = re.split(r"\n(?=[A-Za-z0-9])", text.strip())
    assert len(entries) > 0
    for entry in entries:
        assert re.match(r"[\w.\[\]-]+==\S+ ", entry), entry.splitlines()[0]
        assert "--hash=sha256:" in entry, entry.splitlines()[0]


def test_npm_packages_are_exact_and_locked_with_their_checksums() -> None:
    wanted = json.loads((ROOT / "package.json").read_text("utf-8"))
    packages = json.loads((ROOT / "package-lock.json").read_text("utf-8"))["packages"]
    for name, version in {**wanted["dependencies"], **wanted["devDependencies"]}.items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version), f"{name} is not exact"
        assert packages[f"node_modules/{name}"]["version"] == version
    installed = {path: entry for path, entry in packages.items() if path}
    assert all(entry["integrity"].startswith("sha512-") for entry in installed.values())
