-- 年度工作计划 and 工作情况报送 (三(四)3): what each department owes 市委统战部, and what it has sent.

-- That a department owes a plan or report for a period. Until when, and when it was met, is said by its to-do.
CREATE TABLE reporting_duties (
    id uuid PRIMARY KEY,
    kind text NOT NULL CONSTRAINT reporting_duties_kind CHECK (kind IN ('work_plan', 'work_report')),
    department_id uuid NOT NULL,
    department_kind text GENERATED ALWAYS AS ('department') STORED,
    period_kind text NOT NULL CONSTRAINT reporting_duties_period_kind CHECK (period_kind IN ('year', 'half_year')),
    period_from date NOT NULL,
    period_to date NOT NULL CONSTRAINT reporting_duties_period CHECK (period_from <= period_to),
    created_at timestamptz NOT NULL,
    CONSTRAINT reporting_duties_once UNIQUE (department_id, kind, period_from, period_to),
    CONSTRAINT reporting_duties_department FOREIGN KEY (department_id, department_kind) REFERENCES organizations (id, kind)
);
CREATE INDEX reporting_duties_period_of ON reporting_duties (period_to, kind);

-- One row a version. A version that was submitted is never changed; it is superseded when the next one is submitted.
CREATE TABLE work_plans (
    id uuid PRIMARY KEY,
    department_id uuid NOT NULL,
    department_kind text GENERATED ALWAYS AS ('department') STORED,
    year integer NOT NULL CONSTRAINT work_plans_year CHECK (year BETWEEN 1990 AND 2100),
    -- 第几版
    number integer NOT NULL CONSTRAINT work_plans_number CHECK (number > 0),
    state text NOT NULL CONSTRAINT work_plans_state CHECK (state IN ('draft', 'submitted', 'acknowledged', 'returned')),
    -- 代录: recorded by 市委统战部 for the department.
    recorded_on_behalf boolean NOT NULL,
    submitted_at timestamptz,
    decided_at timestamptz,
    return_reason text CONSTRAINT work_plans_return_reason CHECK (return_reason ~ '\S'),
    -- The next version, from its draft on.
    next_id uuid REFERENCES work_plans ON DELETE SET NULL,
    superseded_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT work_plans_versions UNIQUE (department_id, year, number),
    CONSTRAINT work_plans_department FOREIGN KEY (department_id, department_kind) REFERENCES organizations (id, kind),
    CONSTRAINT work_plans_submitted CHECK ((state = 'draft') = (submitted_at IS NULL)),
    CONSTRAINT work_plans_decided CHECK ((state IN ('acknowledged', 'returned')) = (decided_at IS NOT NULL)),
    CONSTRAINT work_plans_returned CHECK ((state = 'returned') = (return_reason IS NOT NULL)),
    CONSTRAINT work_plans_superseded CHECK (superseded_at IS NULL OR (submitted_at IS NOT NULL AND next_id IS NOT NULL))
);
-- One current version a department and year, and one draft beside it.
CREATE UNIQUE INDEX work_plans_current ON work_plans (department_id, year) WHERE state <> 'draft' AND superseded_at IS NULL;
CREATE UNIQUE INDEX work_plans_draft ON work_plans (department_id, year) WHERE state = 'draft';
CREATE INDEX work_plans_next ON work_plans (next_id);
CREATE INDEX work_plans_of_department ON work_plans (department_id, created_at, id);
CREATE INDEX work_plans_of_year ON work_plans (year, created_at, id);
CREATE INDEX work_plans_created_at ON work_plans (created_at, id);
CREATE INDEX work_plans_updated_at ON work_plans (updated_at, id);

-- An item keeps its id from version to version, so that what is linked to it stays linked.
CREATE TABLE planned_items (
    id uuid PRIMARY KEY,
    department_id uuid NOT NULL,
    department_kind text GENERATED ALWAYS AS ('department') STORED,
    year integer NOT NULL,
    CONSTRAINT planned_items_department FOREIGN KEY (department_id, department_kind) REFERENCES organizations (id, kind)
);
CREATE INDEX planned_items_of ON planned_items (department_id, year);

-- What an item is in one version.
CREATE TABLE work_plan_items (
    work_plan_id uuid NOT NULL REFERENCES work_plans ON DELETE CASCADE,
    item_id uuid NOT NULL REFERENCES planned_items,
    position integer NOT NULL,
    kind text NOT NULL CONSTRAINT work_plan_items_kind CHECK (kind IN ('liaison_meeting', 'important_meeting', 'major_event',
        'decision_consultation', 'decision_briefing', 'joint_research', 'foreign_affairs_event', 'visit', 'other', 'social_service')),
    title text NOT NULL CONSTRAINT work_plan_items_title CHECK (title ~ '\S'),
    month integer CONSTRAINT work_plan_items_month CHECK (month BETWEEN 1 AND 12),
    PRIMARY KEY (work_plan_id, item_id),
    CONSTRAINT work_plan_items_position UNIQUE (work_plan_id, position)
);
CREATE INDEX work_plan_items_item ON work_plan_items (item_id);

