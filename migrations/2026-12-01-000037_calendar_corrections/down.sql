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
DROP TABLE calendar_corrections;
