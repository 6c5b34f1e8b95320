"""``./dolbom keys``: from the request to the certificate in use, and every wrong turn answered in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from app.documents import certificates
from app.kernel.crypto import load_keys, use_keys
from app.kernel.db import Database, database, use_database
from app.kernel.files import FileStore, use_files
from app.kernel.ranges import KST
from app.tenancy.registry import registry
from tests.command.test_tenant import Answer, Command
from tests.conftest import UrlOf

Run = Callable[..., Answer]


@pytest.fixture(scope="module")
def run(
    house: Database, server: UrlOf, new_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Run]:
    made = Command(server, new_database(), tmp_path_factory.mktemp("var"))
    yield lambda *words, **more: made("keys", *words, **more)
    use_database(house)
    use_keys(load_keys(house.settings.keys, create=True))
    use_files(FileStore(house.settings.var / "files"))
    registry.forget()


def test_a_demonstration_s_key_is_made_changed_and_revoked(run: Run) -> None:
    assert "열쇠 없음" in run("list", "gwacheon").stdout
    assert run("rotate", "gwacheon").returncode == 1
    made = run("create", "gwacheon", "--days", "20")
    assert made.returncode == 0, made.stderr
    assert "과천시 전자직인(시연용)" in made.stdout
    assert "이미 쓰는 열쇠" in run("create", "gwacheon").stderr
    listed = run("list", "gwacheon").stdout
    assert "20일 뒤" in listed
    assert "BEGIN" not in listed
    assert run("rotate", "gwacheon").returncode == 0
    lines = [line for line in run("list", "gwacheon").stdout.splitlines() if line.startswith("  ")]
    assert [("쓰는 중" in line, "물러남" in line) for line in lines] == [(True, False), (False, True)]
    ref = lines[0].split()[0]
    assert run("revoke", "gwacheon", "0" * 16, "--reason", "유출").returncode == 1
    revoked = run("revoke", "gwacheon", ref, "--reason", "유출 의심")
    assert "폐지했습니다" in revoked.stdout
    assert "쓸 수 있는 전자직인 열쇠가 없습니다" in revoked.stdout


def test_a_requested_certificate_comes_into_use(run: Run, tmp_path: Path) -> None:
    csr, answer, root = tmp_path / "seoul.csr", tmp_path / "seoul.cer", tmp_path / "root.pem"
    asked = run("request", "seoul", "--output", str(csr))
    assert asked.returncode == 0, asked.stderr
    assert "이미 있습니다" in run("request", "seoul", "--output", str(csr)).stderr
    assert "이미 발급을 신청한" in run("request", "seoul", "--output", f"{csr}2").stderr
    assert not Path(f"{csr}2").exists()
    now = datetime.now(KST)
    authority = certificates.make_authority(now - timedelta(days=1))
    request = x509.load_pem_x509_csr(csr.read_bytes())
    public = request.public_key()
    assert isinstance(public, ec.EllipticCurvePublicKey)
    own, *above = certificates.certify(authority, public, request.subject, now, now + timedelta(days=800))
    answer.write_text(certificates.chain_pem([own]))
    root.write_text(certificates.chain_pem(above))
    assert "인증서 기다림" in run("list", "seoul").stdout
    assert "읽지 못했습니다" in run("import", "seoul", str(csr)).stderr
    brought = run("import", "seoul", str(root), str(answer))
    assert brought.returncode == 0, brought.stderr
    assert "서울특별시 전자직인 ← 돌봄이음 시험 인증기관" in brought.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("create", "nowhere"), "열린 시군이 없습니다"),
        (("create", "seoul", "--days", "0"), "유효기간"),
        (("import", "seoul"), "적어 주세요"),
        (("import", "seoul", "/no/such/file"), "읽지 못했습니다"),
        (("import", "seoul", "a.cer", "--p12", "b.p12"), "하나를 적어 주세요"),
        (("revoke", "seoul", "x", "--reason", " "), "열쇠가 없습니다"),
    ],
)
def test_a_wrong_turn_is_answered_in_words(run: Run, words: tuple[str, ...], said: str) -> None:
    answer = run(*words)
    assert answer.returncode == 1
    assert said in answer.stderr


def test_production_makes_no_test_certificates(run: Run) -> None:
    run("list", "seoul")
    more = {"DOLBOM_ENV": "production", "DOLBOM_KEYS": str(keys_folder())}
    for task in ("create", "rotate"):
        answer = run(task, "gwacheon", **more)
        assert answer.returncode == 1
        assert "운영 환경에서는" in answer.stderr


def keys_folder() -> Path:
    """Of the house that the last command opened."""
    return database().settings.keys


def test_production_without_an_address_is_told(run: Run) -> None:
    run("list", "seoul")
    answer = run("list", "seoul", DOLBOM_ENV="production", DOLBOM_KEYS=str(keys_folder()))
    assert "DOLBOM_BASE_URL" in answer.stdout
    named = {
        "DOLBOM_ENV": "production",
        "DOLBOM_KEYS": str(keys_folder()),
        "DOLBOM_BASE_URL": "https://a.kr/",
    }
    assert "DOLBOM_BASE_URL" not in run("list", "seoul", **named).stdout
    wrong = run("list", "seoul", DOLBOM_BASE_URL="javascript:alert(1)")
    assert wrong.returncode == 1
    assert "DOLBOM_BASE_URL" in wrong.stderr
