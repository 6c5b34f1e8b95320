"""Files lie encrypted under their municipality's own folder."""

from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag

from app.kernel.db import tenant_ref
from app.kernel.files import FileStore

SEOUL, ICHEON = tenant_ref("seoul"), tenant_ref("icheon")


@pytest.fixture
def store(house: object, tmp_path: Path) -> FileStore:
    return FileStore(tmp_path)


@pytest.mark.rule("XX-21")
def test_a_file_is_read_back_in_its_municipality_only(store: FileStore) -> None:
    name = store.put(SEOUL, b"%PDF-1.7 child")
    assert store.read(SEOUL, name) == b"%PDF-1.7 child"
    with pytest.raises(FileNotFoundError):
        store.read(ICHEON, name)


@pytest.mark.rule("XX-21")
def test_a_file_moved_to_another_municipality_does_not_open(store: FileStore, tmp_path: Path) -> None:
    name = store.put(SEOUL, b"secret")
    source = tmp_path / "seoul" / name[:2] / name
    target = tmp_path / "icheon" / name[:2] / name
    target.parent.mkdir(parents=True)
    source.rename(target)
    with pytest.raises(InvalidTag):
        store.read(ICHEON, name)


def test_nothing_readable_lies_on_the_disk(store: FileStore, tmp_path: Path) -> None:
    name = store.put(SEOUL, "김하늘 알레르기".encode())
    assert "김하늘".encode() not in (tmp_path / "seoul" / name[:2] / name).read_bytes()


def test_the_same_content_is_kept_once(store: FileStore) -> None:
    assert store.put(SEOUL, b"x") == store.put(SEOUL, b"x")
    assert len(store.names(SEOUL)) == 1


@pytest.mark.parametrize("name", ["../../etc/passwd", "a" * 63, "a" * 63 + "/", ""])
def test_a_name_that_is_no_hash_is_not_found(store: FileStore, name: str) -> None:
    with pytest.raises(FileNotFoundError):
        store.read(SEOUL, name)


def test_delete_is_repeatable(store: FileStore) -> None:
    name = store.put(SEOUL, b"x")
    store.delete(SEOUL, name)
    store.delete(SEOUL, name)
    assert store.names(SEOUL) == []
