-- 三(二) 落实责任: the leader, the liaison office and the contacts of each department, from a day on.

CREATE TABLE liaison_leaders (
    id uuid PRIMARY KEY,
    department_id uuid NOT NULL,
    department_kind text GENERATED ALWAYS AS ('department') STORED,
    effective_from date NOT NULL,
    -- The day of effect of the next one; null for the last.
    effective_until date,
    vacant boolean NOT NULL,
    leader_name text CONSTRAINT liaison_leaders_leader_name CHECK (leader_name ~ '\S'),
    leader_title text,
    office_name text,
    office_phone text,
    reason text,
    state text NOT NULL CONSTRAINT liaison_leaders_state CHECK (state IN ('reported', 'completion_requested')),
    completion_text text,
    completion_requested_at timestamptz,
    reported_at timestamptz NOT NULL,
    -- The last day on which the report was in time, as it was counted then.
    report_due_on date NOT NULL,
    -- Late stays late.
    late boolean NOT NULL,
    -- 代录: recorded by 市委统战部 for the department.
    recorded_on_behalf boolean NOT NULL,
    version_number integer NOT NULL DEFAULT 1,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT liaison_leaders_department FOREIGN KEY (department_id, department_kind) REFERENCES organizations (id, kind),
    CONSTRAINT liaison_leaders_vacancy CHECK (vacant = (leader_name IS NULL)),
    CONSTRAINT liaison_leaders_completion CHECK ((state = 'completion_requested') <= (completion_text IS NOT NULL)),
    CONSTRAINT liaison_leaders_effective CHECK (effective_until > effective_from),
    -- 任何时候有且只有一名分管领导: exactly one at any moment.
    -- Deferrable, since an appointment between two others moves the end of the one before it.
    CONSTRAINT liaison_leaders_one_at_a_time EXCLUDE USING gist (
        department_id WITH =, daterange(effective_from, effective_until) WITH &&) DEFERRABLE
);
CREATE INDEX liaison_leaders_of_department ON liaison_leaders (department_id, effective_from);
CREATE INDEX liaison_leaders_updated_at ON liaison_leaders (updated_at, id);

CREATE TABLE liaison_contacts (
    liaison_leader_id uuid NOT NULL REFERENCES liaison_leaders,
    position integer NOT NULL,
    name text NOT NULL CONSTRAINT liaison_contacts_name CHECK (name ~ '\S'),
    title text,
    mobile text,
    email text,
    PRIMARY KEY (liaison_leader_id, position)
);

-- What an appointment said before it was corrected.
CREATE TABLE liaison_leader_versions (
    liaison_leader_id uuid NOT NULL REFERENCES liaison_leaders,
    version_number integer NOT NULL,
    content jsonb NOT NULL,
    replaced_at timestamptz NOT NULL,
    replaced_by text NOT NULL,
    reason text NOT NULL CONSTRAINT liaison_leader_versions_reason CHECK (reason ~ '\S'),
    PRIMARY KEY (liaison_leader_id, version_number)
);
CREATE TRIGGER liaison_leader_versions_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON liaison_leader_versions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Who was told of an appointment, and who has acknowledged it (签收).
CREATE TABLE liaison_leader_receipts (
    liaison_leader_id uuid NOT NULL REFERENCES liaison_leaders,
    organization_id uuid NOT NULL REFERENCES organizations,
    told_at timestamptz NOT NULL,
    acknowledged_at timestamptz,
    acknowledged_by text,
    -- Which version of the appointment it was.
    acknowledged_version integer,
    PRIMARY KEY (liaison_leader_id, organization_id),
    CONSTRAINT liaison_leader_receipts_whole CHECK (num_nulls(acknowledged_at, acknowledged_by, acknowledged_version) IN (0, 3))
);
CREATE INDEX liaison_leader_receipts_organization ON liaison_leader_receipts (organization_id, liaison_leader_id);

-- 零报告: each department says for each quarter that nothing has changed, or has reported what has.
CREATE TABLE liaison_confirmations (
    id uuid PRIMARY KEY,
    department_id uuid NOT NULL,
    department_kind text GENERATED ALWAYS AS ('department') STORED,
    year integer NOT NULL CONSTRAINT liaison_confirmations_year CHECK (year BETWEEN 1990 AND 2100),
    quarter integer NOT NULL CONSTRAINT liaison_confirmations_quarter CHECK (quarter BETWEEN 1 AND 4),
    due_on date NOT NULL,
    outcome text CONSTRAINT liaison_confirmations_outcome CHECK (outcome IN ('unchanged', 'changed')),
    settled_at timestamptz,
    -- The appointment that was confirmed, or reported in the quarter.
    liaison_leader_id uuid REFERENCES liaison_leaders,
    recorded_on_behalf boolean NOT NULL DEFAULT false,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT liaison_confirmations_once UNIQUE (department_id, year, quarter),
    CONSTRAINT liaison_confirmations_department FOREIGN KEY (department_id, department_kind) REFERENCES organizations (id, kind),
    CONSTRAINT liaison_confirmations_settled CHECK (num_nulls(outcome, settled_at, liaison_leader_id) IN (0, 3))
);
CREATE INDEX liaison_confirmations_quarter_of ON liaison_confirmations (year, quarter, department_id);
CREATE INDEX liaison_confirmations_leader ON liaison_confirmations (liaison_leader_id);

-- 相关制度: a department's own rules for the liaison.
CREATE TABLE liaison_rules (
    id uuid PRIMARY KEY,
    department_id uuid NOT NULL,
    department_kind text GENERATED ALWAYS AS ('department') STORED,
    kind text NOT NULL CONSTRAINT liaison_rules_kind CHECK (kind IN ('liaison', 'consultation', 'briefing', 'information', 'suggestion_handling', 'other')),
    title text NOT NULL CONSTRAINT liaison_rules_title CHECK (title ~ '\S'),
    document_number text,
    issued_on date NOT NULL,
    ended_on date CONSTRAINT liaison_rules_ended_on CHECK (ended_on >= issued_on),
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT liaison_rules_department FOREIGN KEY (department_id, department_kind) REFERENCES organizations (id, kind)
);
CREATE INDEX liaison_rules_of_department ON liaison_rules (department_id, issued_on, id);
