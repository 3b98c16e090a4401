DROP TRIGGER deadline_moves_in_order ON deadline_moves;
CREATE TRIGGER deadline_moves_in_order BEFORE INSERT ON deadline_moves
    FOR EACH ROW EXECUTE FUNCTION keep_move_in_order();

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
        PERFORM raise_versions(moved.thing, moved.ids, moved.at);
    END LOOP;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION keep_suggestion_due_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
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

DROP FUNCTION moves_a_batch;
