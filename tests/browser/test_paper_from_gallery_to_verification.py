"""One paper through everybody's hands: begun from the gallery, signed on a phone, issued, verified by a stranger, void,
made anew and signed on the centre's own device."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from app.documents.catalogue import load
from tests.browser.conftest import Eyes, Place, Site
from tests.browser.test_sign_on_a_phone import draw, link_sent_to
from tests.cast_accounts import PASSWORD
from tests.documents.desks import flat
from tests.documents.papers import sample, squeeze

pytestmark = pytest.mark.browser
Make = Callable[[int, bool], Eyes]
FORM = "kium-consent-privacy"
SIGNER = "한지원"
CHILD = "윤서담"


@pytest.mark.parametrize(("width", "scripts"), [(390, True), (1280, True), (1280, False)])
def test_a_paper_through_all_hands(
    people: Make, site: Site, width: int, scripts: bool, tmp_path: Path
) -> None:
    place = site.open_centre(f"{'자차' if scripts else '카타'}{width} 키움센터")
    phone = f"0108{width:04}{int(scripts):03}"
    director = people(width, scripts)
    director.sign_in(place.director, PASSWORD)
    ref = begin_and_finish(director)
    sign_on_the_phone(director, people(390, scripts), site, phone)
    pdf = issued_pdf(director, ref, tmp_path)
    stranger = people(width, scripts)
    code = verify(stranger, pdf, tmp_path)
    compare(stranger, pdf)
    void(director, ref)
    assert "지금은 무효예요" in ask(stranger, *code)
    number = make_anew(director, place)
    assert f"무효 — 새 문서 {number}" in ask(stranger, *code)


def begin_and_finish(director: Eyes) -> str:
    """From the gallery to a finished draft that was found again; its ref."""
    director.go("/forms?q=개인정보+동의서")
    director.follow(director.page.get_by_role("link", name=load(FORM).title, exact=False))
    director.press("작성하기")
    values = flat(load(FORM), sample(load(FORM)))
    fill_in(director, {"child_name": values.pop("child_name")})
    director.follow(director.page.get_by_role("button", name="임시 저장").first)
    director.go("/drafts")
    director.follow(director.page.get_by_role("link", name=load(FORM).title, exact=False))
    assert director.page.locator("[name='child_name']").input_value() == CHILD
    fill_in(director, values)
    director.press("작성 마치기")
    assert "서명만 남았어요" in director.page.inner_text("#status")
    return director.page.url.rsplit("/", 1)[1]


def fill_in(eyes: Eyes, values: dict[str, str]) -> None:
    """As people do: boxes by their words, the rest by typing."""
    for name, value in values.items():
        box = eyes.page.locator(f"input[name='{name}'][value='{value}']")
        if box.count() and box.first.get_attribute("type") == "radio":
            eyes.pick(name, value)
        else:
            eyes.page.locator(f"[name='{name}']").first.fill(value)


def sign_on_the_phone(director: Eyes, signer: Eyes, site: Site, phone: str) -> None:
    director.follow(director.page.get_by_role("link", name="서명 링크 보내기", exact=False))
    assert director.page.locator("[name='signer']").input_value() == SIGNER
    director.fill(phone=phone)
    director.press("링크 보내기")
    signer.go(link_sent_to(site, phone))
    signer.press("인증번호 받기")
    signer.fill(code=site.code_sent_to(phone))
    signer.press("확인")
    if signer.scripts:
        draw(signer)
    else:
        signer.fill(typed=SIGNER)
    signer.press("서명하고 내기")
    assert "서명을 마쳤어요" in signer.page.inner_text("h1")


def issued_pdf(director: Eyes, ref: str, folder: Path) -> Path:
    """The PDF as soon as the worker has sealed and stored it; poppler reads it."""
    director.go(f"/papers/{ref}")
    until = time.monotonic() + 30
    while True:
        answer = director.context.request.get(f"{director.page.url}/pdf")
        if answer.headers.get("content-type") == "application/pdf":
            break
        assert time.monotonic() < until, "the worker did not render it"
        time.sleep(0.3)
    pdf = folder / f"{ref}.pdf"
    pdf.write_bytes(answer.body())
    read = subprocess.run(["pdftotext", "-raw", pdf, "-"], capture_output=True, text=True, check=True)
    words = squeeze(read.stdout)
    assert CHILD in words
    assert SIGNER in words
    assert "확인코드" in words
    return pdf


def verify(stranger: Eyes, pdf: Path, folder: Path) -> tuple[str, str]:
    """A camera reads the QR code; the page it opens says what the paper is worth. Returns number and code."""
    subprocess.run(["pdftoppm", "-r", "200", "-png", "-singlefile", pdf, folder / "page"], check=True)
    [found] = zxingcpp.read_barcodes(Image.open(folder / "page.png"))
    assert found.text.startswith(f"{stranger.site.live.base}/seoul/verify?n=D2026-")
    address, code = found.text.split("#")
    number = address.partition("n=")[2]
    if stranger.scripts:
        stranger.page.goto(found.text)
        stranger.page.wait_for_selector("#answer")
        stranger.look()
        assert code not in stranger.page.url
    else:
        ask(stranger, number, code)
    page = stranger.page.inner_text("main")
    assert "유효한 문서예요" in page
    assert CHILD not in page
    assert SIGNER not in page
    return number, code


def ask(stranger: Eyes, number: str, code: str) -> str:
    """Typed from the paper; what the page answers."""
    stranger.go("/verify")
    stranger.fill(number=number, code=code)
    stranger.press("확인")
    return stranger.page.inner_text("main")


def compare(stranger: Eyes, pdf: Path) -> None:
    """The file itself is the original; with one byte changed it is not."""
    content = bytearray(pdf.read_bytes())
    for change, answer in ((0, "원본과 같습니다"), (1, "원본과 다릅니다")):
        content[len(content) // 2] ^= change
        file = {"name": "a.pdf", "mimeType": "application/pdf", "buffer": bytes(content)}
        stranger.page.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
        stranger.press("견주기")
        assert answer in stranger.page.inner_text("main")


def void(director: Eyes, ref: str) -> None:
    director.go(f"/papers/{ref}")
    director.page.locator("summary", has_text="무효로 처리").click()
    director.fill(reason="보호자 연락처를 잘못 적음")
    director.press("무효로 처리")
    assert "무효가 된 PDF 받기" in director.page.inner_text("main")


def make_anew(director: Eyes, place: Place) -> str:
    """The same paper again, signed on this very device; the number it gets."""
    director.page.locator("summary", has_text="다시 발급").click()
    director.fill(why="연락처를 고쳐 다시 발급")
    director.press("다시 발급")
    again = director.page.url
    director.follow(director.page.get_by_role("link", name="이 기기에서 서명 받기", exact=False))
    director.press("로그아웃하고 건네기")
    director.fill(typed=SIGNER)
    director.press("서명하고 내기")
    assert "기기를 직원에게 돌려주세요" in director.page.inner_text("main")
    assert "/login" in director.context.request.get(again).url, "the desk is closed"
    director.sign_in(place.director, PASSWORD)
    director.page.goto(again)
    director.look()
    assert "직원이 본인 확인" in director.page.inner_text("main")
    found = director.page.locator("main").inner_text().partition("D2026-")[2]
    return f"D2026-{found[:6]}"
