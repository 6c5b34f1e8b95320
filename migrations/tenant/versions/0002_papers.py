"""Papers are sealed, verified and signed by link."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "signing_key",
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("issuer", sa.String(length=200), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("certificates", sa.String(), nullable=False),
        sa.Column("sealed_key", sa.LargeBinary(), nullable=False),
        sa.Column("for_test", sa.Boolean(), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_after", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_key")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_signing_key_fingerprint")),
        sa.UniqueConstraint("ref", name=op.f("uq_signing_key_ref")),
    )
    op.create_index(
        "uq_signing_key_active",
        "signing_key",
        ["state"],
        unique=True,
        postgresql_where=sa.text("state = 'ACTIVE'"),
    )
    op.create_table(
        "verify_attempt",
        sa.Column("ip", sa.String(length=45), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verify_attempt")),
    )
    op.create_index(op.f("ix_verify_attempt_ip_at"), "verify_attempt", ["ip", "at"], unique=False)
    op.create_table(
        "sign_link",
        sa.Column("paper_id", sa.BigInteger(), nullable=False),
        sa.Column("field", sa.String(length=80), nullable=False),
        sa.Column("signer", sa.String(length=40), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("code_ref", sa.String(length=16), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_as", sa.String(length=10), nullable=True),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"], name=op.f("fk_sign_link_paper_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_link")),
        sa.UniqueConstraint("ref", name=op.f("uq_sign_link_ref")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sign_link_token_hash")),
    )
    op.create_index(op.f("ix_sign_link_paper_id"), "sign_link", ["paper_id"], unique=False)
    op.add_column(
        "paper",
        sa.Column(
            "unfit",
            sa.dialects.postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            server_default=sa.text("'{}'::jsonb"),
        ),
    )
    op.alter_column("paper", "unfit", server_default=None)
    op.add_column("paper", sa.Column("saved_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("paper", sa.Column("saved_by", sa.BigInteger(), nullable=True))
    op.add_column(
        "paper", sa.Column("saved_from", sa.String(length=32), nullable=False, server_default=sa.text("''"))
    )
    op.alter_column("paper", "saved_from", server_default=None)
    op.add_column("paper", sa.Column("replaces_id", sa.BigInteger(), nullable=True))
    op.add_column("paper", sa.Column("verify_code", sa.String(length=20), nullable=True))
    op.add_column("paper", sa.Column("key_id", sa.BigInteger(), nullable=True))
    op.add_column("paper", sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_unique_constraint(op.f("uq_paper_verify_code"), "paper", ["verify_code"])
    op.create_unique_constraint(op.f("uq_paper_replaces_id"), "paper", ["replaces_id"])
    op.create_foreign_key(op.f("fk_paper_replaces_id"), "paper", "paper", ["replaces_id"], ["id"])
    op.create_foreign_key(op.f("fk_paper_key_id"), "paper", "signing_key", ["key_id"], ["id"])
    op.alter_column(
        "signature",
        "field",
        existing_type=sa.VARCHAR(length=40),
        type_=sa.String(length=80),
        existing_nullable=False,
    )
    op.add_column("signature", sa.Column("link_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(op.f("fk_signature_link_id"), "signature", "sign_link", ["link_id"], ["id"])
