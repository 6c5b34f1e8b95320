"""Marks, signatures, replaced wording, the closed fetcher, and the small rules of Korean text."""

from __future__ import annotations

import base64
import subprocess
import sys
from pathlib import Path

import pytest

from app.documents import strokes, text, typefaces
from app.documents.catalogue import Field
from app.documents.model import BadFormData
from app.documents.render import ClosedFetcher, Renderer, Sheet, printed
from tests.documents.papers import pages, words

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC"
)
WAVE = [[[0, 10], [20, 0], [40, 20]], [[10, 30]]]


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer()


@pytest.mark.parametrize("mark", ["서명용", "시연용"])
def test_a_mark_stands_on_every_page(renderer: Renderer, tmp_path: Path, mark: str) -> None:
    rows = {"rows": [{"name": f"아이{i}"} for i in range(60)]}
    pdf = renderer.pdf("kium-daily-users", rows, mark=mark)
    count = pages(pdf, tmp_path)
    assert count >= 3
    assert all(words(pdf, tmp_path).count(letter) >= count for letter in mark[:2])
    assert mark[:2] not in words(renderer.pdf("kium-daily-users", rows), tmp_path)


def test_a_typed_and_a_drawn_signature_and_a_seal(renderer: Renderer, tmp_path: Path) -> None:
    typed = renderer.html(Sheet("kium-consent-5", signatures={"guardian_signature": "한지원<b>"}))
    assert ">한지원&lt;b&gt;</span>" in typed.replace("\u2060", "")
    drawn = renderer.html(Sheet("kium-consent-5", signatures={"guardian_signature": WAVE}))
    assert 'class="stroke" src="data:image/svg+xml;base64,' in drawn
    assert 'alt="보호자(법정대리인) 서명 또는 인"' in drawn.replace("\u2060", "")
    sealed = renderer.pdf("kium-decision-notice", {}, signatures={"head_seal": PNG})
    assert b"/Image" in sealed
    assert "(직인)" in words(sealed, tmp_path)


@pytest.mark.parametrize(
    "bad",
    [
        [],
        [[]],
        [[["a", 1]]],
        [[[1, 2, 3]]],
        [[[float("nan"), 1]]],
        [[[1e9, 1]]],
        [[[0, 0]] * (strokes.MAX_POINTS + 1)],
    ],
)
def test_bad_strokes_are_refused(bad: list[list[list[float]]]) -> None:
    with pytest.raises(strokes.BadStrokes):
        strokes.svg(bad)


def test_strokes_are_drawn_to_their_own_size() -> None:
    picture = strokes.svg(WAVE)
    assert 'viewBox="-1.00 -1.00 42.00 32.00"' in picture
    assert "M0.00 10.00L20.00 0.00L40.00 20.00 M10.00 30.00L10.00 30.00" in picture


@pytest.mark.parametrize("seal", [b"<svg onload='x'/>", b"GIF89a", b""], ids=["svg", "gif", "nothing"])
def test_a_seal_is_a_png_or_jpeg(renderer: Renderer, seal: bytes) -> None:
    with pytest.raises(ValueError, match="PNG나 JPG"):
        renderer.html(Sheet("kium-decision-notice", signatures={"head_seal": seal}))


def test_unknown_names_are_refused(renderer: Renderer) -> None:
    with pytest.raises(ValueError, match="no signature 'mayor'"):
        renderer.html(Sheet("kium-consent-5", signatures={"mayor": "김"}))
    with pytest.raises(ValueError, match="no text"):
        renderer.html(Sheet("kium-consent-5", texts={"preamble": "x"}))
    with pytest.raises(BadFormData):
        renderer.pdf("kium-consent-5", {"mayor": "김"})


def test_a_municipality_replaces_the_wording(renderer: Renderer, tmp_path: Path) -> None:
    pdf = renderer.pdf("kium-consent-5", None, texts={"outdoor": "구청이 정한 <문장>입니다.\n둘째 줄."})
    found = words(pdf, tmp_path)
    assert "·구청이정한<문장>입니다." in found
    assert "·둘째줄." in found
    assert "견학·체험·산책에참여" not in found


