-- What was submitted, sent, signed or concluded keeps its papers: a new version may supersede one, none is removed. The service
-- answers 409 before it comes to this; here it holds for whoever writes.

-- Whether what an attachment hangs on is past the point where its author may still take a paper back.
CREATE FUNCTION attachment_is_kept(carrier text, record uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN CASE carrier
        WHEN 'scheme' THEN EXISTS (SELECT 1 FROM schemes WHERE id = record AND published_at IS NOT NULL)
        WHEN 'liaison_leader' THEN EXISTS (SELECT 1 FROM liaison_leaders WHERE id = record)
        WHEN 'problem_report' THEN EXISTS (SELECT 1 FROM problem_reports WHERE id = record AND state <> 'raised')
        WHEN 'bulletin' THEN EXISTS (SELECT 1 FROM bulletins WHERE id = record AND state <> 'draft')
        WHEN 'meeting' THEN EXISTS (SELECT 1 FROM meetings WHERE id = record AND state <> 'draft')
        WHEN 'work_plan' THEN EXISTS (SELECT 1 FROM work_plans WHERE id = record AND state <> 'draft')
        WHEN 'work_report' THEN EXISTS (SELECT 1 FROM work_reports WHERE id = record AND state <> 'draft')
        WHEN 'suggestion' THEN EXISTS (SELECT 1 FROM suggestions WHERE id = record AND state <> 'draft')
        -- Until the reply that rests on it.
        WHEN 'suggestion_communication' THEN EXISTS (
            SELECT 1 FROM suggestion_communications AS talk JOIN suggestions ON suggestions.id = talk.suggestion_id
            WHERE talk.id = record AND (suggestions.state <> 'accepted' OR suggestions.round <> talk.round))
        WHEN 'suggestion_reply' THEN EXISTS (SELECT 1 FROM suggestion_replies WHERE id = record)
        -- A carrier that nobody has thought of here keeps what hangs on it.
        ELSE true
    END;
END $$;

CREATE FUNCTION keep_attachment_of_record() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF attachment_is_kept(NEW.subject_type, NEW.subject_id) THEN
        RAISE EXCEPTION 'attachment % stays with its record', NEW.id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'attachments_kept_with_record';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER attachments_kept_with_record BEFORE UPDATE OF removed_at ON attachments
    FOR EACH ROW WHEN (OLD.removed_at IS NULL AND NEW.removed_at IS NOT NULL) EXECUTE FUNCTION keep_attachment_of_record();
