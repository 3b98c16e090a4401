-- 三(三), 三(四)1, 三(四)2: meetings and other liaison activities, who was invited and came, consultations before decisions.

CREATE TABLE meetings (
    id uuid PRIMARY KEY,
    kind text NOT NULL CONSTRAINT meetings_kind CHECK (kind IN (
        'liaison_meeting', 'important_meeting', 'major_event', 'decision_consultation', 'decision_briefing', 'joint_research',
        'foreign_affairs_event', 'visit', 'social_service', 'other')),
    social_service_kind text CONSTRAINT meetings_social_service_kind CHECK (social_service_kind IN (
        'investment_promotion', 'agricultural_science', 'free_clinic', 'poverty_relief', 'other')),
    title text NOT NULL CONSTRAINT meetings_title CHECK (title ~ '\S'),
    description text CONSTRAINT meetings_description CHECK (description ~ '\S'),
    -- Come together, or in writing.
    form text NOT NULL CONSTRAINT meetings_form CHECK (form IN ('meeting', 'written')),
    state text NOT NULL CONSTRAINT meetings_state CHECK (state IN ('draft', 'convened', 'held', 'concluded', 'cancelled')),
    starts_at timestamptz NOT NULL,
    ends_at timestamptz CONSTRAINT meetings_ends_after_start CHECK (ends_at > starts_at),
    place text CONSTRAINT meetings_place CHECK (place ~ '\S'),
    online_address text CONSTRAINT meetings_online_address CHECK (online_address ~ '\S'),
    -- 重大事项: what is to be decided, when, and until when opinions are asked for.
    decision_matter text CONSTRAINT meetings_decision_matter CHECK (decision_matter ~ '\S'),
    decision_planned_on date,
    opinions_due_on date,
    -- The decision as it was made.
    decided_on date,
    decision_text text CONSTRAINT meetings_decision_text CHECK (decision_text ~ '\S'),
    minutes_text text CONSTRAINT meetings_minutes_text CHECK (minutes_text ~ '\S'),
    -- Texts.
    minutes_decisions jsonb NOT NULL DEFAULT '[]' CONSTRAINT meetings_minutes_decisions CHECK (jsonb_typeof(minutes_decisions) = 'array'),
    -- SEQUENCE of RFC 5545: raised by each change of time or place, and by the cancellation.
    sequence integer NOT NULL DEFAULT 0 CONSTRAINT meetings_sequence CHECK (sequence >= 0),
    convened_at timestamptz,
    held_at timestamptz,
    concluded_at timestamptz,
    cancelled_at timestamptz,
    cancel_reason text CONSTRAINT meetings_cancel_reason CHECK (cancel_reason ~ '\S'),
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT meetings_social_service CHECK ((kind = 'social_service') = (social_service_kind IS NOT NULL)),
    CONSTRAINT meetings_decision CHECK (
        (kind IN ('decision_consultation', 'decision_briefing')) = (decision_matter IS NOT NULL)
        AND num_nulls(decision_matter, decision_planned_on, opinions_due_on) IN (0, 3)),
    CONSTRAINT meetings_decided CHECK (num_nulls(decided_on, decision_text) IN (0, 2) AND (decided_on IS NULL OR decision_matter IS NOT NULL)),
    CONSTRAINT meetings_written CHECK (
        form = 'meeting' OR kind IN ('decision_consultation', 'decision_briefing') AND num_nulls(place, online_address, held_at) = 3),
    CONSTRAINT meetings_somewhere CHECK (form = 'written' OR num_nonnulls(place, online_address) > 0),
    CONSTRAINT meetings_convened CHECK ((state = 'draft') = (convened_at IS NULL)),
    CONSTRAINT meetings_held CHECK (form = 'written' OR (state IN ('held', 'concluded')) = (held_at IS NOT NULL)),
    CONSTRAINT meetings_concluded CHECK ((state = 'concluded') = (concluded_at IS NOT NULL) AND (state <> 'concluded' OR minutes_text IS NOT NULL)),
    CONSTRAINT meetings_cancelled CHECK ((state = 'cancelled') = (cancelled_at IS NOT NULL) AND (cancelled_at IS NULL) = (cancel_reason IS NULL))
);
CREATE INDEX meetings_starts_at ON meetings (starts_at, id) WHERE state <> 'draft';
CREATE INDEX meetings_by_state ON meetings (state, starts_at, id);
CREATE INDEX meetings_by_kind ON meetings (kind, starts_at, id);
CREATE INDEX meetings_created_at ON meetings (created_at, id);
CREATE INDEX meetings_updated_at ON meetings (updated_at, id);

