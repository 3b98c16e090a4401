-- A draft is received by nobody: its handling is there, but begins with the submission. A count from the beginning took it in.
DO $$ BEGIN
    EXECUTE replace(pg_get_functiondef('suggestion_facts'::regproc),
        $old$WHERE handling.role = 'lead' AND$old$, $new$WHERE handling.role = 'lead' AND suggestion.state <> 'draft' AND$new$);
END $$;
WITH wrong AS (
    DELETE FROM suggestion_marks AS mark USING suggestions AS suggestion
    WHERE suggestion.id = mark.suggestion_id AND suggestion.state = 'draft' RETURNING mark.*)
INSERT INTO figure_tallies (month, department_id, party_id, mark, n)
SELECT date_trunc('month', wrong.received_on)::date, wrong.department_id, wrong.party_id, mark, -count(*)
FROM wrong CROSS JOIN LATERAL unnest(wrong.marks) AS mark
GROUP BY 1, 2, 3, 4;

-- A year's figures are asked for most, and of a million suggestions a year has 45,000 tallies by month: summed by year, too, they
-- are a tenth. Steps add to the months alone; the runner that adds those up carries them into the year.
CREATE TABLE figure_years (
    -- Its first day.
    year date NOT NULL,
    department_id uuid NOT NULL,
    party_id uuid NOT NULL,
    mark text NOT NULL,
    n bigint NOT NULL,
    PRIMARY KEY (year, department_id, party_id, mark)
);

-- From the beginning: the months as before, and what they make of a year.
ALTER FUNCTION count_figures_anew() RENAME TO count_months_anew;
CREATE FUNCTION count_years_anew() RETURNS void LANGUAGE sql AS $$
    DELETE FROM figure_years;
    INSERT INTO figure_years (year, department_id, party_id, mark, n)
    SELECT date_trunc('year', month)::date, department_id, party_id, mark, sum(n) FROM figure_tallies WHERE summed
    GROUP BY 1, 2, 3, 4;
$$;
CREATE FUNCTION count_figures_anew() RETURNS void LANGUAGE sql AS $$
    SELECT count_months_anew();
    SELECT count_years_anew();
$$;
SELECT count_years_anew();
