"""Who signs a paper: each place with its signature, its link, and whose turn it is."""

from __future__ import annotations

from dataclasses import dataclass

from app.documents.catalogue import Form, load
from app.documents.catalogue import Signature as Place
from app.documents.models import Paper, Signature, SignLink
from app.documents.queries import signatures_of
from app.documents.rules.links import LinkState
from app.documents.rules.papers import PaperState
from app.documents.rules.signing import is_family_place, row_of, signs_before
from app.documents.service.links import links_of
from app.documents.service.rows import signed_part
from app.kernel.actor import Role
from app.kernel.db import UnitOfWork


@dataclass(frozen=True, slots=True)
class Signer:
    """One place of a paper: ``open`` when somebody can sign there now, ``mine`` when the reader can.

    ``after``: who signs first where the form has an order; ``row``: the words for its row in a table; ``seen``: the
    fingerprint of what is signed there.
    """

    place: Place
    row: str
    done: Signature | None
    open: bool
    mine: bool
    after: str
    link: SignLink | None
    link_state: LinkState | None
    seen: str

    @property
    def who(self) -> str:
        return self.place.who or self.place.mark

    @property
    def invited(self) -> bool:
        """A link is on its way to the signer's phone."""
        return self.open and self.link_state is LinkState.OPEN


def signers_of(uow: UnitOfWork, paper: Paper) -> list[Signer]:
    """The places of a paper where people sign, in printed order."""
    form = load(paper.form_id)
    places = [place for place in form.places(paper.data) if place.type == "signature"]
    done = {signature.field: signature for signature in signatures_of(uow, paper.id)}
    links = links_of(uow, paper)
    order = [(place.name, place.required) for place in places] if form.ordered else []
    names = {place.name: place.who for place in places}
    family = uow.actor.role is Role.GUARDIAN
    lines = []
    for place in places:
        first = signs_before(place.name, order, done)
        link, link_state = links.get(place.name, (None, None))
        waiting = place.name not in done and _takes_signatures(paper, place) and first is None
        lines.append(
            Signer(
                place=place,
                row=row_label(form, place.name),
                done=done.get(place.name),
                open=waiting,
                mine=waiting and is_family_place(place.name) == family,
                after=names[first] if first else "",
                link=link,
                link_state=link_state,
                seen=signed_part(paper, place.name),
            )
        )
    return lines


def row_label(form: Form, name: str) -> str:
    """인수인계 3번째 줄; empty for a place outside tables."""
    row = row_of(name)
    return f"{form.field(row.table).label} {row.number + 1}번째 줄" if row else ""


def pad_in_place(signers: list[Signer]) -> Signer | None:
    """The one place outside tables that the reader can sign, so that its pad stands on the paper's own page."""
    mine = [signer for signer in signers if signer.mine]
    return mine[0] if len(mine) == 1 and not mine[0].row else None


def _takes_signatures(paper: Paper, place: Place) -> bool:
    if paper.state == PaperState.DRAFT:
        return row_of(place.name) is not None
    return paper.state == PaperState.TO_SIGN
