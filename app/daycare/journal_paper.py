"""보육일지 (서식8) as a paper: issued when the director closes a class's page, void when it is opened again (AD-24)."""

from __future__ import annotations

from app.daycare import papers
from app.daycare.issued import Issued, issued_of
from app.daycare.models import Journal
from app.daycare.queries.ledgers import JournalRow, incident_lines, journals
from app.daycare.queries.place import DaycareRow, classes_of, daycare_by_id
from app.daycare.rules.days import span_text
from app.daycare.rules.states import JournalState
from app.documents.filling.pictures import as_data
from app.documents.models import Paper
from app.documents.rules import PaperState
from app.documents.service.issuing import void_paper
from app.documents.service.printing import PrintItem
from app.documents.service.recording import Given, issue_record
from app.documents.uploads import open_upload
from app.kernel.db import UnitOfWork

PHOTO = frozenset({"meal_photo"})


def issue_journal(uow: UnitOfWork, row: Journal) -> Paper:
    """The paper of a page that was just closed, in place of an earlier one that is void."""
    daycare = daycare_by_id(uow, row.daycare_id)
    page = next(one for one in journals(uow, daycare, row.operating_day) if one.id == row.id)
    data, hands = _sheet(uow, daycare, page, photo=True)
    former = uow.session.get(Paper, row.paper_id) if row.paper_id else None
    paper = issue_record(
        uow,
        papers.JOURNAL,
        data,
        hands,
        subject="journal",
        subject_id=row.id,
        institution_id=row.daycare_id,
        former=former,
    )
    row.paper_id = paper.id
    uow.session.flush()
    return paper


def void_journal(uow: UnitOfWork, row: Journal, reason: str) -> None:
    """Nothing to do where no paper is in force."""
    paper = uow.session.get(Paper, row.paper_id) if row.paper_id else None
    if paper is not None and paper.state == PaperState.ISSUED:
        void_paper(uow, paper.ref, reason)


def journal_issue(uow: UnitOfWork, daycare: DaycareRow, page: JournalRow) -> Issued | None:
    """What is in force of a closed page."""
    if page.paper_id is None or page.state is not JournalState.CLOSED:
        return None
    data, _ = _sheet(uow, daycare, page, photo=False)
    return issued_of(uow.session.get(Paper, page.paper_id), data, besides=PHOTO)


def journal_item(uow: UnitOfWork, daycare: DaycareRow, page: JournalRow) -> PrintItem:
    """The issued paper, else a working copy of the page as it stands."""
    paper = uow.session.get(Paper, page.paper_id) if page.paper_id else None
    if page.state is JournalState.CLOSED and paper is not None and paper.state == PaperState.ISSUED:
        return PrintItem(paper_ref=paper.ref, person=page.class_name)
    data, hands = _sheet(uow, daycare, page, photo=True)
    return PrintItem(
        form_id=papers.JOURNAL,
        data=data,
        signatures=papers.unsigned(hands),
        person=page.class_name,
        mark=papers.WORKING_COPY,
    )


def _sheet(
    uow: UnitOfWork, daycare: DaycareRow, page: JournalRow, *, photo: bool
) -> tuple[papers.Data, list[Given]]:
    group = next(one for one in classes_of(uow, daycare.id, page.operating_day) if one.ref == page.class_ref)
    return papers.journal(
        daycare.name,
        page,
        hours=span_text(group.start, group.end),
        teachers=group.teachers,
        photo=_first_photo(uow, page) if photo else None,
        incidents=incident_lines(uow, daycare.id, page.operating_day),
    )


def _first_photo(uow: UnitOfWork, page: JournalRow) -> str | None:
    """The form has room for one picture: the first that can be printed."""
    for meal in page.meals:
        if picture := as_data(open_upload(uow, meal.upload_ref)[1]):
            return picture
    return None
