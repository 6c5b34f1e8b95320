"""``./dolbom rules``: reading the marks out of test sources."""

from pathlib import Path

from app.command.rules import Proof, expected_rules, proofs

SOURCE = """
import pytest

@pytest.mark.rule("KB-03")
@pytest.mark.rule("KB-04")
def test_two(): ...

@pytest.mark.parametrize("x", [pytest.param(1, marks=pytest.mark.rule("KB-05"))])
def test_by_parameter(x): ...

@pytest.mark.rule("GC-01")
class TestAll:
    @pytest.mark.rule("GC-02", "GC-03")
    def test_inner(self): ...

def test_without(): ...
"""


def test_marks_on_functions_parameters_and_classes_are_found(tmp_path: Path) -> None:
    room = tmp_path / "booking"
    room.mkdir()
    (room / "test_windows.py").write_text(SOURCE)
    assert proofs(tmp_path) == [
        Proof("GC-01", "booking", "test_windows::TestAll"),
        Proof("GC-02", "booking", "test_windows::TestAll::test_inner"),
        Proof("GC-03", "booking", "test_windows::TestAll::test_inner"),
        Proof("KB-03", "booking", "test_windows::test_two"),
        Proof("KB-04", "booking", "test_windows::test_two"),
        Proof("KB-05", "booking", "test_windows::test_by_parameter"),
    ]


def test_a_mark_on_a_whole_file_counts_for_the_file(tmp_path: Path) -> None:
    (tmp_path / "test_all.py").write_text('import pytest\npytestmark = [pytest.mark.rule("AC-01")]\n')
    assert proofs(tmp_path) == [Proof("AC-01", "", "test_all")]


def test_expected_rules_are_words_with_comments(tmp_path: Path) -> None:
    assert expected_rules(tmp_path) == set()
    (tmp_path / "rules_expected.txt").write_text("# first milestone\nKB-01 KB-02\nKB-03  # later\n")
    assert expected_rules(tmp_path) == {"KB-01", "KB-02", "KB-03"}
