-- A change of the calendar that running deadlines still have to follow. It holds at once; the runner moves the deadlines in
-- batches, and remembers here how far it has come.
CREATE TABLE calendar_corrections (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    years integer[] NOT NULL CONSTRAINT calendar_corrections_years CHECK (cardinality(years) > 0),
    reason text NOT NULL CONSTRAINT calendar_corrections_reason CHECK (reason ~ '\S'),
    made_at timestamptz NOT NULL,
    -- The last to-do that was looked at, by id.
    position uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    -- Running deadlines that reach into these years, counted by the first batch.
    total bigint CONSTRAINT calendar_corrections_total CHECK (total >= 0),
    examined bigint NOT NULL DEFAULT 0,
    moved bigint NOT NULL DEFAULT 0,
    finished_at timestamptz,
    CONSTRAINT calendar_corrections_progress CHECK (moved BETWEEN 0 AND examined),
    CONSTRAINT calendar_corrections_finished CHECK (finished_at IS NULL OR total IS NOT NULL)
);
CREATE INDEX calendar_corrections_unfinished ON calendar_corrections (seq) WHERE finished_at IS NULL;

-- A move of a deadline raises the suggestion's version like every step, so its marks are kept by the trigger on suggestions;
-- and by nothing but the version, since a step changes the row more than once.
DROP TRIGGER todos_marked ON todos;
DROP FUNCTION keep_marks_of_deadline;
DROP TRIGGER suggestions_marked ON suggestions;
CREATE CONSTRAINT TRIGGER suggestions_marked_first AFTER INSERT ON suggestions
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.state <> 'draft') EXECUTE FUNCTION keep_marks_of_suggestion();
CREATE CONSTRAINT TRIGGER suggestions_marked AFTER UPDATE ON suggestions
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.state <> 'draft' AND NEW.version <> OLD.version)
    EXECUTE FUNCTION keep_marks_of_suggestion();
