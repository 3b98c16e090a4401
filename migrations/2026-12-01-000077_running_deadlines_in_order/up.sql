-- What a correction of the calendar walks through, batch by batch.
CREATE INDEX CONCURRENTLY todos_running_in_order ON todos (id)
    WHERE closed_at IS NULL AND started_on IS NOT NULL AND extended_at IS NULL;
