"""Sealed values open only where they were sealed."""

import base64
import json
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag

from app.kernel.config import ConfigurationError, load_settings
from app.kernel.crypto import Keys, load_keys

PLACE = "seoul|health_note.sealed|1"


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return load_keys(tmp_path / "keys", create=True)


@pytest.mark.rule("XX-08")
def test_a_sealed_text_opens_in_its_own_place(keys: Keys) -> None:
    assert keys.decrypt(keys.encrypt("땅콩 알레르기", PLACE), PLACE) == "땅콩 알레르기"


@pytest.mark.rule("XX-08")
@pytest.mark.parametrize(
    "place", ["gwacheon|health_note.sealed|1", "seoul|health_note.sealed|2", "seoul|child.name|1"]
)
def test_it_does_not_open_in_another_municipality_row_or_column(keys: Keys, place: str) -> None:
    sealed = keys.encrypt("땅콩 알레르기", PLACE)
    with pytest.raises(InvalidTag):
        keys.decrypt(sealed, place)


@pytest.mark.rule("XX-08")
def test_sealing_twice_gives_different_bytes(keys: Keys) -> None:
    assert keys.encrypt("같은 글", PLACE) != keys.encrypt("같은 글", PLACE)


def test_a_changed_byte_is_noticed(keys: Keys) -> None:
    sealed = bytearray(keys.encrypt("글", PLACE))
    sealed[-1] ^= 1
    with pytest.raises(InvalidTag):
        keys.decrypt(bytes(sealed), PLACE)


def test_an_older_key_still_opens_after_rotation(keys: Keys, tmp_path: Path) -> None:
    sealed = keys.encrypt("옛 열쇠", PLACE)
    path = tmp_path / "keys" / "keys.json"
    raw = json.loads(path.read_text())
    raw["data"]["2"] = base64.b64encode(b"2" * 32).decode()
    path.write_text(json.dumps(raw))
    rotated = load_keys(tmp_path / "keys", create=False)
    assert rotated.current == 2
    assert rotated.decrypt(sealed, PLACE) == "옛 열쇠"


def test_keys_are_made_once_and_closed_to_others(keys: Keys, tmp_path: Path) -> None:
    path = tmp_path / "keys" / "keys.json"
    assert load_keys(tmp_path / "keys", create=True) == keys
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0


def test_production_never_makes_keys(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="열쇠"):
        load_keys(tmp_path / "none", create=False)


def test_production_refuses_to_start_without_named_keys() -> None:
    with pytest.raises(ConfigurationError, match="DOLBOM_KEYS"):
        load_settings({"DOLBOM_ENV": "production", "DOLBOM_DATABASE_URL": "postgresql+psycopg://x"})


def test_a_missing_database_address_names_the_remedy() -> None:
    with pytest.raises(ConfigurationError, match="DOLBOM_DATABASE_URL"):
        load_settings({})
