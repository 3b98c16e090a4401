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

-- Marks are kept for many suggestions at once where many have changed together: one look at the facts of all of them.
CREATE FUNCTION keep_marks_of_suggestions(ids uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    WITH facts AS MATERIALIZED (
        SELECT * FROM suggestion_facts('infinity') AS fact WHERE fact.suggestion_id = ANY (ids)
    ), kept AS (
        INSERT INTO suggestion_marks AS mark
            (handling_id, suggestion_id, department_id, party_id, received_on, open_kind, open_due_on, marks)
        SELECT handling_id, suggestion_id, department_id, party_id, received_on, open_kind, open_due_on, marks FROM facts
        ON CONFLICT (handling_id) DO UPDATE
        SET open_kind = excluded.open_kind, open_due_on = excluded.open_due_on, marks = excluded.marks
        WHERE (mark.open_kind, mark.open_due_on, mark.marks)
            IS DISTINCT FROM (excluded.open_kind, excluded.open_due_on, excluded.marks)
    )
    -- Against the marks as they were when the statement began.
    INSERT INTO figure_tallies (month, department_id, party_id, mark, n)
    SELECT date_trunc('month', changed.received_on)::date, changed.department_id, changed.party_id, changed.mark, sum(changed.n)
    FROM (
        SELECT before.received_on, before.department_id, before.party_id, unnest(before.marks) AS mark, -1 AS n
        FROM suggestion_marks AS before WHERE before.suggestion_id = ANY (ids)
        UNION ALL
        SELECT facts.received_on, facts.department_id, facts.party_id, unnest(facts.marks), 1 FROM facts
    ) AS changed
    GROUP BY 1, 2, 3, 4
    HAVING sum(changed.n) <> 0;
END $$;
CREATE OR REPLACE FUNCTION keep_suggestion_marks(suggestion uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM keep_marks_of_suggestions(ARRAY[suggestion]);
END $$;

-- A move of a deadline raises the suggestion's version like every step, so its marks are kept by the trigger on suggestions;
-- and by nothing but the version, since a step changes the row more than once. A batch of moves keeps them itself.
DROP TRIGGER todos_marked ON todos;
DROP FUNCTION keep_marks_of_deadline;
DROP TRIGGER suggestions_marked ON suggestions;
CREATE CONSTRAINT TRIGGER suggestions_marked_first AFTER INSERT ON suggestions
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.state <> 'draft') EXECUTE FUNCTION keep_marks_of_suggestion();
CREATE CONSTRAINT TRIGGER suggestions_marked AFTER UPDATE ON suggestions
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.state <> 'draft' AND NEW.version <> OLD.version
        AND current_setting('liaison.marks_kept_together', true) IS DISTINCT FROM 'on')
    EXECUTE FUNCTION keep_marks_of_suggestion();
