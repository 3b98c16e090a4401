CREATE INDEX CONCURRENTLY todos_running ON todos (started_on) WHERE closed_at IS NULL AND started_on IS NOT NULL;
