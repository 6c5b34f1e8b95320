"""Who signs a paper: each place with its signature, its link, and whose turn it is."""

from __future__ import annotations

from dataclasses import dataclass

from app.accounts.models import UserAccount
from app.documents.catalogue import Form, load
from app.documents.catalogue import Signature as Place
from app.documents.models import Paper, Signature, SignLink
from app.documents.queries import signatures_of
from app.documents.rules.links import LinkState
from app.documents.rules.papers import PaperState
from app.documents.rules.signing import row_of, signs_before
from app.documents.service.links import links_of, signed_links
from app.documents.service.rows import signed_part
from app.kernel.actor import Role
from app.kernel.db import UnitOfWork
from app.kernel.errors import NotFound


@dataclass(frozen=True, slots=True)
class Signer:
    """One place of a paper: ``waiting`` while it takes a signature, ``mine`` when the reader can sign there now.

    ``after``: whose signature is missing before it, where the form has an order; ``row``: the words for its row in a
    table; ``seen``: the fingerprint of what is signed there.
    """

    place: Place
    row: str
    done: Signature | None
    waiting: bool
    mine: bool
    after: str
    link: SignLink | None
    link_state: LinkState | None
    seen: str

    @property
    def who(self) -> str:
        return self.place.who or self.place.mark

    @property
    def open(self) -> bool:
        """Somebody can sign there now."""
        return self.waiting and not self.after

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
        waiting = place.name not in done and _takes_signatures(paper, place)
        lines.append(
            Signer(
                place=place,
                row=row_label(form, place.name),
                done=done.get(place.name),
                waiting=waiting,
                mine=waiting and first is None and place.family == family,
                after=names[first] if first and waiting else "",
                link=link,
                link_state=link_state,
                seen=signed_part(paper, place.name),
            )
        )
    return lines


def signer_named(uow: UnitOfWork, paper: Paper, field: str) -> Signer:
    """The signer of one place; NotFound for a place the paper does not have."""
    found = next((signer for signer in signers_of(uow, paper) if signer.place.name == field), None)
    if found is None:
        raise NotFound("place")
    return found


@dataclass(frozen=True, slots=True)
class Recorded:
    """One line of the record of signatures. ``phone`` was proven by a code; ``seen_by`` handed their device over and
    saw who it was; ``unchanged``: what stands there now is what was signed."""

    signature: Signature
    who: str
    row: str
    phone: str
    seen_by: str
    unchanged: bool


def signatures_recorded(uow: UnitOfWork, paper: Paper) -> list[Recorded]:
    """Every signature of a paper in the order they were given."""
    form = load(paper.form_id)
    names = {place.name: place.who or place.mark for place in form.places(paper.data)}
    links = signed_links(uow, paper.id)
    handed = {
        link.id: uow.session.get(UserAccount, link.created_by) for link in links.values() if link.in_person
    }
    staff = {number: account.name for number, account in handed.items() if account is not None}
    return [
        Recorded(
            signature=signature,
            who=names.get(signature.field, ""),
            row=row_label(form, signature.field),
            phone=links[signature.link_id].phone if signature.link_id else "",
            seen_by=staff.get(signature.link_id or 0, ""),
            unchanged=signature.data_sha256 == signed_part(paper, signature.field),
        )
        for signature in signatures_of(uow, paper.id)
    ]


NAMES = ("guardian_sign_name", "guardian_name", "applicant_name")
PHONES = ("guardian_phone", "applicant_phone", "phone")


def suggested(paper: Paper, signer: Signer) -> tuple[str, str]:
    """Name and phone to write into an invitation: those of the last one, or what the form says of the family."""
    if signer.link is not None and signer.link.phone:
        return signer.link.signer, signer.link.phone
    if signer.row or not signer.place.family:
        return "", ""
    name = next((str(paper.data[key]) for key in NAMES if paper.data.get(key)), "")
    listed = [row for row in paper.data.get("guardians") or [] if name and row.get("name") == name]
    phones = [row.get("phone") for row in listed] + [paper.data.get(key) for key in PHONES]
    return name, next((str(phone) for phone in phones if phone), "")


def row_label(form: Form, name: str) -> str:
    """인수인계 3번째 줄; empty for a place outside tables."""
    row = row_of(name)
    return f"{form.field(row.table).asked} {row.number + 1}번째 줄" if row else ""


def pad_in_place(signers: list[Signer]) -> Signer | None:
    """The one place outside tables that the reader can sign, so that its pad stands on the paper's own page."""
    mine = [signer for signer in signers if signer.mine]
    return mine[0] if len(mine) == 1 and not mine[0].row else None


def _takes_signatures(paper: Paper, place: Place) -> bool:
    if paper.state == PaperState.DRAFT:
        return row_of(place.name) is not None
    return paper.state == PaperState.TO_SIGN
