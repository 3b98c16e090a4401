-- What keeps one instance's trouble from the others, and says where there is trouble.

-- Stamps what has been committed, in one call: no instance that freezes between two statements holds the head.
CREATE FUNCTION stamp_events(at_most bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    head bigint;
    stamped bigint;
BEGIN
    SELECT position INTO head FROM event_head FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        -- Another instance is at it.
        RETURN 0;
    END IF;
    UPDATE events SET position = head + waiting.place
    FROM (SELECT id, row_number() OVER (ORDER BY seq) AS place
          FROM (SELECT id, seq FROM events WHERE position IS NULL ORDER BY seq LIMIT at_most) AS batch) AS waiting
    WHERE events.id = waiting.id;
    GET DIAGNOSTICS stamped = ROW_COUNT;
    IF stamped > 0 THEN
        UPDATE event_head SET position = head + stamped;
    END IF;
    RETURN stamped;
END $$;

-- Each instance writes its row every few seconds: that is the proof that the database takes writes.
CREATE TABLE instances (
    id uuid PRIMARY KEY,
    host text NOT NULL,
    started_at timestamptz NOT NULL,
    -- By the database's clock.
    beat_at timestamptz NOT NULL,
    -- By how much the clock of its machine is ahead of the database's.
    clock_ahead_ms bigint NOT NULL
);

-- Which store of attached files is this database's: the store holds the same id.
CREATE TABLE attachment_store (
    only_row boolean PRIMARY KEY DEFAULT true CONSTRAINT attachment_store_one_row CHECK (only_row),
    id uuid NOT NULL DEFAULT gen_random_uuid()
);
INSERT INTO attachment_store DEFAULT VALUES;
