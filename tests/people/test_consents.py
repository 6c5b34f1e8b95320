from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from sqlalchemy import select

from app.documents.catalogue import load
from app.documents.models import Upload
from app.documents.service.preparing import complete_paper, prepare_paper
from app.documents.service.signing import Scan, scan_paper, sign_paper
from app.documents.wording import publish_text
from app.kernel.actor import Actor, Role
from app.kernel.errors import Forbidden, NotFound, RuleBroken
from app.kernel.ranges import kst
from app.people.models import Consent
from app.people.papers import start_arrival_form
from app.people.rules import ConsentChannel, ConsentKind
from app.people.service import (
    consent_text,
    consents_of,
    give_consent,
    has_consent,
    withdraw_consent,
)
from app.people.service.consents import Scanned, latest_consents
from tests.documents.papers import sample
from tests.documents.test_uploads import PDF
from tests.people.folk import Folk

CITY = Actor(Role.SEOUL_ADMIN, user_id=1)
SENSITIVE = ConsentKind.SENSITIVE


@pytest.mark.rule("XX-01")
def test_a_consent_names_version_words_person_time_and_channel(folk: Folk) -> None:
    ref = folk.own_child()
    with folk.acting(folk.parent) as uow:
        text = consent_text(uow, SENSITIVE)
        row = give_consent(uow, ref, SENSITIVE, decision=True, seen=text.sha256)
        assert (row.guardian_id, row.channel, row.given_at) == (folk.parent_id, "ONLINE", uow.now)
        assert (row.text_version, row.text_sha256) == (1, text.sha256)
        assert row.details["texts"] == dict(text.versions)
        assert any("알레르기" in words for _, words in text.parts)


@pytest.mark.rule("XX-01")
def test_taking_it_back_is_one_press_and_the_newest_decision_counts(folk: Folk) -> None:
    ref = folk.own_child()
    child_id = folk.child_id(ref)
    with folk.acting(folk.parent) as uow:
        assert not has_consent(uow, child_id, SENSITIVE)
        with pytest.raises(RuleBroken, match="not_given"):
            withdraw_consent(uow, ref, SENSITIVE)
        give_consent(uow, ref, SENSITIVE, decision=True)
        assert has_consent(uow, child_id, SENSITIVE)
        withdraw_consent(uow, ref, SENSITIVE)
        assert not has_consent(uow, child_id, SENSITIVE)
        with pytest.raises(RuleBroken, match="withdrawn_already"):
            withdraw_consent(uow, ref, SENSITIVE)
        give_consent(uow, ref, SENSITIVE, decision=False)
        assert not has_consent(uow, child_id, SENSITIVE)
        give_consent(uow, ref, SENSITIVE, decision=True)
        assert has_consent(uow, child_id, SENSITIVE)
        rows = uow.session.scalars(
            select(Consent).where(Consent.kind == SENSITIVE).order_by(Consent.id)
        ).all()
        assert [(r.decision, r.withdrawn_at is not None) for r in rows] == [
            (True, True),
            (False, False),
            (True, False),
        ]


@pytest.mark.rule("XX-01")
def test_a_changed_text_is_asked_anew_from_its_day_on(folk: Folk) -> None:
    ref = folk.own_child()
    with folk.acting(folk.parent) as uow:
        seen = consent_text(uow, SENSITIVE).sha256
        give_consent(uow, ref, SENSITIVE, decision=True)
    with folk.acting(CITY) as uow:
        made = publish_text(
            uow, "kium-consent-privacy.sensitive_items", "알레르기와 복용약", date(2026, 11, 23)
        )
        assert (made.version, made.official) == (2, True)
    for today, outdated in ((date(2026, 11, 22), False), (date(2026, 11, 23), True)):
        with time_machine.travel(kst(today, 60), tick=False), folk.acting(folk.parent) as uow:
            state = next(s for s in consents_of(uow, ref) if s.kind is SENSITIVE)
            assert (state.stands, state.outdated) == (True, outdated)
    with time_machine.travel(kst(date(2026, 11, 23)), tick=False), folk.acting(folk.parent) as uow:
        assert consent_text(uow, SENSITIVE).version == 2
        with pytest.raises(RuleBroken, match="text_changed"):
            give_consent(uow, ref, SENSITIVE, decision=True, seen=seen)


@pytest.mark.rule("XX-01")
def test_only_the_municipality_publishes_texts_and_not_for_the_past(folk: Folk) -> None:
    kind = "kium-consent-privacy.intro"
    for actor in (folk.parent, folk.director, folk.officer):
        with folk.acting(actor) as uow, pytest.raises(Forbidden):
            publish_text(uow, kind, "새 문구", date(2026, 12, 1))
    with folk.acting(CITY) as uow:
        for body, day, code in (
            ("", uow.today, "text.empty"),
            ("\u202e\x00", uow.today, "text.empty"),
            ("가" * 8001, uow.today, "text.too_long"),
            ("새 문구", uow.today - timedelta(days=1), "text.in_the_past"),
        ):
            with pytest.raises(RuleBroken, match=code):
                publish_text(uow, kind, body, day)
        with pytest.raises(NotFound):
            publish_text(uow, "kium-consent-privacy.nothing", "새 문구", uow.today)


