-- 三(四)4 意见建议: what a party raises with a department, its handling, replies, evaluations and commitments.

-- 32 columns at most, which is what diesel takes; it is one short of them.
CREATE TABLE suggestions (
    id uuid PRIMARY KEY,
    -- Who raises it: the first party of several.
    party_id uuid NOT NULL CONSTRAINT suggestions_party REFERENCES organizations,
    title text NOT NULL CONSTRAINT suggestions_title CHECK (title ~ '\S'),
    background text NOT NULL CONSTRAINT suggestions_background CHECK (background ~ '\S'),
    proposal text NOT NULL CONSTRAINT suggestions_proposal CHECK (proposal ~ '\S'),
    category text CONSTRAINT suggestions_category CHECK (category ~ '\S'),
    -- Names.
    authors jsonb NOT NULL CONSTRAINT suggestions_authors CHECK (jsonb_typeof(authors) = 'array'),
    -- Name and phone.
    contact jsonb CONSTRAINT suggestions_contact CHECK (jsonb_typeof(contact) = 'object'),
    -- Who handles it now; `suggestion_handlings` has who did before, and who joins in.
    lead_department_id uuid NOT NULL CONSTRAINT suggestions_lead REFERENCES organizations,
    state text NOT NULL CONSTRAINT suggestions_state
        CHECK (state IN ('draft', 'submitted', 'returned', 'accepted', 'replied', 'withdrawn', 'concluded')),
    -- 〔2026〕民盟-教育-003: given at submission, for ever.
    number text CONSTRAINT suggestions_number UNIQUE,
    -- The lead department did not liaise with the party on the day of submission.
    outside_assignment boolean NOT NULL DEFAULT false,
    round integer NOT NULL DEFAULT 1 CONSTRAINT suggestions_round CHECK (round IN (1, 2)),
    -- The last round in which the department and the party have talked; 0 before any.
    communicated_round integer NOT NULL DEFAULT 0 CONSTRAINT suggestions_communicated_round CHECK (communicated_round BETWEEN 0 AND round),
    -- Of the last reply.
    result text CONSTRAINT suggestions_result CHECK (result IN ('A', 'B', 'C', 'D')),
    -- Filing and evaluation are those of the last round that was replied in.
    filing text NOT NULL DEFAULT 'none' CONSTRAINT suggestions_filing CHECK (filing IN ('none', 'reported', 'returned', 'filed')),
    filing_number text CONSTRAINT suggestions_filing_number UNIQUE,
    evaluation text NOT NULL DEFAULT 'none' CONSTRAINT suggestions_evaluation CHECK (evaluation IN ('none', 'awaited', 'received', 'lapsed')),
    -- 协商会, after the second dissatisfaction.
    mediation text NOT NULL DEFAULT 'none' CONSTRAINT suggestions_mediation CHECK (mediation IN ('none', 'needed', 'held')),
    -- One in all; a refusal does not use it up.
    extension text NOT NULL DEFAULT 'none' CONSTRAINT suggestions_extension CHECK (extension IN ('none', 'requested', 'granted', 'denied')),
    extension_until date,
    extension_reason text,
    -- The next deadline that runs, of whomever: kept by a trigger on `todos`, for lists by urgency.
    due_on date,
    submitted_at timestamptz,
    accepted_at timestamptz,
    replied_at timestamptz,
    concluded_at timestamptz,
    withdrawn_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT suggestions_submitted CHECK ((state = 'draft') = (submitted_at IS NULL) AND (state = 'draft') = (number IS NULL)),
    CONSTRAINT suggestions_replied CHECK (
        (replied_at IS NULL) = (result IS NULL) AND (replied_at IS NULL) = (filing = 'none')
        AND (replied_at IS NULL) = (evaluation = 'none') AND (state NOT IN ('replied', 'concluded') OR replied_at IS NOT NULL)),
    CONSTRAINT suggestions_filed CHECK (filing <> 'filed' OR filing_number IS NOT NULL),
    CONSTRAINT suggestions_extended CHECK ((extension = 'none') = (extension_until IS NULL) AND (extension = 'none') = (extension_reason IS NULL)),
    CONSTRAINT suggestions_withdrawn CHECK ((state = 'withdrawn') = (withdrawn_at IS NOT NULL)),
    CONSTRAINT suggestions_concluded CHECK (
        (state = 'concluded') = (concluded_at IS NOT NULL)
        AND (state <> 'concluded' OR filing = 'filed' AND evaluation IN ('received', 'lapsed') AND mediation <> 'needed'))
);
-- Lists, in their usual filters. Drafts are in those of their own party alone, so that writing one touches few.
CREATE INDEX suggestions_of_party ON suggestions (party_id, created_at, id);
CREATE INDEX suggestions_of_party_by_state ON suggestions (party_id, state, created_at, id);
CREATE INDEX suggestions_of_lead ON suggestions (lead_department_id, created_at, id) WHERE state <> 'draft';
CREATE INDEX suggestions_of_lead_by_state ON suggestions (lead_department_id, state, created_at, id) WHERE state <> 'draft';
CREATE INDEX suggestions_of_lead_by_due_day ON suggestions (lead_department_id, coalesce(due_on, 'infinity'::date), id) WHERE state <> 'draft';
-- The foreign key's, drafts included.
CREATE INDEX suggestions_named_lead ON suggestions (lead_department_id);
CREATE INDEX suggestions_created_at ON suggestions (created_at, id) WHERE state <> 'draft';
CREATE INDEX suggestions_by_state ON suggestions (state, created_at, id) WHERE state <> 'draft';
CREATE INDEX suggestions_submitted_at ON suggestions (coalesce(submitted_at, '-infinity'::timestamptz), id) WHERE state <> 'draft';
CREATE INDEX suggestions_updated_at ON suggestions (updated_at, id) WHERE state <> 'draft';
CREATE INDEX suggestions_due_on ON suggestions (coalesce(due_on, 'infinity'::date), id) WHERE state <> 'draft';
CREATE INDEX suggestions_by_filing ON suggestions (filing, created_at, id) WHERE filing <> 'none';
CREATE INDEX suggestions_by_evaluation ON suggestions (evaluation, created_at, id) WHERE evaluation <> 'none';
CREATE INDEX suggestions_by_result ON suggestions (result, created_at, id) WHERE result IS NOT NULL;
CREATE INDEX suggestions_by_category ON suggestions (category, created_at, id) WHERE state <> 'draft' AND category IS NOT NULL;
CREATE INDEX suggestions_outside ON suggestions (created_at, id) WHERE state <> 'draft' AND outside_assignment;
CREATE INDEX suggestions_second_round ON suggestions (created_at, id) WHERE round = 2;

