"""Jobs, and what they make."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from greensilk.store.migrations import DOCUMENT, MOMENT, given

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

OPEN = sa.text("decision IS NULL")
NEWEST_FIRST = (
    "route_comparison",
    "override",
    "verdict",
    "rating",
    "screening",
    "result_file",
    "job",
)


def upgrade() -> None:
    """Makes them."""
    _jobs()
    _ratings()
    _route_comparison()


def downgrade() -> None:
    """Takes them away, with all that they hold."""
    for table in NEWEST_FIRST:
        op.drop_table(table)


def _jobs() -> None:
    op.create_table(
        "job",
        sa.Column("id", sa.String(32), primary_key=True),
        given("organisation_id", sa.String(32), sa.ForeignKey("organisation.id")),
        given("kind", sa.String(30)),
        given("arguments", DOCUMENT),
        given("state", sa.String(20)),
        given("share", sa.Double()),
        sa.Column("doing", DOCUMENT),
        given("attempts", sa.Integer()),
        sa.Column("worker", sa.String(100)),
        sa.Column("lease", sa.String(32)),
        sa.Column("leased_until", MOMENT),
        sa.Column("cancel_asked_at", MOMENT),
        sa.Column("error", DOCUMENT),
        sa.Column("result", DOCUMENT),
        sa.Column("idempotency_key", sa.String(100)),
        given("created_by", sa.String(32), sa.ForeignKey("user_account.id")),
        given("created_at", MOMENT),
        sa.Column("started_at", MOMENT),
        sa.Column("ended_at", MOMENT),
        sa.UniqueConstraint("organisation_id", "idempotency_key"),
    )
    op.create_index(None, "job", ["organisation_id"])
    op.create_index("ix_job_queue", "job", ["state", "created_at"])
    op.create_table(
        "result_file",
        sa.Column("id", sa.String(32), primary_key=True),
        given("organisation_id", sa.String(32), sa.ForeignKey("organisation.id")),
        given("job_id", sa.String(32), sa.ForeignKey("job.id")),
        given("name", sa.String(200)),
        given("media_type", sa.String(100)),
        given("file_sha256", sa.String(64)),
        given("file_bytes", sa.BigInteger()),
        given("created_at", MOMENT),
        sa.UniqueConstraint("job_id", "name"),
    )


def _ratings() -> None:
    op.create_table(
        "screening",
        sa.Column("id", sa.String(32), primary_key=True),
        given("organisation_id", sa.String(32), sa.ForeignKey("organisation.id")),
        given("portfolio_id", sa.String(32), sa.ForeignKey("portfolio.id")),
        given("upload_id", sa.String(32), sa.ForeignKey("upload.id")),
        given("job_id", sa.String(32), sa.ForeignKey("job.id"), unique=True),
        given("run_id", sa.String(64)),
        given("on_date", sa.Date()),
        given("standards", DOCUMENT),
        given("layers", DOCUMENT),
        given("summary", DOCUMENT),
        given("provenance", DOCUMENT),
        given("pages_sha256", sa.String(64)),
        given("created_by", sa.String(32), sa.ForeignKey("user_account.id")),
        given("created_at", MOMENT),
    )
    op.create_index(None, "screening", ["organisation_id"])
    op.create_index(None, "screening", ["portfolio_id"])
    op.create_table(
        "rating",
        sa.Column("id", sa.String(32), primary_key=True),
        given("organisation_id", sa.String(32), sa.ForeignKey("organisation.id")),
        given("screening_id", sa.String(32), sa.ForeignKey("screening.id")),
        given("project_id", sa.String(32), sa.ForeignKey("project.id")),
        given("project_version_id", sa.String(32), sa.ForeignKey("project_version.id")),
        given("position", sa.Integer()),
        given("lead", sa.String(20)),
        given("pages", DOCUMENT),
        given("created_at", MOMENT),
        sa.UniqueConstraint("screening_id", "project_id"),
    )
    op.create_index(None, "rating", ["organisation_id", "lead"])
    op.create_index(None, "rating", ["project_id"])
    op.create_index(None, "rating", ["screening_id", "position"])
    op.create_table(
        "verdict",
        sa.Column("id", sa.String(32), primary_key=True),
        given("organisation_id", sa.String(32), sa.ForeignKey("organisation.id")),
        given("rating_id", sa.String(32), sa.ForeignKey("rating.id")),
        given("screening_id", sa.String(32), sa.ForeignKey("screening.id")),
        given("project_id", sa.String(32), sa.ForeignKey("project.id")),
        given("standard", sa.String(100)),
        given("kind", sa.String(20)),
        given("value", sa.String(30)),
        given("counted", sa.String(30)),
        sa.Column("basis", sa.String(30)),
        sa.Column("best", sa.String(30)),
        sa.Column("worst", sa.String(30)),
        given("confirmed", sa.Boolean()),
        given("flags", DOCUMENT),
        given("created_at", MOMENT),
    )
    op.create_index(None, "verdict", ["project_id"])
    op.create_index(None, "verdict", ["rating_id"])
    op.create_index(None, "verdict", ["screening_id"])
    op.create_table(
        "override",
        sa.Column("id", sa.String(32), primary_key=True),
        given("organisation_id", sa.String(32), sa.ForeignKey("organisation.id")),
        given("verdict_id", sa.String(32), sa.ForeignKey("verdict.id")),
        given("project_id", sa.String(32), sa.ForeignKey("project.id")),
        given("light", sa.String(20)),
        given("reason", sa.String(4000)),
        given("proposed_by", sa.String(32), sa.ForeignKey("user_account.id")),
        given("created_at", MOMENT),
        sa.Column("decision", sa.String(20)),
        sa.Column("decided_by", sa.String(32), sa.ForeignKey("user_account.id")),
        sa.Column("decided_at", MOMENT),
        given("note", sa.String(4000)),
        given("version", sa.Integer()),
    )
    op.create_index(None, "override", ["organisation_id"])
    op.create_index(None, "override", ["project_id"])
    op.create_index(None, "override", ["verdict_id"])
    op.create_index(
        "uq_override_open", "override", ["verdict_id"], unique=True, sqlite_where=OPEN, postgresql_where=OPEN
    )


def _route_comparison() -> None:
    op.create_table(
        "route_comparison",
        sa.Column("id", sa.String(32), primary_key=True),
        given("organisation_id", sa.String(32), sa.ForeignKey("organisation.id")),
        given("job_id", sa.String(32), sa.ForeignKey("job.id"), unique=True),
        given("name", sa.String(255)),
        given("file_sha256", sa.String(64)),
        given("summary", DOCUMENT),
        given("table", DOCUMENT),
        given("pages_sha256", sa.String(64)),
        given("pages", DOCUMENT),
        given("created_by", sa.String(32), sa.ForeignKey("user_account.id")),
        given("created_at", MOMENT),
    )
    op.create_index(None, "route_comparison", ["organisation_id"])
