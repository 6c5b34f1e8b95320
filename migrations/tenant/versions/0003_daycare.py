"""The daycare registry and usage restrictions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "daycare",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("letter", sa.String(length=60), nullable=False),
        sa.Column("designated_on", sa.Date(), nullable=True),
        sa.Column("designation_ends_on", sa.Date(), nullable=True),
        sa.Column("hours", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("account", sa.String(length=120), nullable=False),
        sa.Column("introduction", sa.String(), nullable=False),
        sa.Column("emergency_manual", sa.String(), nullable=False),
        sa.Column("invented", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["institution.id"], name=op.f("fk_daycare_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_daycare")),
    )
    op.create_table(
        "call_back",
        sa.Column("daycare_id", sa.BigInteger(), nullable=False),
        sa.Column("guardian_id", sa.BigInteger(), nullable=False),
        sa.Column("child_id", sa.BigInteger(), nullable=False),
        sa.Column("operating_day", sa.Date(), nullable=False),
        sa.Column("wanted", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_call_back_child_id")),
        sa.ForeignKeyConstraint(["daycare_id"], ["daycare.id"], name=op.f("fk_call_back_daycare_id")),
        sa.ForeignKeyConstraint(["guardian_id"], ["guardian.id"], name=op.f("fk_call_back_guardian_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_back")),
        sa.UniqueConstraint("ref", name=op.f("uq_call_back_ref")),
    )
    op.create_index(op.f("ix_call_back_daycare_id"), "call_back", ["daycare_id"], unique=False)
    op.create_table(
        "charge",
        sa.Column("service", sa.String(length=10), nullable=False),
        sa.Column("institution_id", sa.BigInteger(), nullable=False),
        sa.Column("guardian_id", sa.BigInteger(), nullable=False),
        sa.Column("child_id", sa.BigInteger(), nullable=False),
        sa.Column("subject", sa.String(length=20), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_charge_child_id")),
        sa.ForeignKeyConstraint(["guardian_id"], ["guardian.id"], name=op.f("fk_charge_guardian_id")),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_charge_institution_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_charge")),
        sa.UniqueConstraint("ref", name=op.f("uq_charge_ref")),
    )
    op.create_index(op.f("ix_charge_guardian_id"), "charge", ["guardian_id"], unique=False)
    op.create_index(
        op.f("ix_charge_institution_id_service_date"),
        "charge",
        ["institution_id", "service_date"],
        unique=False,
    )
    op.create_index(op.f("ix_charge_subject_subject_id"), "charge", ["subject", "subject_id"], unique=False)
    op.create_table(
        "daycare_application",
        sa.Column("daycare_id", sa.BigInteger(), nullable=False),
        sa.Column("guardian_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("purpose_words", sa.String(), nullable=False),
        sa.Column("consents", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("passed", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("checks", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("paper_id", sa.BigInteger(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_reason", sa.String(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["daycare_id"], ["daycare.id"], name=op.f("fk_daycare_application_daycare_id")
        ),
        sa.ForeignKeyConstraint(
            ["guardian_id"], ["guardian.id"], name=op.f("fk_daycare_application_guardian_id")
        ),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"], name=op.f("fk_daycare_application_paper_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_daycare_application")),
        sa.UniqueConstraint("ref", name=op.f("uq_daycare_application_ref")),
    )
    op.create_index(
        op.f("ix_daycare_application_guardian_id"), "daycare_application", ["guardian_id"], unique=False
    )
    op.create_index(
        "uq_daycare_application_open",
        "daycare_application",
        ["daycare_id", "guardian_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('DRAFT', 'SUBMITTED', 'ACCEPTED', 'RETURNED')"),
    )
    op.create_table(
        "daycare_class",
        sa.Column("daycare_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("weekdays", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("start_minute", sa.Integer(), nullable=False),
        sa.Column("end_minute", sa.Integer(), nullable=False),
        sa.Column("teachers", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["daycare_id"], ["daycare.id"], name=op.f("fk_daycare_class_daycare_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_daycare_class")),
        sa.UniqueConstraint("ref", name=op.f("uq_daycare_class_ref")),
    )
    op.create_index(op.f("ix_daycare_class_daycare_id"), "daycare_class", ["daycare_id"], unique=False)
    op.create_table(
        "daycare_closure",
        sa.Column("daycare_id", sa.BigInteger(), nullable=False),
        sa.Column("operating_day", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=120), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["daycare_id"], ["daycare.id"], name=op.f("fk_daycare_closure_daycare_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_daycare_closure")),
        sa.UniqueConstraint(
            "daycare_id", "operating_day", name=op.f("uq_daycare_closure_daycare_id_operating_day")
        ),
        sa.UniqueConstraint("ref", name=op.f("uq_daycare_closure_ref")),
    )
    op.create_table(
        "daycare_gate",
        sa.Column("daycare_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["daycare_id"], ["daycare.id"], name=op.f("fk_daycare_gate_daycare_id")),
        sa.PrimaryKeyConstraint("daycare_id", name=op.f("pk_daycare_gate")),
    )
    op.create_table(
        "incident",
        sa.Column("institution_id", sa.BigInteger(), nullable=False),
        sa.Column("child_id", sa.BigInteger(), nullable=True),
        sa.Column("subject", sa.String(length=20), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", sa.String(length=80), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("contacts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("notified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ambulance_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paper_id", sa.BigInteger(), nullable=True),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_incident_child_id")),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_incident_institution_id")
        ),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"], name=op.f("fk_incident_paper_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
        sa.UniqueConstraint("ref", name=op.f("uq_incident_ref")),
    )
    op.create_index(op.f("ix_incident_child_id"), "incident", ["child_id"], unique=False)
    op.create_index(op.f("ix_incident_institution_id"), "incident", ["institution_id"], unique=False)
    op.create_table(
        "insurance_policy",
        sa.Column("institution_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("insurer", sa.String(length=60), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("upload_id", sa.BigInteger(), nullable=True),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_insurance_policy_span")),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_insurance_policy_institution_id")
        ),
        sa.ForeignKeyConstraint(["upload_id"], ["upload.id"], name=op.f("fk_insurance_policy_upload_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_insurance_policy")),
        sa.UniqueConstraint("ref", name=op.f("uq_insurance_policy_ref")),
    )
    op.create_index(
        op.f("ix_insurance_policy_institution_id"), "insurance_policy", ["institution_id"], unique=False
    )
    op.create_table(
        "payment",
        sa.Column("service", sa.String(length=10), nullable=False),
        sa.Column("institution_id", sa.BigInteger(), nullable=False),
        sa.Column("guardian_id", sa.BigInteger(), nullable=False),
        sa.Column("subject", sa.String(length=20), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("method", sa.String(length=20), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("receipt_number", sa.String(length=20), nullable=False),
        sa.Column("payer", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), nullable=True),
        sa.Column("paper_id", sa.BigInteger(), nullable=True),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_payment_amount")),
        sa.ForeignKeyConstraint(["guardian_id"], ["guardian.id"], name=op.f("fk_payment_guardian_id")),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_payment_institution_id")
        ),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"], name=op.f("fk_payment_paper_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
        sa.UniqueConstraint("receipt_number", name=op.f("uq_payment_receipt_number")),
        sa.UniqueConstraint("ref", name=op.f("uq_payment_ref")),
    )
    op.create_index(op.f("ix_payment_guardian_id"), "payment", ["guardian_id"], unique=False)
    op.create_index(
        op.f("ix_payment_institution_id_paid_at"), "payment", ["institution_id", "paid_at"], unique=False
    )
    op.create_index(op.f("ix_payment_subject_subject_id"), "payment", ["subject", "subject_id"], unique=False)
    op.create_table(
        "prior_contact",
        sa.Column("daycare_id", sa.BigInteger(), nullable=False),
        sa.Column("child_id", sa.BigInteger(), nullable=False),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("caller", sa.String(length=40), nullable=False),
        sa.Column("caller_phone", sa.String(length=20), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("relation", sa.String(length=20), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("valid_on", sa.Date(), nullable=False),
        sa.Column("recorded_by", sa.String(length=40), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_prior_contact_child_id")),
        sa.ForeignKeyConstraint(["daycare_id"], ["daycare.id"], name=op.f("fk_prior_contact_daycare_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prior_contact")),
        sa.UniqueConstraint("ref", name=op.f("uq_prior_contact_ref")),
    )
    op.create_index(op.f("ix_prior_contact_child_id"), "prior_contact", ["child_id"], unique=False)
    op.create_table(
        "restriction",
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("guardian_id", sa.BigInteger(), nullable=True),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("service", sa.String(length=10), nullable=False),
        sa.Column("institution_id", sa.BigInteger(), nullable=True),
        sa.Column("ground", sa.String(length=20), nullable=False),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column("months", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("report", sa.String(), nullable=False),
        sa.Column("reported_by", sa.BigInteger(), nullable=True),
        sa.Column("found", sa.String(), nullable=False),
        sa.Column("hold_until", sa.Date(), nullable=True),
        sa.Column("statement_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("statement_due", sa.Date(), nullable=True),
        sa.Column("statement", sa.String(), nullable=False),
        sa.Column("statement_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_reason", sa.String(), nullable=False),
        sa.Column("also_decided_by", sa.BigInteger(), nullable=True),
        sa.Column("document_id", sa.BigInteger(), nullable=True),
        sa.Column("notified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("objection_due", sa.Date(), nullable=True),
        sa.Column("paper_id", sa.BigInteger(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("objection", sa.String(), nullable=False),
        sa.Column("objection_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("objection_decision", sa.String(length=10), nullable=False),
        sa.Column("objection_decided_by", sa.BigInteger(), nullable=True),
        sa.Column("objection_decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("objection_reason", sa.String(), nullable=False),
        sa.Column("lift_proposed_by", sa.BigInteger(), nullable=True),
        sa.Column("lift_reason", sa.String(), nullable=False),
        sa.Column("replaced_by_id", sa.BigInteger(), nullable=True),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("guardian_id IS NOT NULL OR phone <> ''", name=op.f("ck_restriction_subject")),
        sa.CheckConstraint("ends_on IS NULL OR starts_on <= ends_on", name=op.f("ck_restriction_span")),
        sa.ForeignKeyConstraint(["document_id"], ["upload.id"], name=op.f("fk_restriction_document_id")),
        sa.ForeignKeyConstraint(["guardian_id"], ["guardian.id"], name=op.f("fk_restriction_guardian_id")),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_restriction_institution_id")
        ),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"], name=op.f("fk_restriction_paper_id")),
        sa.ForeignKeyConstraint(
            ["replaced_by_id"], ["restriction.id"], name=op.f("fk_restriction_replaced_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_restriction")),
        sa.UniqueConstraint("number", name=op.f("uq_restriction_number")),
        sa.UniqueConstraint("ref", name=op.f("uq_restriction_ref")),
    )
    op.create_index(
        op.f("ix_restriction_guardian_id_state"), "restriction", ["guardian_id", "state"], unique=False
    )
    op.create_table(
        "restriction_event",
        sa.Column("guardian_id", sa.BigInteger(), nullable=True),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("child_id", sa.BigInteger(), nullable=True),
        sa.Column("service", sa.String(length=10), nullable=False),
        sa.Column("institution_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("occurred_on", sa.Date(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("upload_id", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("source_id", sa.BigInteger(), nullable=True),
        sa.Column("excused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("excused_reason", sa.String(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "guardian_id IS NOT NULL OR phone <> ''", name=op.f("ck_restriction_event_subject")
        ),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_restriction_event_child_id")),
        sa.ForeignKeyConstraint(
            ["guardian_id"], ["guardian.id"], name=op.f("fk_restriction_event_guardian_id")
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_restriction_event_institution_id")
        ),
        sa.ForeignKeyConstraint(["upload_id"], ["upload.id"], name=op.f("fk_restriction_event_upload_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_restriction_event")),
        sa.UniqueConstraint("ref", name=op.f("uq_restriction_event_ref")),
    )
    op.create_index(
        op.f("ix_restriction_event_guardian_id_kind_occurred_on"),
        "restriction_event",
        ["guardian_id", "kind", "occurred_on"],
        unique=False,
    )
    op.create_index(
        op.f("ix_restriction_event_phone_kind_occurred_on"),
        "restriction_event",
        ["phone", "kind", "occurred_on"],
        unique=False,
    )
    op.create_index(
        "uq_restriction_event_source",
        "restriction_event",
        ["source", "source_id", "kind"],
        unique=True,
        postgresql_where=sa.text("source_id IS NOT NULL"),
    )
    op.create_table(
        "application_child",
        sa.Column("application_id", sa.BigInteger(), nullable=False),
        sa.Column("child_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("qualification", sa.String(length=12), nullable=False),
        sa.Column("free_category", sa.String(length=20), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["daycare_application.id"], name=op.f("fk_application_child_application_id")
        ),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_application_child_child_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application_child")),
        sa.UniqueConstraint(
            "application_id", "child_id", name=op.f("uq_application_child_application_id_child_id")
        ),
    )
    op.create_index(op.f("ix_application_child_child_id"), "application_child", ["child_id"], unique=False)
    op.create_table(
        "application_guardian",
        sa.Column("application_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("guardian_id", sa.BigInteger(), nullable=True),
        sa.Column("relation", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["daycare_application.id"],
            name=op.f("fk_application_guardian_application_id"),
        ),
        sa.ForeignKeyConstraint(
            ["guardian_id"], ["guardian.id"], name=op.f("fk_application_guardian_guardian_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application_guardian")),
        sa.UniqueConstraint(
            "application_id", "position", name=op.f("uq_application_guardian_application_id_position")
        ),
    )
    op.create_table(
        "daycare_booking",
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("batch", sa.String(length=16), nullable=False),
        sa.Column("daycare_id", sa.BigInteger(), nullable=False),
        sa.Column("application_id", sa.BigInteger(), nullable=False),
        sa.Column("child_id", sa.BigInteger(), nullable=False),
        sa.Column("guardian_id", sa.BigInteger(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("channel", sa.String(length=12), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("touches_night", sa.Boolean(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("contact_phone", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=14), nullable=False),
        sa.Column("fee_hour", sa.Integer(), nullable=False),
        sa.Column("free_category", sa.String(length=20), nullable=False),
        sa.Column("quoted", sa.Integer(), nullable=False),
        sa.Column("overrides", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_reason", sa.String(), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_how", sa.String(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_daycare_booking_span")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["daycare_application.id"], name=op.f("fk_daycare_booking_application_id")
        ),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_daycare_booking_child_id")),
        sa.ForeignKeyConstraint(["daycare_id"], ["daycare.id"], name=op.f("fk_daycare_booking_daycare_id")),
        sa.ForeignKeyConstraint(
            ["guardian_id"], ["guardian.id"], name=op.f("fk_daycare_booking_guardian_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_daycare_booking")),
        sa.UniqueConstraint("number", name=op.f("uq_daycare_booking_number")),
        sa.UniqueConstraint("ref", name=op.f("uq_daycare_booking_ref")),
    )
    op.create_index(
        op.f("ix_daycare_booking_child_id_state"), "daycare_booking", ["child_id", "state"], unique=False
    )
    op.create_index(
        op.f("ix_daycare_booking_daycare_id_state_first_day"),
        "daycare_booking",
        ["daycare_id", "state", "first_day"],
        unique=False,
    )
    op.create_index(op.f("ix_daycare_booking_guardian_id"), "daycare_booking", ["guardian_id"], unique=False)
    op.create_table(
        "journal",
        sa.Column("daycare_id", sa.BigInteger(), nullable=False),
        sa.Column("class_id", sa.BigInteger(), nullable=False),
        sa.Column("operating_day", sa.Date(), nullable=False),
        sa.Column("teacher", sa.String(length=40), nullable=False),
        sa.Column("entries", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("signed_by", sa.String(length=40), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.String(length=40), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paper_id", sa.BigInteger(), nullable=True),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["class_id"], ["daycare_class.id"], name=op.f("fk_journal_class_id")),
        sa.ForeignKeyConstraint(["daycare_id"], ["daycare.id"], name=op.f("fk_journal_daycare_id")),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"], name=op.f("fk_journal_paper_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal")),
        sa.UniqueConstraint("class_id", "operating_day", name=op.f("uq_journal_class_id_operating_day")),
        sa.UniqueConstraint("ref", name=op.f("uq_journal_ref")),
    )
    op.create_index(op.f("ix_journal_operating_day"), "journal", ["operating_day"], unique=False)
    op.create_table(
        "restriction_ground",
        sa.Column("restriction_id", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["restriction_event.id"], name=op.f("fk_restriction_ground_event_id")
        ),
        sa.ForeignKeyConstraint(
            ["restriction_id"], ["restriction.id"], name=op.f("fk_restriction_ground_restriction_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_restriction_ground")),
    )
    op.create_index(op.f("ix_restriction_ground_event_id"), "restriction_ground", ["event_id"], unique=False)
    op.create_index(
        op.f("ix_restriction_ground_restriction_id"), "restriction_ground", ["restriction_id"], unique=False
    )
    op.create_table(
        "roster_shift",
        sa.Column("daycare_id", sa.BigInteger(), nullable=False),
        sa.Column("class_id", sa.BigInteger(), nullable=False),
        sa.Column("operating_day", sa.Date(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("teacher", sa.String(length=40), nullable=False),
        sa.Column("period", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["class_id"], ["daycare_class.id"], name=op.f("fk_roster_shift_class_id")),
        sa.ForeignKeyConstraint(["daycare_id"], ["daycare.id"], name=op.f("fk_roster_shift_daycare_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_roster_shift_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_shift")),
        sa.UniqueConstraint("ref", name=op.f("uq_roster_shift_ref")),
    )
    op.create_index(op.f("ix_roster_shift_class_id"), "roster_shift", ["class_id"], unique=False)
    op.create_index(
        op.f("ix_roster_shift_daycare_id_operating_day"),
        "roster_shift",
        ["daycare_id", "operating_day"],
        unique=False,
    )
    op.create_index(op.f("ix_roster_shift_user_id"), "roster_shift", ["user_id"], unique=False)
    op.create_table(
        "daycare_stay",
        sa.Column("booking_id", sa.BigInteger(), nullable=False),
        sa.Column("daycare_id", sa.BigInteger(), nullable=False),
        sa.Column("class_id", sa.BigInteger(), nullable=False),
        sa.Column("child_id", sa.BigInteger(), nullable=False),
        sa.Column("operating_day", sa.Date(), nullable=False),
        sa.Column("planned", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("small_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("in_person", sa.String(length=60), nullable=False),
        sa.Column("in_identity", sa.String(length=40), nullable=False),
        sa.Column("in_signature", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("in_by", sa.String(length=40), nullable=False),
        sa.Column("out_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("out_person", sa.String(length=60), nullable=False),
        sa.Column("out_identity", sa.String(length=40), nullable=False),
        sa.Column("out_signature", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("out_by", sa.String(length=40), nullable=False),
        sa.Column("prior_contact_id", sa.BigInteger(), nullable=True),
        sa.Column("emergency", sa.String(), nullable=False),
        sa.Column("unpaid_reason", sa.String(), nullable=False),
        sa.Column("belongings", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("violations", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("used_minutes", sa.Integer(), nullable=True),
        sa.Column("billed_hours", sa.Integer(), nullable=True),
        sa.Column("government_hours", sa.Integer(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=True),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["daycare_booking.id"], name=op.f("fk_daycare_stay_booking_id")
        ),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_daycare_stay_child_id")),
        sa.ForeignKeyConstraint(["class_id"], ["daycare_class.id"], name=op.f("fk_daycare_stay_class_id")),
        sa.ForeignKeyConstraint(["daycare_id"], ["daycare.id"], name=op.f("fk_daycare_stay_daycare_id")),
        sa.ForeignKeyConstraint(
            ["prior_contact_id"], ["prior_contact.id"], name=op.f("fk_daycare_stay_prior_contact_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_daycare_stay")),
        sa.UniqueConstraint("ref", name=op.f("uq_daycare_stay_ref")),
    )
    op.create_index(op.f("ix_daycare_stay_booking_id"), "daycare_stay", ["booking_id"], unique=False)
    op.create_index(op.f("ix_daycare_stay_child_id"), "daycare_stay", ["child_id"], unique=False)
    op.create_index(
        op.f("ix_daycare_stay_daycare_id_operating_day"),
        "daycare_stay",
        ["daycare_id", "operating_day"],
        unique=False,
    )
    op.create_index(
        "ix_daycare_stay_inside",
        "daycare_stay",
        ["daycare_id"],
        unique=False,
        postgresql_where=sa.text("in_at IS NOT NULL AND out_at IS NULL"),
    )
    op.create_index(
        "ix_daycare_stay_planned",
        "daycare_stay",
        ["daycare_id", "planned"],
        unique=False,
        postgresql_using="gist",
    )
    op.create_table(
        "meal",
        sa.Column("daycare_id", sa.BigInteger(), nullable=False),
        sa.Column("class_id", sa.BigInteger(), nullable=False),
        sa.Column("operating_day", sa.Date(), nullable=False),
        sa.Column("stay_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("menu", sa.String(length=200), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("not_reused", sa.Boolean(), nullable=False),
        sa.Column("upload_id", sa.BigInteger(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["class_id"], ["daycare_class.id"], name=op.f("fk_meal_class_id")),
        sa.ForeignKeyConstraint(["daycare_id"], ["daycare.id"], name=op.f("fk_meal_daycare_id")),
        sa.ForeignKeyConstraint(["stay_id"], ["daycare_stay.id"], name=op.f("fk_meal_stay_id")),
        sa.ForeignKeyConstraint(["upload_id"], ["upload.id"], name=op.f("fk_meal_upload_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meal")),
        sa.UniqueConstraint("ref", name=op.f("uq_meal_ref")),
    )
    op.create_index(
        op.f("ix_meal_daycare_id_operating_day"), "meal", ["daycare_id", "operating_day"], unique=False
    )
    op.create_table(
        "medicine_request",
        sa.Column("daycare_id", sa.BigInteger(), nullable=False),
        sa.Column("child_id", sa.BigInteger(), nullable=False),
        sa.Column("stay_id", sa.BigInteger(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("times", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("signature", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("signed_name", sa.String(length=40), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paper_id", sa.BigInteger(), nullable=True),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_medicine_request_child_id")),
        sa.ForeignKeyConstraint(["daycare_id"], ["daycare.id"], name=op.f("fk_medicine_request_daycare_id")),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"], name=op.f("fk_medicine_request_paper_id")),
        sa.ForeignKeyConstraint(["stay_id"], ["daycare_stay.id"], name=op.f("fk_medicine_request_stay_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_medicine_request")),
        sa.UniqueConstraint("ref", name=op.f("uq_medicine_request_ref")),
    )
    op.create_index(op.f("ix_medicine_request_child_id"), "medicine_request", ["child_id"], unique=False)
    op.create_index(op.f("ix_medicine_request_daycare_id"), "medicine_request", ["daycare_id"], unique=False)
    op.create_table(
        "medicine_given",
        sa.Column("request_id", sa.BigInteger(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("given_by", sa.String(length=40), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["request_id"], ["medicine_request.id"], name=op.f("fk_medicine_given_request_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_medicine_given")),
        sa.UniqueConstraint("ref", name=op.f("uq_medicine_given_ref")),
    )
    op.create_index(op.f("ix_medicine_given_request_id"), "medicine_given", ["request_id"], unique=False)
    op.add_column(
        "child",
        sa.Column("disability", sa.String(length=6), nullable=False, server_default=sa.text("'NONE'")),
    )
    op.alter_column("child", "disability", server_default=None)