@pytest.mark.rule("GC-25")
def test_staff_record_a_consent_by_telephone_or_with_the_scanned_paper(folk: Folk) -> None:
    ref = folk.walk_in_child()
    with folk.acting(folk.teacher) as uow:
        guardian_id = uow.session.scalars(select(Consent.guardian_id)).one()
        with pytest.raises(RuleBroken, match="staff_cannot"):
            give_consent(uow, ref, SENSITIVE, decision=True, guardian_id=guardian_id)
        with pytest.raises(RuleBroken, match="needs_scan"):
            give_consent(
                uow, ref, SENSITIVE, decision=True, channel=ConsentChannel.PAPER, guardian_id=guardian_id
            )
        row = give_consent(
            uow,
            ref,
            SENSITIVE,
            decision=True,
            channel=ConsentChannel.PAPER,
            guardian_id=guardian_id,
            scan=Scanned("동의서.pdf", PDF),
        )
        upload = uow.session.get_one(Upload, row.upload_id)
        assert (upload.on_paper, upload.institution_id) == (True, folk.centre_id)
        by_phone = give_consent(
            uow, ref, SENSITIVE, decision=True, channel=ConsentChannel.PHONE, guardian_id=guardian_id
        )
        assert by_phone.channel == "PHONE"
        with pytest.raises(NotFound):
            give_consent(
                uow, ref, SENSITIVE, decision=True, channel=ConsentChannel.PHONE, guardian_id=folk.stranger_id
            )


@pytest.mark.rule("XX-05")
def test_nobody_else_consents(folk: Folk) -> None:
    ref = folk.own_child()
    for actor in (folk.stranger, folk.teacher):
        with folk.acting(actor) as uow, pytest.raises(NotFound):
            give_consent(
                uow, ref, SENSITIVE, decision=True, channel=ConsentChannel.PHONE, guardian_id=folk.parent_id
            )


@pytest.mark.rule("KB-16")
@pytest.mark.rule("KB-18")
@pytest.mark.parametrize(("scanned", "channel"), [(False, "ONLINE"), (True, "PAPER")])
def test_a_signed_form_is_a_consent_online_or_on_paper(folk: Folk, scanned: bool, channel: str) -> None:
    ref = folk.walk_in_child()
    with folk.acting(folk.teacher) as uow:
        draft = start_arrival_form(uow, ref)
        assert start_arrival_form(uow, ref).id == draft.id
        answers = {
            **draft.data,
            "arrival_way": "alone",
            "leaving_way": "guardian",
            "consent_homegoing": "yes",
            "consent_outdoor": "no",
            "consent_firstaid": "yes",
            "health_notes": "없음",
        }
        complete_paper(uow, draft.ref, answers, version=1)
        assert not has_consent(uow, folk.child_id(ref), ConsentKind.ARRIVAL_DEPARTURE)
    guardian = Actor(Role.GUARDIAN, user_id=5, guardian_id=draft.guardian_id)
    with folk.acting(folk.teacher if scanned else guardian) as uow:
        if scanned:
            scan_paper(uow, draft.ref, {"guardian_signature": "박전화"}, Scan("서식5.pdf", PDF))
        else:
            sign_paper(uow, draft.ref, "guardian_signature", signer="박전화", typed="박전화")
        row = latest_consents(uow, folk.child_id(ref))[ConsentKind.ARRIVAL_DEPARTURE]
        assert (row.decision, row.channel, row.guardian_id) == (True, channel, draft.guardian_id)
        assert row.details["paper"] == "D2026-000001"


@pytest.mark.rule("KB-16")
@pytest.mark.rule("KB-17")
def test_each_answer_of_the_privacy_form_becomes_a_decision(folk: Folk) -> None:
    ref = folk.own_child()
    child_id = folk.child_id(ref)
    data = {**sample(load("kium-consent-privacy")), "consent_sensitive": "no"}
    with folk.acting(folk.parent) as uow:
        paper = prepare_paper(
            uow,
            "kium-consent-privacy",
            data,
            subject="child",
            subject_id=child_id,
            guardian_id=folk.parent_id,
            child_id=child_id,
        )
        sign_paper(uow, paper.ref, "guardian_signature", signer="김보호", typed="김보호")
        assert {kind: row.decision for kind, row in latest_consents(uow, child_id).items()} == {
            ConsentKind.PRIVACY: True,
            ConsentKind.SENSITIVE: False,
            ConsentKind.THIRD_PARTY: True,
        }
