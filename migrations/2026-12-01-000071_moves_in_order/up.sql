-- A deadline that is moved is moved after whatever was done to its suggestion before: its line stands last in the timeline,
-- although the calendar is corrected without the suggestion in hand. Steps wait for the calendar meanwhile.
CREATE FUNCTION keep_move_in_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.moved_at := greatest(NEW.moved_at, (
        SELECT suggestions.updated_at + interval '1 microsecond'
        FROM todos JOIN suggestions ON suggestions.id = todos.subject_id
        WHERE todos.id = NEW.todo_id AND todos.subject_type = 'suggestion'
            -- At the same instant it is part of a step: of an extension.
            AND suggestions.updated_at > NEW.moved_at));
    RETURN NEW;
END $$;
CREATE TRIGGER deadline_moves_in_order BEFORE INSERT ON deadline_moves
    FOR EACH ROW EXECUTE FUNCTION keep_move_in_order();
