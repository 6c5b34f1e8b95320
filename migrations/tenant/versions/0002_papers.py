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
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_key")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_signing_key_fingerprint")),
        sa.UniqueConstraint("ref", name=op.f("uq_signing_key_ref")),
    )
    op.create_table(
        "sign_link",
        sa.Column("paper_id", sa.BigInteger(), nullable=False),
        sa.Column("field", sa.String(length=80), nullable=False),
        sa.Column("signer", sa.String(length=40), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=True),
        sa.Column("code_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
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
    op.add_column("paper", sa.Column("replaces_id", sa.BigInteger(), nullable=True))
    op.add_column("paper", sa.Column("verify_code", sa.String(length=20), nullable=True))
    op.add_column("paper", sa.Column("key_id", sa.BigInteger(), nullable=True))
    op.add_column("paper", sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_unique_constraint(op.f("uq_paper_verify_code"), "paper", ["verify_code"])
    op.create_foreign_key(op.f("fk_paper_replaces_id"), "paper", "paper", ["replaces_id"], ["id"])
    op.create_foreign_key(op.f("fk_paper_key_id"), "paper", "signing_key", ["key_id"], ["id"])
    op.alter_column(
        "signature",
        "field",
        existing_type=sa.VARCHAR(length=40),
        type_=sa.String(length=80),
        existing_nullable=False,
    )
