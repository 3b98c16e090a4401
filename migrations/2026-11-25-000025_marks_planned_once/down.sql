CREATE OR REPLACE FUNCTION keep_suggestion_marks(suggestion uuid) RETURNS void LANGUAGE sql AS $$
    INSERT INTO figure_tallies (month, department_id, party_id, mark, n)
    SELECT date_trunc('month', received_on)::date, department_id, party_id, mark, sum(n)
    FROM (
        SELECT received_on, department_id, party_id, unnest(marks) AS mark, -1 AS n
        FROM suggestion_marks WHERE suggestion_id = suggestion
        UNION ALL
        SELECT received_on, department_id, party_id, unnest(marks), 1
        FROM suggestion_facts('infinity') WHERE suggestion_id = suggestion
    ) AS changed
    GROUP BY 1, 2, 3, 4
    HAVING sum(n) <> 0;
    INSERT INTO suggestion_marks (handling_id, suggestion_id, department_id, party_id, received_on, open_kind, open_due_on, marks)
    SELECT handling_id, suggestion_id, department_id, party_id, received_on, open_kind, open_due_on, marks
    FROM suggestion_facts('infinity') WHERE suggestion_id = suggestion
    ON CONFLICT (handling_id) DO UPDATE
    SET open_kind = excluded.open_kind, open_due_on = excluded.open_due_on, marks = excluded.marks
    WHERE (suggestion_marks.open_kind, suggestion_marks.open_due_on, suggestion_marks.marks)
        IS DISTINCT FROM (excluded.open_kind, excluded.open_due_on, excluded.marks);
$$;
