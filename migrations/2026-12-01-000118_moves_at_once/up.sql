-- A batch of moves writes each suggestion once: its next deadline together with its version. Twice, as by a single move, is a fifth of
-- the whole, since each of twenty indexes is written twice, and each foreign key looked up.
CREATE FUNCTION moves_a_batch() RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT current_setting('liaison.marks_kept_together', true) IS NOT DISTINCT FROM 'on'
$$;

CREATE OR REPLACE FUNCTION keep_suggestion_due_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF moves_a_batch() THEN
        RETURN NULL;
    END IF;
    UPDATE suggestions SET due_on = next.due_on
    FROM (
        SELECT ids.subject_id, (
            SELECT min(todos.due_on) FROM todos WHERE todos.subject_id = ids.subject_id AND todos.closed_at IS NULL
        ) AS due_on
        FROM (SELECT DISTINCT subject_id FROM changed WHERE subject_type = 'suggestion') AS ids
    ) AS next
    WHERE suggestions.id = next.subject_id AND suggestions.due_on IS DISTINCT FROM next.due_on;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION raise_versions_of_moved() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    moved record;
BEGIN
    FOR moved IN
        SELECT todos.subject_type AS thing, array_agg(DISTINCT todos.subject_id) AS ids, max(added.moved_at) AS at
        FROM added JOIN todos ON todos.id = added.todo_id
        GROUP BY todos.subject_type
        ORDER BY todos.subject_type
    LOOP
        IF moved.thing = 'suggestion' AND moves_a_batch() THEN
            UPDATE suggestions SET version = version + 1, updated_at = greatest(moved.at, updated_at + interval '1 microsecond'),
                due_on = (SELECT min(todos.due_on) FROM todos WHERE todos.subject_id = suggestions.id AND todos.closed_at IS NULL)
            WHERE id = ANY (moved.ids);
        ELSE
            PERFORM raise_versions(moved.thing, moved.ids, moved.at);
        END IF;
    END LOOP;
    RETURN NULL;
END $$;

-- A batch holds its suggestions before it reads the clock, so that its instant is later than theirs already.
DROP TRIGGER deadline_moves_in_order ON deadline_moves;
CREATE TRIGGER deadline_moves_in_order BEFORE INSERT ON deadline_moves
    FOR EACH ROW WHEN (NOT moves_a_batch()) EXECUTE FUNCTION keep_move_in_order();
