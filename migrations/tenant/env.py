"""Renders revisions to SQL; the runner (app/tenancy/migrate.py) applies it schema by schema."""

from alembic import context

context.configure(dialect_name="postgresql", literal_binds=True, transactional_ddl=False)
context.run_migrations()
