-- 日常信息交流: what one side of the liaison sends to the other (三(三)).
CREATE TABLE bulletins (
    id uuid PRIMARY KEY,
    sender_id uuid NOT NULL,
    sender_kind text NOT NULL CONSTRAINT bulletins_sender_kind CHECK (sender_kind IN ('department', 'party', 'coordinator')),
    category text NOT NULL CONSTRAINT bulletins_category
        CHECK (category IN ('policy_document', 'work_update', 'statistics', 'comment_request', 'other')),
    title text NOT NULL CONSTRAINT bulletins_title CHECK (title ~ '\S'),
    text text NOT NULL CONSTRAINT bulletins_text CHECK (text ~ '\S'),
    state text NOT NULL CONSTRAINT bulletins_state CHECK (state IN ('draft', 'sent', 'withdrawn')),
    -- To the organizations that liaise with the sender on the day of sending, not to named ones.
    to_linked boolean NOT NULL,
    -- Declared on sending: nothing classified in it.
    no_secrets boolean NOT NULL DEFAULT false,
    sent_at timestamptz,
    withdrawn_at timestamptz,
    withdrawal_reason text CONSTRAINT bulletins_withdrawal_reason CHECK (withdrawal_reason ~ '\S'),
    -- Its place in lists: when it was sent, and of a draft when it was last edited.
    dated_at timestamptz NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT bulletins_sender FOREIGN KEY (sender_id, sender_kind) REFERENCES organizations (id, kind),
    CONSTRAINT bulletins_sent CHECK ((state = 'draft') = (sent_at IS NULL) AND (sent_at IS NULL OR no_secrets)),
    CONSTRAINT bulletins_withdrawn
        CHECK (num_nulls(withdrawn_at, withdrawal_reason) IN (0, 2) AND (state = 'withdrawn') = (withdrawn_at IS NOT NULL))
);
CREATE INDEX bulletins_of_sender ON bulletins (sender_id, dated_at, id);
CREATE INDEX bulletins_dated_at ON bulletins (dated_at, id);
CREATE INDEX bulletins_updated_at ON bulletins (updated_at, id);

-- To whom a bulletin goes: of a draft those that are named, of a sent one all that were told, with their receipts (签收).
CREATE TABLE bulletin_recipients (
    bulletin_id uuid NOT NULL REFERENCES bulletins,
    organization_id uuid NOT NULL REFERENCES organizations,
    -- Not linked with the sender on the day of sending; of a draft, today.
    outside_assignment boolean NOT NULL,
    told_at timestamptz,
    acknowledged_at timestamptz,
    -- User name of who did.
    acknowledged_by text,
    PRIMARY KEY (bulletin_id, organization_id),
    CONSTRAINT bulletin_recipients_acknowledged
        CHECK (num_nulls(acknowledged_at, acknowledged_by) IN (0, 2) AND (acknowledged_at IS NULL OR told_at IS NOT NULL))
);
CREATE INDEX bulletin_recipients_organization ON bulletin_recipients (organization_id, bulletin_id);
CREATE INDEX bulletin_recipients_unread ON bulletin_recipients (organization_id, bulletin_id)
    WHERE told_at IS NOT NULL AND acknowledged_at IS NULL;

-- What was sent stays what it was: a mistake is withdrawn, and sent anew.
CREATE FUNCTION keep_sent_bulletin() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'draft' AND (TG_OP = 'DELETE'
        OR (NEW.sender_id, NEW.category, NEW.title, NEW.text, NEW.sent_at) IS DISTINCT FROM
           (OLD.sender_id, OLD.category, OLD.title, OLD.text, OLD.sent_at))
    THEN
        RAISE EXCEPTION 'bulletin % stays as it was sent', OLD.id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'bulletins_kept';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER bulletins_kept BEFORE UPDATE OR DELETE ON bulletins
    FOR EACH ROW EXECUTE FUNCTION keep_sent_bulletin();
