"""What families ask for in writing, as plain data of their forms: application, medicine (AD-18 – AD-20, AD-27)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from app.daycare.papers import Data, Signatures, clock, without_empty
from app.daycare.queries import ApplicationDetail, MedicineRow
from app.daycare.rules.application import ChildAnswers, Purpose, Qualification
from app.kernel.ranges import kst_date
from app.kernel.texts import phone_text
from app.people.models import Child
from app.people.rules import Sex

APPLICATION = "daycare-application"
MEDICATION = "daycare-medication"

SEXES = {Sex.MALE: "male", Sex.FEMALE: "female"}
ENROLLED = {
    Qualification.DAYCARE: "daycare",
    Qualification.KINDERGARTEN: "kindergarten",
    Qualification.HOME: "home",
}
STORAGE = {"실온": "room", "냉장": "fridge"}
HOURS_LATER = "예약할 때 정함"


def yes_no(answer: bool | None) -> str | None:
    return None if answer is None else ("yes" if answer else "no")


def application(
    detail: ApplicationDetail,
    children: Mapping[str, Child],
    today: date,
    numbers: Mapping[str, str] | None = None,
    rules: Mapping[str, str] | None = None,
) -> Data:
    """이용신청서 및 운영규정 서약서 (AD-18 – AD-20).

    ``children``: the records by ref; ``numbers``: registration numbers by ref, where the family gave them (AR-11);
    ``rules``: the daycare's own figures in words (``operating_rules``), else the form's standard is printed.
    """
    people = [
        {
            "rank": rank,
            "relation": one.relation,
            "name": one.name,
            "birth_date": one.birth_date.isoformat() if one.birth_date else None,
            "phone": phone_text(one.phone),
            "address": one.address,
        }
        for rank, one in enumerate(detail.guardians, 1)
        if one is not None
    ]
    purpose = detail.purpose if detail.purpose in set(Purpose) else None
    consents = {key: yes_no(answer) for key, answer in detail.consents.items()}
    return without_empty(
        {
            **(rules or {}),
            "children": [
                _applied_for(answers, children[answers.child], (numbers or {}).get(answers.child), people)
                for answers in detail.children
            ],
            "guardians": [without_empty(line) for line in people],
            "purposes": [purpose] if purpose else [],
            "purpose_other": detail.purpose_words if purpose == Purpose.OTHER else "",
            "diseases": [
                without_empty(
                    {
                        "child_name": children[one.child].name,
                        "has_disease": yes_no(one.disease),
                        "detail": one.disease_words,
                    }
                )
                for one in detail.children
            ],
            "allergies": [
                without_empty(
                    {
                        "child_name": children[one.child].name,
                        "has_allergy": yes_no(one.allergy),
                        "trigger_food": one.allergy_food,
                        "symptom": one.allergy_symptom,
                        "substitute": one.allergy_substitute,
                    }
                )
                for one in detail.children
            ],
            "habits": [_habits(one, children[one.child].name) for one in detail.children],
            "consent_emergency": consents.get("first_aid"),
            "consent_homegoing": consents.get("going_home"),
            "consent_operation": consents.get("rules"),
            "consent_collect": consents.get("privacy"),
            "consent_survey": consents.get("survey"),
            "sign_date": today.isoformat(),
            "guardian_name": detail.row.guardian,
        }
    )


def _applied_for(
    answers: ChildAnswers, child: Child, number: str | None, people: Sequence[Mapping[str, Any]]
) -> Data:
    """A child without an address of its own lives where the first guardian does (AE-19)."""
    enrolled = answers.qualification
    return without_empty(
        {
            "name": child.name,
            "gender": SEXES[Sex(child.sex)],
            "blood_type": answers.blood_type,
            "rrn": number,
            "address": child.address or (people[0]["address"] if people else ""),
            "use_hours": HOURS_LATER,
            "eligibility": ENROLLED[Qualification(enrolled)] if enrolled in set(Qualification) else None,
        }
    )


def _habits(answers: ChildAnswers, name: str) -> Data:
    words = [f"복용 중인 약: {answers.medicine_words}"] if answers.medicine_words else []
    return without_empty(
        {
            "child_name": name,
            "has_medicine": yes_no(answers.medicine),
            "habit_note": "\n".join([*words, answers.habits]).strip(),
        }
    )


def medication(
    row: MedicineRow, *, birth_date: date, guardian: str, phone: str, signed_on: date, signature: Any = None
) -> tuple[Data, Signatures]:
    """투약의뢰서 with what was given so far (AD-27). ``signature``: strokes, or the guardian's typed name."""
    words = row.words
    kept = words.get("kept", "")
    storage = STORAGE.get(kept.strip(), "other")
    dose = f"{words.get('medicine', '')} {words.get('dose', '')}".strip()
    data = {
        "child_name": row.child,
        "birth_date": birth_date.isoformat(),
        "guardian_name": guardian,
        "phone": phone_text(phone),
        "from_date": row.starts_on.isoformat(),
        "to_date": row.ends_on.isoformat(),
        "medicines": [
            without_empty(
                {
                    "kind": words.get("medicine"),
                    "symptom": words.get("symptom"),
                    "dose": words.get("dose"),
                    "times": ", ".join(row.times),
                    "storage": storage,
                    "storage_other": kept if storage == "other" else "",
                    "remark": words.get("remarks"),
                }
            )
        ],
        "administrations": [
            without_empty(
                {
                    "date": kst_date(given.given_at).isoformat(),
                    "time": clock(given.given_at),
                    "dose": dose,
                    "giver": given.given_by,
                    "remark": given.note,
                }
            )
            for given in row.given
        ],
        "sign_date": signed_on.isoformat(),
    }
    return data, {"guardian_signature": signature} if signature else {}
