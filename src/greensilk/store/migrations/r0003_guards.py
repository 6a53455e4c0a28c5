"""Triggers that refuse to change or remove what must stay as it was written."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KEPT = ("audit_entry", "project_version", "result_file", "screening", "rating", "verdict", "route_comparison")
FUNCTION = """
CREATE FUNCTION greensilk_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'rows of % stay as they were written', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$
"""


def upgrade() -> None:
    """Sets the triggers."""
    sqlite = op.get_context().dialect.name == "sqlite"
    if not sqlite:
        op.execute(FUNCTION)
    for table in KEPT:
        if sqlite:
            for change in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, 'rows of {table} stay as they were written'); END"
                )
        else:
            op.execute(
                f"CREATE TRIGGER {table}_stays BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION greensilk_stays()"
            )
            op.execute(
                f"CREATE TRIGGER {table}_stays_whole BEFORE TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION greensilk_stays()"
            )


def downgrade() -> None:
    """Takes them away."""
    if op.get_context().dialect.name == "sqlite":
        for table in KEPT:
            op.execute(f"DROP TRIGGER {table}_no_update")
            op.execute(f"DROP TRIGGER {table}_no_delete")
    else:
        op.execute("DROP FUNCTION greensilk_stays() CASCADE")