CREATE TABLE work_plan_item_parties (
    work_plan_id uuid NOT NULL,
    item_id uuid NOT NULL,
    party_id uuid NOT NULL,
    party_kind text GENERATED ALWAYS AS ('party') STORED,
    PRIMARY KEY (work_plan_id, item_id, party_id),
    CONSTRAINT work_plan_item_parties_item FOREIGN KEY (work_plan_id, item_id) REFERENCES work_plan_items ON DELETE CASCADE,
    CONSTRAINT work_plan_item_parties_party FOREIGN KEY (party_id, party_kind) REFERENCES organizations (id, kind)
);
CREATE INDEX work_plan_item_parties_of_party ON work_plan_item_parties (party_id);

-- As work_plans: one row a version.
CREATE TABLE work_reports (
    id uuid PRIMARY KEY,
    department_id uuid NOT NULL,
    department_kind text GENERATED ALWAYS AS ('department') STORED,
    period_kind text NOT NULL CONSTRAINT work_reports_period_kind CHECK (period_kind IN ('year', 'half_year', 'special')),
    period_from date NOT NULL,
    period_to date NOT NULL,
    number integer NOT NULL CONSTRAINT work_reports_number CHECK (number > 0),
    title text NOT NULL CONSTRAINT work_reports_title CHECK (title ~ '\S'),
    text text NOT NULL CONSTRAINT work_reports_text CHECK (text ~ '\S'),
    state text NOT NULL CONSTRAINT work_reports_state CHECK (state IN ('draft', 'submitted', 'received', 'returned')),
    -- Declared at submission: nothing classified in it.
    no_secrets boolean NOT NULL DEFAULT false,
    recorded_on_behalf boolean NOT NULL,
    -- The period's facts as they were at submission; of a draft they are computed at each reading.
    facts jsonb,
    submitted_at timestamptz,
    decided_at timestamptz,
    return_reason text CONSTRAINT work_reports_return_reason CHECK (return_reason ~ '\S'),
    -- 抄送: when 市政府办公室 acknowledged its copy.
    copy_acknowledged_at timestamptz,
    next_id uuid REFERENCES work_reports ON DELETE SET NULL,
    superseded_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT work_reports_department FOREIGN KEY (department_id, department_kind) REFERENCES organizations (id, kind),
    CONSTRAINT work_reports_period CHECK (CASE period_kind
        WHEN 'year' THEN extract(month FROM period_from) = 1 AND extract(day FROM period_from) = 1
            AND period_to = (period_from + interval '12 months -1 day')::date
        WHEN 'half_year' THEN extract(month FROM period_from) IN (1, 7) AND extract(day FROM period_from) = 1
            AND period_to = (period_from + interval '6 months -1 day')::date
        ELSE period_from <= period_to END),
    CONSTRAINT work_reports_submitted CHECK ((state = 'draft') = (submitted_at IS NULL)),
    CONSTRAINT work_reports_frozen CHECK ((submitted_at IS NULL) = (facts IS NULL) AND (submitted_at IS NULL OR no_secrets)),
    CONSTRAINT work_reports_decided CHECK ((state IN ('received', 'returned')) = (decided_at IS NOT NULL)),
    CONSTRAINT work_reports_returned CHECK ((state = 'returned') = (return_reason IS NOT NULL)),
    CONSTRAINT work_reports_copied CHECK (copy_acknowledged_at IS NULL OR submitted_at IS NOT NULL),
    CONSTRAINT work_reports_superseded CHECK (superseded_at IS NULL OR (submitted_at IS NOT NULL AND next_id IS NOT NULL))
);
-- One current version a department and yearly or half-yearly period, and one draft beside it; reports on one matter are free.
CREATE UNIQUE INDEX work_reports_versions ON work_reports (department_id, period_kind, period_from, number) WHERE period_kind <> 'special';
CREATE UNIQUE INDEX work_reports_current ON work_reports (department_id, period_kind, period_from)
    WHERE period_kind <> 'special' AND state <> 'draft' AND superseded_at IS NULL;
CREATE UNIQUE INDEX work_reports_draft ON work_reports (department_id, period_kind, period_from)
    WHERE period_kind <> 'special' AND state = 'draft';
CREATE INDEX work_reports_next ON work_reports (next_id);
CREATE INDEX work_reports_of_department ON work_reports (department_id, created_at, id);
CREATE INDEX work_reports_by_state ON work_reports (state, created_at, id);
CREATE INDEX work_reports_created_at ON work_reports (created_at, id);
CREATE INDEX work_reports_updated_at ON work_reports (updated_at, id);
