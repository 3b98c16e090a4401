-- Whatever changes an answer raises the version and the instant of what is answered: papers that hang on it, commitments of its
-- reply, deadlines that the calendar moves, what it links. Here, so that whoever writes them cannot forget it.

-- Later than both what is on record and the instant of the change, whatever the clocks of several instances say.
CREATE FUNCTION raise_versions(thing text, ids uuid[], at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    CASE thing
        WHEN 'scheme' THEN
            UPDATE schemes SET version = version + 1, updated_at = greatest(at, updated_at + interval '1 microsecond')
            WHERE id = ANY (ids);
        WHEN 'liaison_leader' THEN
            UPDATE liaison_leaders SET version = version + 1, updated_at = greatest(at, updated_at + interval '1 microsecond')
            WHERE id = ANY (ids);
        WHEN 'liaison_confirmation' THEN
            UPDATE liaison_confirmations SET version = version + 1, updated_at = greatest(at, updated_at + interval '1 microsecond')
            WHERE id = ANY (ids);
        WHEN 'problem_report' THEN
            UPDATE problem_reports SET version = version + 1, updated_at = greatest(at, updated_at + interval '1 microsecond')
            WHERE id = ANY (ids);
        WHEN 'bulletin' THEN
            UPDATE bulletins SET version = version + 1, updated_at = greatest(at, updated_at + interval '1 microsecond')
            WHERE id = ANY (ids);
        WHEN 'meeting' THEN
            UPDATE meetings SET version = version + 1, updated_at = greatest(at, updated_at + interval '1 microsecond')
            WHERE id = ANY (ids);
        WHEN 'meeting_follow_up' THEN
            UPDATE meeting_follow_ups SET version = version + 1, updated_at = greatest(at, updated_at + interval '1 microsecond')
            WHERE id = ANY (ids);
        WHEN 'suggestion' THEN
            UPDATE suggestions SET version = version + 1, updated_at = greatest(at, updated_at + interval '1 microsecond')
            WHERE id = ANY (ids);
        WHEN 'suggestion_communication' THEN
            PERFORM raise_versions('suggestion',
                ARRAY (SELECT suggestion_id FROM suggestion_communications WHERE id = ANY (ids)), at);
        WHEN 'suggestion_reply' THEN
            PERFORM raise_versions('suggestion',
                ARRAY (SELECT suggestion_id FROM suggestion_replies WHERE id = ANY (ids)), at);
        WHEN 'commitment' THEN
            UPDATE commitments SET version = version + 1, updated_at = greatest(at, updated_at + interval '1 microsecond')
            WHERE id = ANY (ids);
        WHEN 'work_plan' THEN
            UPDATE work_plans SET version = version + 1, updated_at = greatest(at, updated_at + interval '1 microsecond')
            WHERE id = ANY (ids);
        WHEN 'work_report' THEN
            UPDATE work_reports SET version = version + 1, updated_at = greatest(at, updated_at + interval '1 microsecond')
            WHERE id = ANY (ids);
        WHEN 'reporting_duty' THEN
            -- A duty has no version of its own: it is shown with the plan or report that meets it.
            UPDATE work_plans SET version = version + 1, updated_at = greatest(at, updated_at + interval '1 microsecond')
            FROM reporting_duties AS duty
            WHERE duty.id = ANY (ids) AND duty.kind = 'work_plan' AND work_plans.department_id = duty.department_id
                AND work_plans.year = extract(year FROM duty.period_from);
            UPDATE work_reports SET version = version + 1, updated_at = greatest(at, updated_at + interval '1 microsecond')
            FROM reporting_duties AS duty
            WHERE duty.id = ANY (ids) AND duty.kind = 'work_report' AND work_reports.department_id = duty.department_id
                AND work_reports.period_from = duty.period_from AND work_reports.period_to = duty.period_to;
        ELSE
            NULL;
    END CASE;
END $$;

-- Papers: added, superseded or removed.
CREATE FUNCTION raise_version_of_carrier() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM raise_versions(NEW.subject_type, ARRAY[NEW.subject_id], NEW.updated_at);
    RETURN NULL;
END $$;
CREATE TRIGGER attachments_added AFTER INSERT ON attachments
    FOR EACH ROW EXECUTE FUNCTION raise_version_of_carrier();
CREATE TRIGGER attachments_removed AFTER UPDATE OF removed_at ON attachments
    FOR EACH ROW WHEN (OLD.removed_at IS DISTINCT FROM NEW.removed_at) EXECUTE FUNCTION raise_version_of_carrier();

-- 办理承诺 and follow-ups stand in the answers of what they belong to.
CREATE FUNCTION raise_version_of_suggestion() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM raise_versions('suggestion', ARRAY[NEW.suggestion_id], NEW.updated_at);
    RETURN NULL;
END $$;
CREATE TRIGGER commitments_changed AFTER UPDATE ON commitments
    FOR EACH ROW WHEN (OLD.version IS DISTINCT FROM NEW.version) EXECUTE FUNCTION raise_version_of_suggestion();

CREATE FUNCTION raise_version_of_meeting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM raise_versions('meeting', ARRAY[NEW.meeting_id], NEW.updated_at);
    RETURN NULL;
END $$;
CREATE TRIGGER meeting_follow_ups_changed AFTER UPDATE ON meeting_follow_ups
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION raise_version_of_meeting();

-- Deadlines that are moved: of many things at once where the calendar is corrected.
CREATE FUNCTION raise_versions_of_moved() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE TRIGGER deadline_moves_added AFTER INSERT ON deadline_moves
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION raise_versions_of_moved();

-- What is linked is shown by its title and state. At the end of the transaction: a step may write its instant last. Versions
-- alone are raised on the other side, so that two that link each other do not go on for ever.
CREATE FUNCTION raise_versions_linking_meeting() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    at timestamptz := (SELECT updated_at FROM meetings WHERE id = NEW.id);
BEGIN
    PERFORM raise_versions('suggestion', ARRAY (SELECT id FROM suggestions WHERE from_meeting_id = NEW.id), at);
    PERFORM raise_versions('work_report',
        ARRAY (SELECT work_report_id FROM work_report_meetings WHERE meeting_id = NEW.id), at);
    PERFORM raise_versions('work_plan', ARRAY (
        SELECT item.work_plan_id FROM work_plan_items AS item
        JOIN planned_item_meetings AS linked ON linked.item_id = item.item_id
        WHERE linked.meeting_id = NEW.id), at);
    PERFORM raise_versions('meeting_follow_up',
        ARRAY (SELECT id FROM meeting_follow_ups WHERE meeting_id = NEW.id AND updated_at < at), at);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER meetings_shown_elsewhere AFTER UPDATE ON meetings
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.state, OLD.title, OLD.starts_at) IS DISTINCT FROM (NEW.state, NEW.title, NEW.starts_at))
    EXECUTE FUNCTION raise_versions_linking_meeting();

