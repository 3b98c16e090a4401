-- 问题反映: a difficulty in carrying out the scheme, put to 市委统战部 (印发通知).
CREATE TABLE problem_reports (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    organization_kind text NOT NULL CONSTRAINT problem_reports_organization_kind CHECK (organization_kind IN ('department', 'party')),
    title text NOT NULL CONSTRAINT problem_reports_title CHECK (title ~ '\S'),
    text text NOT NULL CONSTRAINT problem_reports_text CHECK (text ~ '\S'),
    state text NOT NULL CONSTRAINT problem_reports_state CHECK (state IN ('raised', 'answered', 'closed')),
    -- Declared by who raised it: nothing classified in it.
    no_secrets boolean NOT NULL,
    -- 代录: recorded by 市委统战部 for the organization.
    recorded_on_behalf boolean NOT NULL,
    answer text CONSTRAINT problem_reports_answer CHECK (answer ~ '\S'),
    answered_at timestamptz,
    closed_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT problem_reports_organization FOREIGN KEY (organization_id, organization_kind) REFERENCES organizations (id, kind),
    CONSTRAINT problem_reports_answered CHECK (num_nulls(answer, answered_at) IN (0, 2) AND (state = 'raised') = (answer IS NULL)),
    CONSTRAINT problem_reports_closed CHECK ((state = 'closed') = (closed_at IS NOT NULL))
);
CREATE INDEX problem_reports_of_organization ON problem_reports (organization_id, created_at, id);
CREATE INDEX problem_reports_by_state ON problem_reports (state, created_at, id);
CREATE INDEX problem_reports_created_at ON problem_reports (created_at, id);
CREATE INDEX problem_reports_updated_at ON problem_reports (updated_at, id);
