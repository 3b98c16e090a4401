CREATE OR REPLACE FUNCTION count_figures_anew() RETURNS void LANGUAGE sql AS $$
    DELETE FROM suggestion_marks;
    INSERT INTO suggestion_marks (handling_id, suggestion_id, department_id, party_id, received_on, open_kind, open_due_on, marks)
    SELECT handling_id, suggestion_id, department_id, party_id, received_on, open_kind, open_due_on, marks
    FROM suggestion_facts('infinity');
    DELETE FROM figure_tallies;
    INSERT INTO figure_tallies (month, department_id, party_id, mark, n, summed)
    SELECT date_trunc('month', received_on)::date, department_id, party_id, mark, count(*), true
    FROM suggestion_marks CROSS JOIN LATERAL unnest(marks) AS mark
    GROUP BY 1, 2, 3, 4
    UNION ALL
    SELECT date_trunc('month', commitments.due_on)::date, commitments.department_id, suggestions.party_id,
        commitment_mark(commitments.state, commitments.fulfilled_at, commitments.due_on), count(*), true
    FROM commitments JOIN suggestions ON suggestions.id = commitments.suggestion_id
    WHERE commitment_mark(commitments.state, commitments.fulfilled_at, commitments.due_on) IS NOT NULL
    GROUP BY 1, 2, 3, 4;
$$;
DROP TABLE figure_years;
DO $$ BEGIN
    EXECUTE replace(pg_get_functiondef('suggestion_facts'::regproc),
        $new$WHERE handling.role = 'lead' AND suggestion.state <> 'draft' AND$new$, $old$WHERE handling.role = 'lead' AND$old$);
END $$;
