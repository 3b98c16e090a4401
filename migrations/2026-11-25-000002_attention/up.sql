-- Attention: what waits for whom and until when, what was told to whom, and the order in which changes became visible.

-- A change's place among all changes. `seq` is given when it is written, `position` by the runner after its commit: dense,
-- and never lower than one that anybody has read. Changes of one subject are written under its row lock, so their order
-- by `seq` is that of their commits.
ALTER TABLE events
    ADD COLUMN seq bigint GENERATED ALWAYS AS IDENTITY,
    ADD COLUMN position bigint CONSTRAINT events_position UNIQUE;
CREATE INDEX events_waiting ON events (seq) WHERE position IS NULL;
CREATE INDEX events_subject ON events (subject_id, position);

CREATE TABLE event_head (
    only_row boolean PRIMARY KEY DEFAULT true CONSTRAINT event_head_one_row CHECK (only_row),
    position bigint NOT NULL
);
INSERT INTO event_head (position) VALUES (0);

-- 待办: something that waits for an organization, and its deadline where it has one. Stays when it is done: late is late.
CREATE TABLE todos (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations,
    kind text NOT NULL,
    subject_type text NOT NULL,
    subject_id uuid NOT NULL,
    title text NOT NULL CONSTRAINT todos_title CHECK (title ~ '\S'),
    opened_at timestamptz NOT NULL,
    -- Where the deadline runs by a term: from when, and how long. The term is kept: a setting changed later does not move it.
    started_on date,
    amount integer CONSTRAINT todos_amount CHECK (amount > 0),
    unit text CONSTRAINT todos_unit CHECK (unit IN ('working_days', 'days', 'months')),
    due_on date,
    closed_at timestamptz,
    CONSTRAINT todos_term CHECK (num_nulls(started_on, amount, unit) IN (0, 3)),
    CONSTRAINT todos_term_has_due_day CHECK (started_on IS NULL OR due_on IS NOT NULL)
);
-- One thing waits for one organization once.
CREATE UNIQUE INDEX todos_open ON todos (subject_id, organization_id, kind) WHERE closed_at IS NULL;
CREATE INDEX todos_of_organization ON todos (organization_id, coalesce(due_on, 'infinity'::date), id) WHERE closed_at IS NULL;
CREATE INDEX todos_organization ON todos (organization_id);
CREATE INDEX todos_subject ON todos (subject_id, opened_at, id);
CREATE INDEX todos_running ON todos (started_on) WHERE closed_at IS NULL AND started_on IS NOT NULL;

-- A deadline moved by a correction of the calendar, and why.
CREATE TABLE deadline_moves (
    id uuid PRIMARY KEY,
    todo_id uuid NOT NULL REFERENCES todos,
    moved_at timestamptz NOT NULL,
    due_before date NOT NULL,
    due_after date NOT NULL,
    reason text NOT NULL CONSTRAINT deadline_moves_reason CHECK (reason ~ '\S')
);
CREATE INDEX deadline_moves_todo ON deadline_moves (todo_id, moved_at);

-- Reminders of a deadline that are still to be sent or were; those not yet sent go with the to-do.
CREATE TABLE reminders (
    todo_id uuid NOT NULL REFERENCES todos,
    step text NOT NULL CONSTRAINT reminders_step CHECK (step IN ('handler_first', 'handler_second', 'leader', 'coordinator')),
    remind_on date NOT NULL,
    sent_at timestamptz,
    PRIMARY KEY (todo_id, step)
);
CREATE INDEX reminders_due ON reminders (remind_on) WHERE sent_at IS NULL;

-- 通知: what an organization is told; one row, however many users read it.
CREATE TABLE notices (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations,
    kind text NOT NULL,
    -- For whom within the organization a reminder is meant.
    level text CONSTRAINT notices_level CHECK (level IN ('handler', 'leader', 'coordinator')),
    subject_type text NOT NULL,
    subject_id uuid NOT NULL,
    title text NOT NULL CONSTRAINT notices_title CHECK (title ~ '\S'),
    text text NOT NULL CONSTRAINT notices_text CHECK (text ~ '\S'),
    created_at timestamptz NOT NULL,
    -- By e-mail, where a server is set: claimed until, tried how often, done.
    mail_claimed_until timestamptz,
    mail_attempts integer NOT NULL DEFAULT 0,
    mailed_at timestamptz
);
CREATE INDEX notices_organization ON notices (organization_id, created_at, id);
CREATE INDEX notices_subject ON notices (subject_id, created_at);
CREATE INDEX notices_to_mail ON notices (created_at) WHERE mailed_at IS NULL;

CREATE TABLE notifications (
    user_id uuid NOT NULL REFERENCES users,
    notice_id uuid NOT NULL REFERENCES notices,
    created_at timestamptz NOT NULL,
    read_at timestamptz,
    PRIMARY KEY (user_id, notice_id)
);
CREATE INDEX notifications_of_user ON notifications (user_id, created_at, notice_id);
CREATE INDEX notifications_unread ON notifications (user_id) WHERE read_at IS NULL;
CREATE INDEX notifications_notice ON notifications (notice_id);