-- 联名: the parties that sign, too. Each has signed before submission, or been removed.
CREATE TABLE suggestion_signatures (
    suggestion_id uuid NOT NULL REFERENCES suggestions,
    party_id uuid NOT NULL,
    party_kind text NOT NULL GENERATED ALWAYS AS ('party') STORED,
    position integer NOT NULL,
    -- From then on it reads the draft.
    requested_at timestamptz,
    signed_at timestamptz,
    declined_at timestamptz,
    -- User name of who signed or declined.
    answered_by text,
    reason text,
    PRIMARY KEY (suggestion_id, party_id),
    CONSTRAINT suggestion_signatures_party FOREIGN KEY (party_id, party_kind) REFERENCES organizations (id, kind),
    CONSTRAINT suggestion_signatures_answered CHECK (
        num_nonnulls(signed_at, declined_at) <= 1 AND (num_nonnulls(signed_at, declined_at) = 1) = (answered_by IS NOT NULL)
        AND (requested_at IS NOT NULL OR answered_by IS NULL))
);
CREATE INDEX suggestion_signatures_of_party ON suggestion_signatures (party_id, suggestion_id);

-- One row a department that leads or joins in the handling; a reassignment ends rows and makes new ones.
CREATE TABLE suggestion_handlings (
    id uuid PRIMARY KEY,
    suggestion_id uuid NOT NULL REFERENCES suggestions,
    department_id uuid NOT NULL,
    department_kind text NOT NULL GENERATED ALWAYS AS ('department') STORED,
    role text NOT NULL CONSTRAINT suggestion_handlings_role CHECK (role IN ('lead', 'joint')),
    position integer NOT NULL,
    started_at timestamptz NOT NULL,
    -- Of the lead.
    accepted_at timestamptz,
    handler text CONSTRAINT suggestion_handlings_handler CHECK (handler ~ '\S'),
    office text CONSTRAINT suggestion_handlings_office CHECK (office ~ '\S'),
    returned_at timestamptz,
    return_reason text CONSTRAINT suggestion_handlings_return_reason CHECK (return_reason ~ '\S'),
    proposed_department_id uuid CONSTRAINT suggestion_handlings_proposed REFERENCES organizations,
    -- 会办意见, of a joint department.
    opinion text CONSTRAINT suggestion_handlings_opinion CHECK (opinion ~ '\S'),
    opinion_at timestamptz,
    opinion_by text,
    ended_at timestamptz,
    -- What a former lead last saw of the suggestion: it reads no further.
    last_seen jsonb,
    CONSTRAINT suggestion_handlings_department FOREIGN KEY (department_id, department_kind) REFERENCES organizations (id, kind),
    CONSTRAINT suggestion_handlings_accepted CHECK (num_nulls(accepted_at, handler, office) IN (0, 3)),
    CONSTRAINT suggestion_handlings_returned CHECK (num_nulls(returned_at, return_reason) IN (0, 2)),
    CONSTRAINT suggestion_handlings_opinion_given CHECK (num_nulls(opinion, opinion_at, opinion_by) IN (0, 3)),
    CONSTRAINT suggestion_handlings_of_role CHECK (
        CASE role WHEN 'lead' THEN opinion IS NULL ELSE num_nonnulls(accepted_at, returned_at) = 0 END),
    CONSTRAINT suggestion_handlings_last_seen CHECK ((role = 'lead' AND ended_at IS NOT NULL) = (last_seen IS NOT NULL))
);
CREATE UNIQUE INDEX suggestion_handlings_once ON suggestion_handlings (suggestion_id, department_id) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX suggestion_handlings_one_lead ON suggestion_handlings (suggestion_id) WHERE ended_at IS NULL AND role = 'lead';
CREATE INDEX suggestion_handlings_of_suggestion ON suggestion_handlings (suggestion_id, position);
CREATE INDEX suggestion_handlings_of_department ON suggestion_handlings (department_id, suggestion_id);
CREATE INDEX suggestion_handlings_proposed_department ON suggestion_handlings (proposed_department_id) WHERE proposed_department_id IS NOT NULL;