-- Departments, or 市委统战部; several hold a meeting together.
CREATE TABLE meeting_hosts (
    meeting_id uuid NOT NULL REFERENCES meetings ON DELETE CASCADE,
    organization_id uuid NOT NULL,
    organization_kind text NOT NULL CONSTRAINT meeting_hosts_kind CHECK (organization_kind IN ('department', 'coordinator')),
    position integer NOT NULL,
    PRIMARY KEY (meeting_id, organization_id),
    CONSTRAINT meeting_hosts_organization FOREIGN KEY (organization_id, organization_kind) REFERENCES organizations (id, kind)
);
CREATE INDEX meeting_hosts_of_organization ON meeting_hosts (organization_id, meeting_id);

CREATE TABLE meeting_agenda_items (
    id uuid PRIMARY KEY,
    meeting_id uuid NOT NULL REFERENCES meetings ON DELETE CASCADE,
    position integer NOT NULL,
    title text NOT NULL CONSTRAINT meeting_agenda_items_title CHECK (title ~ '\S'),
    presenter text CONSTRAINT meeting_agenda_items_presenter CHECK (presenter ~ '\S'),
    -- What the item is about, where it is on record.
    suggestion_id uuid,
    work_report_id uuid,
    CONSTRAINT meeting_agenda_items_order UNIQUE (meeting_id, position)
);
CREATE INDEX meeting_agenda_items_suggestion ON meeting_agenda_items (suggestion_id) WHERE suggestion_id IS NOT NULL;
CREATE INDEX meeting_agenda_items_work_report ON meeting_agenda_items (work_report_id) WHERE work_report_id IS NOT NULL;

-- Each time that it was put off or brought forward.
CREATE TABLE meeting_postponements (
    id uuid PRIMARY KEY,
    meeting_id uuid NOT NULL REFERENCES meetings,
    postponed_at timestamptz NOT NULL,
    starts_before timestamptz NOT NULL,
    starts_after timestamptz NOT NULL,
    place_before text,
    place_after text,
    reason text CONSTRAINT meeting_postponements_reason CHECK (reason ~ '\S')
);
CREATE INDEX meeting_postponements_of_meeting ON meeting_postponements (meeting_id, postponed_at);

-- Who is invited: an organization, or a guest whom the host answers for; what it answers, and whether it came.
CREATE TABLE meeting_invitations (
    id uuid PRIMARY KEY,
    meeting_id uuid NOT NULL REFERENCES meetings ON DELETE CASCADE,
    position integer NOT NULL,
    organization_id uuid,
    organization_kind text,
    guest_kind text CONSTRAINT meeting_invitations_guest_kind CHECK (guest_kind IN (
        'expert', 'industry_representative', 'special_supervisor', 'other')),
    guest_name text CONSTRAINT meeting_invitations_guest_name CHECK (guest_name ~ '\S'),
    guest_organization text CONSTRAINT meeting_invitations_guest_organization CHECK (guest_organization ~ '\S'),
    -- 联办: a party that organizes it with the hosts.
    co_host boolean NOT NULL DEFAULT false,
    -- 名额
    quota integer CONSTRAINT meeting_invitations_quota CHECK (quota BETWEEN 1 AND 1000),
    answer text NOT NULL DEFAULT 'pending' CONSTRAINT meeting_invitations_answer CHECK (answer IN ('pending', 'accepted', 'declined', 'tentative')),
    -- Name, title, and whom they stand in for.
    attendees jsonb NOT NULL DEFAULT '[]' CONSTRAINT meeting_invitations_attendees CHECK (jsonb_typeof(attendees) = 'array'),
    reason text CONSTRAINT meeting_invitations_reason CHECK (reason ~ '\S'),
    answered_at timestamptz,
    -- Null until attendance is recorded.
    present boolean,
    online boolean,
    -- Names of those who came.
    persons jsonb NOT NULL DEFAULT '[]' CONSTRAINT meeting_invitations_persons CHECK (jsonb_typeof(persons) = 'array'),
    -- Until when its attendance may be disputed.
    dispute_until date,
    disputed_at timestamptz,
    dispute_reason text CONSTRAINT meeting_invitations_dispute_reason CHECK (dispute_reason ~ '\S'),
    dispute_present boolean,
    dispute_persons jsonb CONSTRAINT meeting_invitations_dispute_persons CHECK (jsonb_typeof(dispute_persons) = 'array'),
    dispute_decided_at timestamptz,
    dispute_granted boolean,
    dispute_decision text CONSTRAINT meeting_invitations_dispute_decision CHECK (dispute_decision ~ '\S'),
    created_at timestamptz NOT NULL,
    CONSTRAINT meeting_invitations_organization FOREIGN KEY (organization_id, organization_kind) REFERENCES organizations (id, kind),
    CONSTRAINT meeting_invitations_whom CHECK (
        num_nulls(organization_id, organization_kind) IN (0, 2) AND num_nulls(guest_kind, guest_name) IN (0, 2)
        AND num_nonnulls(organization_id, guest_kind) = 1 AND (guest_organization IS NULL OR guest_kind IS NOT NULL)),
    CONSTRAINT meeting_invitations_once UNIQUE (meeting_id, organization_id),
    CONSTRAINT meeting_invitations_co_host CHECK (NOT co_host OR organization_kind = 'party'),
    CONSTRAINT meeting_invitations_declined CHECK (answer <> 'declined' OR reason IS NOT NULL),
    CONSTRAINT meeting_invitations_recorded CHECK (num_nulls(present, online, dispute_until) IN (0, 3)),
    CONSTRAINT meeting_invitations_disputed CHECK (
        num_nulls(disputed_at, dispute_reason, dispute_present, dispute_persons) IN (0, 4)
        AND (disputed_at IS NULL OR organization_kind = 'party')),
    CONSTRAINT meeting_invitations_decided CHECK (
        num_nulls(dispute_decided_at, dispute_granted, dispute_decision) IN (0, 3)
        AND (dispute_decided_at IS NULL OR disputed_at IS NOT NULL))
);
CREATE INDEX meeting_invitations_of_meeting ON meeting_invitations (meeting_id, position);
CREATE INDEX meeting_invitations_of_organization ON meeting_invitations (organization_id, meeting_id);
-- Lists of what the caller has still to answer.
CREATE INDEX meeting_invitations_pending ON meeting_invitations (organization_id) WHERE answer = 'pending';

