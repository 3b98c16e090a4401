DROP TRIGGER suggestions_marked ON suggestions;
DROP TRIGGER suggestions_marked_first ON suggestions;
CREATE CONSTRAINT TRIGGER suggestions_marked AFTER INSERT OR UPDATE ON suggestions
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.state <> 'draft') EXECUTE FUNCTION keep_marks_of_suggestion();
CREATE FUNCTION keep_marks_of_deadline() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM keep_suggestion_marks(NEW.subject_id);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER todos_marked AFTER UPDATE OF due_on ON todos
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.kind IN ('accept_suggestion', 'reply_to_suggestion') AND OLD.due_on IS DISTINCT FROM NEW.due_on)
    EXECUTE FUNCTION keep_marks_of_deadline();
CREATE OR REPLACE FUNCTION keep_suggestion_marks(suggestion uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    WITH facts AS MATERIALIZED (
        SELECT * FROM suggestion_facts('infinity') AS fact WHERE fact.suggestion_id = suggestion
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
        FROM suggestion_marks AS before WHERE before.suggestion_id = suggestion
        UNION ALL
        SELECT facts.received_on, facts.department_id, facts.party_id, unnest(facts.marks), 1 FROM facts
    ) AS changed
    GROUP BY 1, 2, 3, 4
    HAVING sum(changed.n) <> 0;
END $$;
DROP FUNCTION keep_marks_of_suggestions;
DROP TABLE calendar_corrections;