-- The timeline: who did what when, with its text.
CREATE TABLE suggestion_steps (
    id uuid PRIMARY KEY,
    suggestion_id uuid NOT NULL REFERENCES suggestions,
    step text NOT NULL,
    round integer NOT NULL,
    -- Afterwards.
    state text NOT NULL,
    occurred_at timestamptz NOT NULL,
    -- Null: time did it.
    organization_id uuid CONSTRAINT suggestion_steps_organization REFERENCES organizations,
    actor text,
    text text CONSTRAINT suggestion_steps_text CHECK (text ~ '\S'),
    -- What the step says beside its text: a new day, a department, the id of a reply.
    details jsonb
);
CREATE INDEX suggestion_steps_of_suggestion ON suggestion_steps (suggestion_id, occurred_at, id);
CREATE INDEX suggestion_steps_of_organization ON suggestion_steps (organization_id) WHERE organization_id IS NOT NULL;

-- 沟通
CREATE TABLE suggestion_communications (
    id uuid PRIMARY KEY,
    suggestion_id uuid NOT NULL REFERENCES suggestions,
    round integer NOT NULL,
    way text NOT NULL CONSTRAINT suggestion_communications_way CHECK (way IN ('visit', 'meeting', 'phone', 'field')),
    held_on date NOT NULL,
    persons jsonb NOT NULL CONSTRAINT suggestion_communications_persons CHECK (jsonb_typeof(persons) = 'array'),
    gist text NOT NULL CONSTRAINT suggestion_communications_gist CHECK (gist ~ '\S'),
    -- Who recorded it.
    organization_id uuid NOT NULL CONSTRAINT suggestion_communications_organization REFERENCES organizations,
    created_at timestamptz NOT NULL
);
CREATE INDEX suggestion_communications_of_suggestion ON suggestion_communications (suggestion_id, created_at, id);
CREATE INDEX suggestion_communications_recorded_by ON suggestion_communications (organization_id);

