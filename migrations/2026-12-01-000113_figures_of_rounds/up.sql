-- Each lead has its own answer to whether it liaised with the party: a reassignment no longer changes the former lead's figure.
-- A handling that the release before has written has none, and goes by its suggestion.
DO $$ BEGIN
    EXECUTE replace(pg_get_functiondef('suggestion_facts'::regproc),
        $old$WHEN suggestion.outside_assignment THEN$old$,
        $new$WHEN coalesce(handling.outside_assignment, suggestion.outside_assignment) THEN$new$);
END $$;

-- What depends on the day, said once: the marks of a handling as they count on a day. Past a deadline that runs, it is overdue and
-- not in time, whatever came in time before it; `..._only_overdue` where it was not late before, so that each counts once in the whole.
CREATE FUNCTION marks_on(marks text[], open_kind text, open_due_on date, day date) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN open_due_on < day THEN
        array_remove(marks, CASE open_kind WHEN 'acceptance' THEN 'accepted_in_time' ELSE 'answered_in_time' END)
        || (open_kind || '_overdue')
        || CASE WHEN CASE open_kind WHEN 'acceptance' THEN 'accepted_late' ELSE 'answered_late' END = ANY(marks)
            THEN '{}'::text[] ELSE ARRAY[open_kind || '_only_overdue'] END
    ELSE marks END
$$;

-- By what changed alone: of what was reassigned, the marks, and with them the tallies of months that are added up, or will be.
WITH changed AS (
    SELECT mark.handling_id, mark.received_on, mark.department_id, mark.party_id, mark.marks AS before, fact.marks AS after
    FROM suggestion_marks AS mark JOIN suggestion_facts('infinity') AS fact ON fact.handling_id = mark.handling_id
    WHERE mark.suggestion_id IN (SELECT suggestion_id FROM suggestion_handlings WHERE role = 'lead' AND ended_at IS NOT NULL)
        AND fact.marks IS DISTINCT FROM mark.marks
), kept AS (
    UPDATE suggestion_marks SET marks = changed.after FROM changed WHERE suggestion_marks.handling_id = changed.handling_id
)
INSERT INTO figure_tallies (month, department_id, party_id, mark, n)
SELECT date_trunc('month', moved.received_on)::date, moved.department_id, moved.party_id, moved.mark, sum(moved.n)
FROM (
    SELECT received_on, department_id, party_id, unnest(before) AS mark, -1 AS n FROM changed
    UNION ALL
    SELECT received_on, department_id, party_id, unnest(after), 1 FROM changed
) AS moved
GROUP BY 1, 2, 3, 4
HAVING sum(moved.n) <> 0;
