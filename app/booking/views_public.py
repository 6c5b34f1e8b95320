"""What anyone may see of a centre's free seats: a month in words, each day one press away from booking it."""

from __future__ import annotations

from datetime import timedelta

from flask import Response, request, url_for

from app.booking.choice import Choice, read_choice, read_month
from app.booking.parent_month import kind_notes, month_view
from app.booking.parent_pages import squeezed
from app.booking.place import place_of
from app.booking.rules.states import BookingKind
from app.booking.service.quarters import CentreBookings
from app.booking.wizard import seat_month
from app.centres import queries as centres
from app.centres.actions import SEE
from app.centres.bookings import Seats, plug_in
from app.centres.queries import CentreRow
from app.kernel import web
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, NotFound
from app.kernel.language import gettext as _
from app.kernel.texts import day_text

pages = web.tenant_blueprint("booking_public", __name__)
pages.after_request(squeezed)


@web.page(pages, "/centres/<ref>/seats", SEE, service="KIUM")
def month(ref: str) -> Response:
    """Seats of temporary (or sick-child) care; regular care is asked for by period, not by day."""
    asked = read_choice(request.args).kind
    with web.showing() as uow:
        centre = centres.centre_by_ref(uow, ref)
        if not centre.active:
            raise NotFound("centre")
        kinds = [kind for kind, _note in kind_notes(centre) if kind is not BookingKind.REGULAR]
        kind = asked if asked in kinds else BookingKind.TEMPORARY
        place = place_of(uow, centre)
        last = uow.today + timedelta(days=place.terms.booking.temp_window_days)
        seats = seat_month(uow, place, kind, uow.today, last)
        first = read_month(request.args.get("month", ""), uow.today)
        now = uow.now
    here = url_for("booking_public.month", ref=ref)
    choice = Choice(kind=kind, centre=ref)
    book = url_for("booking_parent.child_step")
    return web.render(
        "booking/public/month.html",
        centre=centre,
        centre_url=url_for("centres_public.centre_page", ref=ref),
        tabs=[{"label": _(k.label), "url": f"{here}?kind={k}", "active": k is kind} for k in kinds],
        view=month_view(first, seats, now, choice, here, book),
        book_url=f"{book}?centre={ref}",
    )


class BookableCentres(CentreBookings):
    """The next open day's seats on a centre's public page, from the month behind it, with the way to book them."""

    def seats(self, uow: UnitOfWork, centre: CentreRow) -> Seats | None:
        place = place_of(uow, centre)
        last = uow.today + timedelta(days=place.terms.booking.temp_window_days)
        month = seat_month(uow, place, BookingKind.TEMPORARY, uow.today, last)
        view = next((view for view in month.days.values() if view.opening.is_open), None)
        if view is None:
            return None
        _least, most = month.seats(view, None)
        left = f"{most}자리" if most else N_("마감")
        return Seats(
            f"{day_text(view.day)} 일시돌봄 {left}", url=url_for("booking_public.month", ref=centre.ref)
        )


plug_in(BookableCentres())
