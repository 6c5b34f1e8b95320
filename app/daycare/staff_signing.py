"""종이 신청서 옮겨 적기: how the signature comes, and handing in with it in one unit (GC-24)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _

from app.daycare import service
from app.daycare.application_form import DRAFTED, Scene
from app.daycare.application_paper import sign_at_desk, signers
from app.daycare.queries import ApplicationDetail, is_superseded
from app.daycare.rules.application import check_application
from app.daycare.rules.states import ApplicationState, Channel
from app.daycare.staff_applying import asked_then
from app.daycare.staff_pages import STALE, read_reasons
from app.documents.service.signing import Hand, Scan
from app.kernel import submission, web
from app.kernel.errors import N_, Problem, RuleBroken, StaleVersion
from app.kernel.ranges import parse_day

WAYS = (
    ("scan", N_("서명한 종이를 올려요"), N_("사진이나 스캔한 파일")),
    ("here", N_("지금 이 화면에서 서명해요"), N_("보호자가 앞에 있을 때")),
    ("later", N_("서명은 나중에 받아요"), N_("전화로 받은 신청. 서명을 받아야 접수할 수 있어요")),
)
"""How the signature comes: key, words, small print."""
NO_WAY = Problem(
    "daycare.no_way_to_sign", N_("서명을 어떻게 받았는지 골라 주세요."), rule="GC-24", field="way"
)
SIGNING = ("way", "signer", "signed_on", "file", "strokes", "typed")


def handed_in(scene: Scene) -> tuple[str, list[Problem], int]:
    """Submit and sign in one unit; (where to go on, what stands against it, 422 or 409)."""
    posted, pressed = request.form, request.form.get("request_id", "")
    if posted.get("way") not in {key for key, _words, _small in WAYS}:
        return "", [NO_WAY], 422
    given = _given()
    try:
        with web.unit() as uow:
            over = scene.state is ApplicationState.OUTDATED  # then a new one takes its place
            if over and is_superseded(uow, scene.ref or ""):
                submission.submit_once(uow, pressed)  # the same press again leads to its answer
                raise StaleVersion("daycare_application")
            row = service.submit_application(
                uow,
                pressed,
                scene.data,
                ref=None if over else scene.ref,
                version=None if over else scene.version,
                guardian=scene.guardian,
                channel=Channel.PHONE if given is None else Channel.VISIT,
                reasons=read_reasons(posted),
            )
            sign_at_desk(uow, row, posted.get("signer", ""), given, _signed_on())
            url = (
                url_for("daycare_staff.intake_family", ref=scene.guardian)
                if asked_then()
                else url_for("daycare_staff.application", ref=row.ref)
            )
            submission.answered_at(uow, pressed, url)
    except RuleBroken as refused:
        return "", list(refused.problems), 422
    except StaleVersion:
        return "", [STALE], 409
    return url, [], 303


def _given() -> Hand | Scan | None:
    """The signature as it was handed over; None while it is still to come."""
    posted, file = request.form, request.files.get("file")
    match posted.get("way", ""):
        case "scan":
            return Scan(file.filename or "", file.read()) if file is not None else Scan("", b"")
        case "here":
            strokes, typed = posted.get("strokes", "").strip(), posted.get("typed", "").strip()
            return Hand(posted.get("signer", ""), strokes, typed)
    return None


def _signed_on() -> date | None:
    """What the sheet bears; None when it cannot be read."""
    try:
        return parse_day(request.form.get("signed_on", ""))
    except ValueError:
        return None


def signing_facts(scene: Scene, detail: ApplicationDetail, problems: Sequence[Problem]) -> dict[str, Any]:
    """What the part with the signature shows."""
    found = check_application(
        scene.data.children,
        scene.data.guardians,
        scene.data.purpose,
        scene.data.purpose_words,
        scene.data.consents,
    )
    soft = {one.code: one for one in (*found, *problems) if one.soft}
    posted = request.form
    with web.unit() as uow:
        today = uow.today
    names = signers(replace(detail, guardians=scene.data.guardians))
    phone = detail.row.channel is Channel.PHONE
    return {
        "ways": [(key, _(words), _(small)) for key, words, small in WAYS],
        "way": posted.get("way", "later" if phone and scene.state in DRAFTED else ""),
        "names": [(name, name) for name in names],
        "signer": posted.get("signer", names[0]),
        "signed_on": posted.get("signed_on", today.isoformat()),
        "typed": posted.get("typed", ""),
        "strokes": posted.get("strokes", ""),
        "soft": list(soft.values()),
        "lifted": read_reasons(posted),
        "chose_file": "file" in request.files,
    }


def request_id() -> str:
    """Of the form as it was sent; a new one for a page that is opened."""
    given = request.form.get("request_id", "")
    return given if submission.REQUEST_ID.fullmatch(given) else web.new_request_id()
