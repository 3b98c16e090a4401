DROP FUNCTION count_figures_anew();
DROP FUNCTION count_years_anew();
ALTER FUNCTION count_months_anew() RENAME TO count_figures_anew;
DROP TABLE figure_years;
DO $$ BEGIN
    EXECUTE replace(pg_get_functiondef('suggestion_facts'::regproc),
        $new$WHERE handling.role = 'lead' AND suggestion.state <> 'draft' AND$new$, $old$WHERE handling.role = 'lead' AND$old$);
END $$;