@pytest.mark.parametrize("scheme", ["http", "https", "ftp"])
def test_the_fetcher_calls_nobody(scheme: str) -> None:
    with pytest.raises(ValueError, match="disallowed"):
        ClosedFetcher(typefaces.folder()).fetch(f"{scheme}://127.0.0.1:9/a.png")


def test_the_fetcher_reads_fonts_and_no_other_file(tmp_path: Path) -> None:
    fonts = tmp_path / "글꼴 fonts"
    fonts.mkdir()
    (fonts / "a.otf").write_bytes(b"font")
    (tmp_path / "secret").write_bytes(b"secret")
    (fonts / "link").symlink_to(tmp_path / "secret")
    fetcher = ClosedFetcher(fonts)
    response = fetcher.fetch((fonts / "a.otf").as_uri())
    assert response.read() == b"font"
    response.close()
    root = fonts.as_uri()
    for url in [
        "file:///etc/passwd",
        f"{root}/../secret",
        f"{root}/%2e%2e/secret",
        f"{root}/link",
        "file://host/etc/passwd",
    ]:
        with pytest.raises(ValueError, match="not a font"):
            fetcher.fetch(url)


def test_without_cut_fonts_the_system_font_is_used(tmp_path: Path) -> None:
    assert typefaces.font_faces(tmp_path) == ""
    pdf = Renderer(fonts=tmp_path).pdf("kium-decision-notice", None)
    assert "이용결정통지" in words(pdf, tmp_path)


def test_set_up_says_in_korean_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from app.command import fonts

    monkeypatch.setenv("DOLBOM_VAR", str(tmp_path))
    monkeypatch.setattr(fonts, "SOURCES", (tmp_path,))
    assert fonts.main() == 1
    assert "apt-get install" in capsys.readouterr().err


def test_cut_fonts_are_not_cut_again() -> None:
    made = [(typefaces.folder() / face.file).stat().st_mtime_ns for face in typefaces.TYPEFACES]
    subprocess.run([sys.executable, "-m", "app.command.fonts"], check=True, cwd=typefaces.ROOT, timeout=60)
    assert made == [(typefaces.folder() / face.file).stat().st_mtime_ns for face in typefaces.TYPEFACES]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<td>돌봄을 신청</td>", "<td>돌+봄+을 신+청</td>"),
        ("<title>이용결정</title>", "<title>이용결정</title>"),
        ('<img alt="가나">다라', '<img alt="가나">다+라'),
        ("5명&lt;가&gt;", "5+명&lt;가&gt;"),
        ("등원·하원(귀가)", "등+원·하+원(귀+가+)"),
    ],
)
def test_korean_words_stay_whole(html: str, expected: str) -> None:
    assert text.keep_words(html).replace(text.WORD_JOINER, "+") == expected


@pytest.mark.parametrize(
    ("given", "printed"),
    [
        ("01012345678", "010-1234-5678"),
        ("010-1234-5678", "010-1234-5678"),
        ("0226174408", "02-2617-4408"),
        ("023334444", "02-333-4444"),
        ("0311234567", "031-123-4567"),
        ("+82 10 1234 5678", "+82 10 1234 5678"),
        ("15771234", "15771234"),
        ("0501234", "0501234"),
    ],
)
def test_phone_numbers(given: str, printed: str) -> None:
    assert text.phone(given) == printed


@pytest.mark.parametrize(
    ("name", "line"),
    [
        (None, "○○센터장 귀하"),
        ("오류2동 우리동네키움센터", "오류2동 우리동네키움센터장 귀하"),
        ("항동 융합형", "항동 융합형센터장 귀하"),
    ],
)
def test_the_addressee(name: str | None, line: str) -> None:
    assert text.addressee("{centre_name}센터장 귀하", {"centre_name": name}) == line


@pytest.mark.parametrize(("letters", "css"), [(10, ""), (11, "fit-1"), (12, "fit-2"), (500, "fit-2")])
def test_long_values_shrink_to_a_floor(letters: int, css: str) -> None:
    assert text.fit("가" * letters, 10) == css


@pytest.mark.parametrize(("kind", "expected"), [("month", "2026년 3월"), ("", "2026. 3. 2.")])
def test_a_month_is_written_without_its_day(kind: str, expected: str) -> None:
    assert printed(Field("month", "대상월", "date", print_as=kind), "2026-03-02") == expected
