"""The commands of booking, one verb each. Every one that can change who is in a place begins at its gate."""

from app.booking import messages  # noqa: F401 - registers the wording
from app.booking.service.applications import Edit, edit_application, withdraw_booking
from app.booking.service.apply import Application, Applied, Outcome, Wish, apply_booking
from app.booking.service.approved import (
    Move,
    ask_cancel,
    cancel_booking,
    close_booking,
    edit_approved_temporary,
    start_use,
)
from app.booking.service.decisions import (
    Decision,
    approve,
    approve_many,
    disapprove,
    reverse_disapproval,
)
from app.booking.service.evidence import hand_in_evidence
from app.booking.service.offers import (
    accept_offer,
    decline_offer,
    expire_offers,
    expire_started_waits,
    keep_waiting_list,
    offer_by_hand,
    offer_next,
)
from app.booking.service.preparing import (
    Card,
    ask_evidence,
    ask_paper,
    correct_contact,
    record_counselling,
    record_notice,
    save_care_card,
    set_parallel_use_reason,
)
from app.booking.service.quarters import (
    change_quarter,
    declare_special_day,
    delete_quarter,
    remove_special_day,
    seats_changed,
)
from app.booking.service.rollover import (
    close_day,
    close_quarter,
    demand_report,
    expire_undecided,
    open_quarter,
    quarters_due,
)

__all__ = [
    "Application",
    "Applied",
    "Card",
    "Decision",
    "Edit",
    "Move",
    "Outcome",
    "Wish",
    "accept_offer",
    "apply_booking",
    "approve",
    "approve_many",
    "ask_cancel",
    "ask_evidence",
    "ask_paper",
    "cancel_booking",
    "change_quarter",
    "close_booking",
    "close_day",
    "close_quarter",
    "correct_contact",
    "declare_special_day",
    "decline_offer",
    "delete_quarter",
    "demand_report",
    "disapprove",
    "edit_application",
    "edit_approved_temporary",
    "expire_offers",
    "expire_started_waits",
    "expire_undecided",
    "hand_in_evidence",
    "keep_waiting_list",
    "offer_by_hand",
    "offer_next",
    "open_quarter",
    "quarters_due",
    "record_counselling",
    "record_notice",
    "remove_special_day",
    "reverse_disapproval",
    "save_care_card",
    "seats_changed",
    "set_parallel_use_reason",
    "start_use",
    "withdraw_booking",
]
