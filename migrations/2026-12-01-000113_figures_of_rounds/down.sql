DROP FUNCTION marks_on(text[], text, date, date);
DO $$ BEGIN
    EXECUTE replace(pg_get_functiondef('suggestion_facts'::regproc),
        $new$WHEN coalesce(handling.outside_assignment, suggestion.outside_assignment) THEN$new$,
        $old$WHEN suggestion.outside_assignment THEN$old$);
END $$;
SELECT count_figures_anew();
