-- Switches that have been set by hand; all others have the default that the program brings.
CREATE TABLE switches (
    key text PRIMARY KEY,
    id uuid NOT NULL CONSTRAINT switches_id UNIQUE,
    enabled boolean NOT NULL,
    version bigint NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE TRIGGER switches_revision AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON switches
    FOR EACH STATEMENT EXECUTE FUNCTION raise_timing_revision();

-- 补开: opened only when its own term was over, since nothing ran while it lasted.
ALTER TABLE reporting_duties ADD COLUMN opened_late boolean NOT NULL DEFAULT false;
ALTER TABLE liaison_confirmations ADD COLUMN opened_late boolean NOT NULL DEFAULT false;

-- Until when something can be done at all; from then on it waits for nobody, whether the runner has closed it or not.
ALTER TABLE todos ADD COLUMN ends_at timestamptz;
UPDATE todos SET ends_at = meetings.starts_at
    FROM meetings WHERE meetings.id = todos.subject_id AND todos.kind = 'answer_invitation' AND todos.closed_at IS NULL;
CREATE INDEX todos_ending ON todos (ends_at) WHERE closed_at IS NULL AND ends_at IS NOT NULL;

-- A first registration is in time within the term of the to-do that asked for it, whatever day it took effect.
UPDATE liaison_leaders AS leader SET late = false, report_due_on = todo.due_on
    FROM todos AS todo
    WHERE leader.late AND todo.subject_id = leader.department_id AND todo.kind = 'appoint_liaison_leader'
        AND (leader.reported_at AT TIME ZONE 'Asia/Shanghai')::date <= todo.due_on
        AND NOT EXISTS (SELECT 1 FROM liaison_leaders AS earlier
            WHERE earlier.department_id = leader.department_id
                AND (earlier.reported_at, earlier.id) < (leader.reported_at, leader.id));

-- Until when an invitation was to be answered; null where nobody was asked, since it was recorded afterwards or goes in writing.
ALTER TABLE meeting_invitations ADD COLUMN answer_until timestamptz;
UPDATE meeting_invitations AS invitation SET answer_until = meeting.starts_at
    FROM meetings AS meeting
    WHERE meeting.id = invitation.meeting_id AND meeting.form = 'meeting' AND meeting.state <> 'draft'
        AND greatest(meeting.convened_at, invitation.created_at) < meeting.starts_at
        AND NOT (invitation.co_host AND invitation.answered_at IS NULL AND invitation.answer = 'accepted');

-- An appointment ends with its department.
UPDATE liaison_leaders AS leader SET effective_until = department.ended_on
    FROM organizations AS department
    WHERE department.id = leader.department_id AND leader.effective_from < department.ended_on
        AND (leader.effective_until IS NULL OR leader.effective_until > department.ended_on);

-- A person is named by the account's display name. What is append-only stays as it was written.
UPDATE suggestion_steps SET actor = display_name FROM users WHERE username = actor;
UPDATE suggestion_signatures SET answered_by = display_name FROM users WHERE username = answered_by;
UPDATE suggestion_handlings SET opinion_by = display_name FROM users WHERE username = opinion_by;
UPDATE liaison_leader_receipts SET acknowledged_by = display_name FROM users WHERE username = acknowledged_by;
UPDATE bulletin_recipients SET acknowledged_by = display_name FROM users WHERE username = acknowledged_by;

-- 相关制度 by the notice’s own five kinds (三(三)).
ALTER TABLE liaison_rules DROP CONSTRAINT liaison_rules_kind;
UPDATE liaison_rules SET kind = CASE kind
    WHEN 'consultation' THEN 'decision_consultation'
    WHEN 'briefing' THEN 'decision_consultation'
    WHEN 'information' THEN 'information_exchange'
    WHEN 'suggestion_handling' THEN 'feedback'
    ELSE 'other' END;
ALTER TABLE liaison_rules ADD CONSTRAINT liaison_rules_kind CHECK (kind IN
    ('important_events', 'decision_consultation', 'joint_research', 'information_exchange', 'feedback', 'other'));
