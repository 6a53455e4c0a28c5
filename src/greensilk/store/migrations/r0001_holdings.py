"""Organisations and people, their audit, and what they hold."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from greensilk.store.migrations import DOCUMENT, MOMENT, given

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

NEWEST_FIRST = (
    "document",
    "project_version",
    "project",
    "upload",
    "portfolio",
    "audit_head",
    "audit_entry",
    "sign_in_attempt",
    "api_token",
    "signed_in",
    "user_account",
    "organisation",
)


def upgrade() -> None:
    """Makes them."""
    _people()
    _audit()
    _holdings()


def downgrade() -> None:
    """Takes them away, with all that they hold."""
    for table in NEWEST_FIRST:
        op.drop_table(table)


def _people() -> None:
    op.create_table(
        "organisation",
        sa.Column("id", sa.String(32), primary_key=True),
        given("name", sa.String(200)),
        sa.Column("use", sa.String(20)),
        sa.Column("map_approval", sa.String(100)),
        given("created_at", MOMENT),
        given("version", sa.Integer()),
    )
    op.create_table(
        "user_account",
        sa.Column("id", sa.String(32), primary_key=True),
        given("organisation_id", sa.String(32), sa.ForeignKey("organisation.id")),
        given("login", sa.String(100), unique=True),
        given("name", sa.String(200)),
        given("role", sa.String(20)),
        given("lang", sa.String(2)),
        given("password_hash", sa.String(200)),
        sa.Column("disabled_at", MOMENT),
        given("created_at", MOMENT),
        given("version", sa.Integer()),
    )
    op.create_index(None, "user_account", ["organisation_id"])
    op.create_table(
        "signed_in",
        sa.Column("id_hash", sa.String(64), primary_key=True),
        given("user_id", sa.String(32), sa.ForeignKey("user_account.id")),
        given("csrf_token", sa.String(64)),
        given("created_at", MOMENT),
        given("last_seen_at", MOMENT),
        given("expires_at", MOMENT),
    )
    op.create_index(None, "signed_in", ["user_id"])
    op.create_table(
        "api_token",
        sa.Column("id", sa.String(32), primary_key=True),
        given("organisation_id", sa.String(32), sa.ForeignKey("organisation.id")),
        given("user_id", sa.String(32), sa.ForeignKey("user_account.id")),
        given("name", sa.String(100)),
        given("token_hash", sa.String(64), unique=True),
        given("begins", sa.String(12)),
        given("scopes", DOCUMENT),
        given("created_at", MOMENT),
        given("expires_at", MOMENT),
        sa.Column("revoked_at", MOMENT),
        sa.Column("last_used_at", MOMENT),
    )
    op.create_index(None, "api_token", ["organisation_id"])
    op.create_index(None, "api_token", ["user_id"])
    op.create_table(
        "sign_in_attempt",
        sa.Column("id", sa.String(32), primary_key=True),
        given("login_hash", sa.String(64)),
        given("address", sa.String(64)),
        given("at", MOMENT),
    )
    op.create_index(None, "sign_in_attempt", ["address", "at"])
    op.create_index(None, "sign_in_attempt", ["login_hash", "at"])


def _audit() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("organisation_id", sa.String(32), sa.ForeignKey("organisation.id"), primary_key=True),
        sa.Column("seq", sa.Integer(), primary_key=True, autoincrement=False),
        given("at", MOMENT),
        given("actor", sa.String(32)),
        given("actor_name", sa.String(100)),
        given("action", sa.String(50)),
        given("object_kind", sa.String(30)),
        given("object_id", sa.String(64)),
        given("detail", DOCUMENT),
        given("previous_hash", sa.String(64)),
        given("hash", sa.String(64)),
    )
    op.create_table(
        "audit_head",
        sa.Column("organisation_id", sa.String(32), sa.ForeignKey("organisation.id"), primary_key=True),
        given("seq", sa.Integer()),
        given("hash", sa.String(64)),
    )


def _holdings() -> None:
    op.create_table(
        "portfolio",
        sa.Column("id", sa.String(32), primary_key=True),
        given("organisation_id", sa.String(32), sa.ForeignKey("organisation.id")),
        given("name", sa.String(200)),
        given("about", sa.String(2000)),
        given("created_by", sa.String(32), sa.ForeignKey("user_account.id")),
        given("created_at", MOMENT),
        sa.Column("archived_at", MOMENT),
        given("version", sa.Integer()),
    )
    op.create_index(None, "portfolio", ["organisation_id"])
    op.create_table(
        "upload",
        sa.Column("id", sa.String(32), primary_key=True),
        given("organisation_id", sa.String(32), sa.ForeignKey("organisation.id")),
        given("portfolio_id", sa.String(32), sa.ForeignKey("portfolio.id")),
        given("file_name", sa.String(255)),
        given("file_sha256", sa.String(64)),
        given("file_bytes", sa.BigInteger()),
        given("state", sa.String(20)),
        given("mapping", DOCUMENT),
        given("fixes", DOCUMENT),
        given("preview", DOCUMENT),
        sa.Column("error", DOCUMENT),
        given("created_by", sa.String(32), sa.ForeignKey("user_account.id")),
        given("created_at", MOMENT),
        sa.Column("accepted_at", MOMENT),
        given("version", sa.Integer()),
    )
    op.create_index(None, "upload", ["organisation_id"])
    op.create_index(None, "upload", ["portfolio_id"])
    op.create_table(
        "project",
        sa.Column("id", sa.String(32), primary_key=True),
        given("organisation_id", sa.String(32), sa.ForeignKey("organisation.id")),
        given("portfolio_id", sa.String(32), sa.ForeignKey("portfolio.id")),
        given("key", sa.String(300)),
        given("latest", sa.Integer()),
        given("created_at", MOMENT),
        sa.Column("left_out_at", MOMENT),
        sa.UniqueConstraint("portfolio_id", "key"),
    )
    op.create_index(None, "project", ["organisation_id"])
    op.create_table(
        "project_version",
        sa.Column("id", sa.String(32), primary_key=True),
        given("organisation_id", sa.String(32), sa.ForeignKey("organisation.id")),
        given("project_id", sa.String(32), sa.ForeignKey("project.id")),
        given("upload_id", sa.String(32), sa.ForeignKey("upload.id")),
        given("number", sa.Integer()),
        given("row", sa.Integer()),
        given("name", sa.String(500)),
        sa.Column("name_zh", sa.String(500)),
        given("type", sa.String(100)),
        sa.Column("country", sa.String(3)),
        sa.Column("stage", sa.String(100)),
        given("attributes", DOCUMENT),
        sa.Column("geometry", sa.LargeBinary()),
        sa.Column("geojson", sa.String()),
        sa.Column("min_lon", sa.Double()),
        sa.Column("min_lat", sa.Double()),
        sa.Column("max_lon", sa.Double()),
        sa.Column("max_lat", sa.Double()),
        given("content_sha256", sa.String(64)),
        given("created_at", MOMENT),
        sa.UniqueConstraint("project_id", "number"),
    )
    op.create_index("ix_project_version_box", "project_version", ["organisation_id", "min_lon", "max_lon"])
    op.create_index(None, "project_version", ["upload_id"])
    op.create_table(
        "document",
        sa.Column("id", sa.String(32), primary_key=True),
        given("organisation_id", sa.String(32), sa.ForeignKey("organisation.id")),
        given("project_id", sa.String(32), sa.ForeignKey("project.id")),
        given("name", sa.String(255)),
        sa.Column("kind", sa.String(100)),
        given("file_sha256", sa.String(64)),
        given("file_bytes", sa.BigInteger()),
        given("media_type", sa.String(100)),
        given("uploaded_by", sa.String(32), sa.ForeignKey("user_account.id")),
        given("created_at", MOMENT),
        sa.Column("removed_at", MOMENT),
    )
    op.create_index(None, "document", ["organisation_id"])
    op.create_index(None, "document", ["project_id"])