-- 答复: a row a version; a correction is a new one.
CREATE TABLE suggestion_replies (
    id uuid PRIMARY KEY,
    suggestion_id uuid NOT NULL REFERENCES suggestions,
    round integer NOT NULL,
    version_number integer NOT NULL CONSTRAINT suggestion_replies_version_number CHECK (version_number >= 1),
    department_id uuid NOT NULL,
    department_kind text NOT NULL GENERATED ALWAYS AS ('department') STORED,
    text text NOT NULL CONSTRAINT suggestion_replies_text CHECK (text ~ '\S'),
    document_number text,
    signatory text,
    result text NOT NULL CONSTRAINT suggestion_replies_result CHECK (result IN ('A', 'B', 'C', 'D')),
    missing_opinions_reason text,
    -- Why it was corrected; none of a first version.
    correction_reason text,
    replied_at timestamptz NOT NULL,
    replied_by text NOT NULL,
    CONSTRAINT suggestion_replies_once UNIQUE (suggestion_id, round, version_number),
    CONSTRAINT suggestion_replies_department FOREIGN KEY (department_id, department_kind) REFERENCES organizations (id, kind),
    CONSTRAINT suggestion_replies_corrected CHECK ((version_number = 1) = (correction_reason IS NULL))
);
CREATE INDEX suggestion_replies_of_department ON suggestion_replies (department_id);
CREATE TRIGGER suggestion_replies_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON suggestion_replies
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- 反馈回执: by the party alone, once a round; silence is no row.
CREATE TABLE feedback_receipts (
    id uuid PRIMARY KEY,
    suggestion_id uuid NOT NULL REFERENCES suggestions,
    round integer NOT NULL,
    party_id uuid NOT NULL,
    party_kind text NOT NULL GENERATED ALWAYS AS ('party') STORED,
    -- The version of the reply that was read.
    reply_id uuid NOT NULL CONSTRAINT feedback_receipts_reply REFERENCES suggestion_replies,
    attitude text NOT NULL CONSTRAINT feedback_receipts_attitude CHECK (attitude IN ('satisfied', 'mostly_satisfied', 'dissatisfied')),
    result text NOT NULL CONSTRAINT feedback_receipts_result CHECK (result IN ('satisfied', 'mostly_satisfied', 'dissatisfied')),
    comment text CONSTRAINT feedback_receipts_comment CHECK (comment ~ '\S'),
    signatory text,
    due_on date NOT NULL,
    late boolean NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT feedback_receipts_once UNIQUE (suggestion_id, round),
    CONSTRAINT feedback_receipts_party FOREIGN KEY (party_id, party_kind) REFERENCES organizations (id, kind),
    CONSTRAINT feedback_receipts_reasoned CHECK (comment IS NOT NULL OR attitude <> 'dissatisfied' AND result <> 'dissatisfied')
);
CREATE INDEX feedback_receipts_of_party ON feedback_receipts (party_id, created_at, id);
CREATE INDEX feedback_receipts_reply_read ON feedback_receipts (reply_id);
CREATE INDEX feedback_receipts_created_at ON feedback_receipts (created_at, id);
CREATE TRIGGER feedback_receipts_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON feedback_receipts
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- 办理承诺: what a reply promises, followed beyond the suggestion's conclusion.
CREATE TABLE commitments (
    id uuid PRIMARY KEY,
    suggestion_id uuid NOT NULL REFERENCES suggestions,
    reply_id uuid NOT NULL CONSTRAINT commitments_reply REFERENCES suggestion_replies,
    -- Who owes it: the lead.
    department_id uuid NOT NULL,
    department_kind text NOT NULL GENERATED ALWAYS AS ('department') STORED,
    position integer NOT NULL,
    text text NOT NULL CONSTRAINT commitments_text CHECK (text ~ '\S'),
    due_on date NOT NULL,
    state text NOT NULL CONSTRAINT commitments_state CHECK (state IN ('open', 'abandonment_requested', 'fulfilled', 'abandoned')),
    -- What was done.
    fulfilment text CONSTRAINT commitments_fulfilment CHECK (fulfilment ~ '\S'),
    fulfilled_at timestamptz,
    abandonment_reason text CONSTRAINT commitments_abandonment_reason CHECK (abandonment_reason ~ '\S'),
    abandonment_requested_at timestamptz,
    abandonment_granted boolean,
    abandonment_decision text CONSTRAINT commitments_abandonment_decision CHECK (abandonment_decision ~ '\S'),
    abandonment_decided_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT commitments_department FOREIGN KEY (department_id, department_kind) REFERENCES organizations (id, kind),
    CONSTRAINT commitments_fulfilled CHECK (num_nulls(fulfilment, fulfilled_at) IN (0, 2) AND (state = 'fulfilled') = (fulfilled_at IS NOT NULL)),
    CONSTRAINT commitments_abandoned CHECK (
        (state NOT IN ('abandonment_requested', 'abandoned') OR abandonment_reason IS NOT NULL)
        AND (state <> 'abandoned' OR abandonment_decided_at IS NOT NULL))
);
CREATE INDEX commitments_of_suggestion ON commitments (suggestion_id, position);
CREATE INDEX commitments_of_reply ON commitments (reply_id);
CREATE INDEX commitments_of_department ON commitments (department_id, due_on, id);
CREATE INDEX commitments_due_on ON commitments (due_on, id);
CREATE INDEX commitments_created_at ON commitments (created_at, id);
CREATE INDEX commitments_owed ON commitments (due_on, id) WHERE state IN ('open', 'abandonment_requested');

-- The last number given of each series of a year: 民盟-教育, 备案.
CREATE TABLE suggestion_counters (
    year integer NOT NULL,
    series text NOT NULL,
    last integer NOT NULL,
    PRIMARY KEY (year, series)
);

-- Which step began and ended what waits, and whether its day was extended: such a day the calendar no longer moves.
ALTER TABLE todos
    ADD COLUMN opened_by text,
    ADD COLUMN closed_by text,
    ADD COLUMN extended_at timestamptz;

-- The next deadline of a suggestion follows from what waits, whoever changes that.
CREATE FUNCTION keep_suggestion_due_on() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE TRIGGER todos_of_suggestions_opened AFTER INSERT ON todos
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION keep_suggestion_due_on();
CREATE TRIGGER todos_of_suggestions_changed AFTER UPDATE ON todos
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION keep_suggestion_due_on();