CREATE FUNCTION raise_versions_linking_suggestion() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM raise_versions('meeting', ARRAY (
        SELECT meeting_id FROM meeting_agenda_items WHERE suggestion_id = NEW.id
        UNION SELECT NEW.from_meeting_id WHERE NEW.from_meeting_id IS NOT NULL
    ), (SELECT updated_at FROM suggestions WHERE id = NEW.id));
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER suggestions_shown_elsewhere AFTER UPDATE ON suggestions
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.state <> 'draft' AND (OLD.state, OLD.title, OLD.number) IS DISTINCT FROM (NEW.state, NEW.title, NEW.number))
    EXECUTE FUNCTION raise_versions_linking_suggestion();

CREATE FUNCTION raise_versions_linking_report() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM raise_versions('meeting', ARRAY (
        SELECT meeting_id FROM work_report_meetings WHERE work_report_id = NEW.id
        UNION SELECT meeting_id FROM meeting_agenda_items WHERE work_report_id = NEW.id
    ), (SELECT updated_at FROM work_reports WHERE id = NEW.id));
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER work_reports_shown_elsewhere AFTER UPDATE ON work_reports
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.submitted_at, OLD.superseded_at) IS DISTINCT FROM (NEW.submitted_at, NEW.superseded_at))
    EXECUTE FUNCTION raise_versions_linking_report();
