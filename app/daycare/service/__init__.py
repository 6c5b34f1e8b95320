"""The commands of the 24-hour daycare, one verb each. Whatever changes who is in a place begins at its gate."""

from app.daycare import messages  # noqa: F401 - registers the wording
from app.daycare.rules.application import ChildAnswers, GuardianAnswers
from app.daycare.rules.cancellation import Caller
from app.daycare.rules.request import Wish
from app.daycare.service.absence import mark_no_show, note_vain_coming, turn_away
from app.daycare.service.agreeing import Word, answer_agreement, record_agreement
from app.daycare.service.application_rows import ApplicationData
from app.daycare.service.applications import (
    accept_application,
    attach_paper,
    drop_draft,
    outdate_applications,
    record_check,
    return_application,
    save_application,
    submit_application,
    withdraw_application,
)
from app.daycare.service.booking import Booked, BookingOrder, Full, Quote, QuoteLine, book, quote
from app.daycare.service.changing import (
    Cancelled,
    CancelTerms,
    cancel_booking,
    cancel_terms,
    change_booking,
)
from app.daycare.service.contacts import ContactData, ask_call_back, close_call_back, record_contact
from app.daycare.service.designating import Designation, designate, end_designation
from app.daycare.service.door import Entry, Exit, Settled, enter, leave
from app.daycare.service.journal import (
    MealData,
    close_journal,
    closing_problem,
    issue_closed_journal,
    record_meal,
    reopen_journal,
    sign_journal,
    write_journal,
)
from app.daycare.service.ledgers import issue_day
from app.daycare.service.medicine import MedicineData, Sheet, record_dose, request_medicine, withdraw_medicine
from app.daycare.service.money import correct_charge, record_payment, refund
from app.daycare.service.repricing import repriced_by
from app.daycare.service.running import (
    Broken,
    ClassData,
    FacilityData,
    WouldBreak,
    add_shift,
    close_day,
    open_day,
    remove_shift,
    save_class,
    save_facility,
)
from app.daycare.service.seating import move_to_class
from app.daycare.service.settling import confirm, refuse

__all__ = [
    "ApplicationData",
    "Booked",
    "BookingOrder",
    "Broken",
    "Caller",
    "CancelTerms",
    "Cancelled",
    "ChildAnswers",
    "ClassData",
    "ContactData",
    "Designation",
    "Entry",
    "Exit",
    "FacilityData",
    "Full",
    "GuardianAnswers",
    "MealData",
    "MedicineData",
    "Quote",
    "QuoteLine",
    "Settled",
    "Sheet",
    "Wish",
    "Word",
    "WouldBreak",
    "accept_application",
    "add_shift",
    "answer_agreement",
    "ask_call_back",
    "attach_paper",
    "book",
    "cancel_booking",
    "cancel_terms",
    "change_booking",
    "close_call_back",
    "close_day",
    "close_journal",
    "closing_problem",
    "confirm",
    "correct_charge",
    "designate",
    "drop_draft",
    "end_designation",
    "enter",
    "issue_closed_journal",
    "issue_day",
    "leave",
    "mark_no_show",
    "move_to_class",
    "note_vain_coming",
    "open_day",
    "outdate_applications",
    "quote",
    "record_agreement",
    "record_check",
    "record_contact",
    "record_dose",
    "record_meal",
    "record_payment",
    "refund",
    "refuse",
    "remove_shift",
    "reopen_journal",
    "repriced_by",
    "request_medicine",
    "return_application",
    "save_application",
    "save_class",
    "save_facility",
    "sign_journal",
    "submit_application",
    "turn_away",
    "withdraw_application",
    "withdraw_medicine",
    "write_journal",
]