-- What a party says to the matter, and the hosts' answer to it.
CREATE TABLE meeting_opinions (
    id uuid PRIMARY KEY,
    meeting_id uuid NOT NULL REFERENCES meetings,
    party_id uuid NOT NULL,
    party_kind text NOT NULL GENERATED ALWAYS AS ('party') STORED,
    text text NOT NULL CONSTRAINT meeting_opinions_text CHECK (text ~ '\S'),
    given_at timestamptz NOT NULL,
    answer text CONSTRAINT meeting_opinions_answer CHECK (answer IN ('adopted', 'partly_adopted', 'not_adopted')),
    answer_reason text CONSTRAINT meeting_opinions_answer_reason CHECK (answer_reason ~ '\S'),
    answered_at timestamptz,
    CONSTRAINT meeting_opinions_party FOREIGN KEY (party_id, party_kind) REFERENCES organizations (id, kind),
    CONSTRAINT meeting_opinions_once UNIQUE (meeting_id, party_id),
    CONSTRAINT meeting_opinions_answered CHECK (num_nulls(answer, answer_reason, answered_at) IN (0, 3))
);
CREATE INDEX meeting_opinions_of_party ON meeting_opinions (party_id, meeting_id);

-- What somebody is to do after a meeting.
CREATE TABLE meeting_follow_ups (
    id uuid PRIMARY KEY,
    meeting_id uuid NOT NULL REFERENCES meetings,
    position integer NOT NULL,
    text text NOT NULL CONSTRAINT meeting_follow_ups_text CHECK (text ~ '\S'),
    owner_id uuid NOT NULL CONSTRAINT meeting_follow_ups_owner REFERENCES organizations,
    due_on date NOT NULL,
    state text NOT NULL DEFAULT 'planned' CONSTRAINT meeting_follow_ups_state CHECK (state IN ('planned', 'open', 'done')),
    done_at timestamptz,
    done_text text CONSTRAINT meeting_follow_ups_done_text CHECK (done_text ~ '\S'),
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT meeting_follow_ups_order UNIQUE (meeting_id, position),
    CONSTRAINT meeting_follow_ups_done CHECK (num_nulls(done_at, done_text) IN (0, 2) AND (state = 'done') = (done_at IS NOT NULL))
);
CREATE INDEX meeting_follow_ups_of_owner ON meeting_follow_ups (owner_id, due_on, id);
