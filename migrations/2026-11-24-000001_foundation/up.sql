-- What every write takes part in: the audit log, the outbox and the kept answers of idempotent calls.

CREATE EXTENSION IF NOT EXISTS btree_gist;

-- Text with CHECK instead of enum types: their type ids would be looked up on every fresh connection.
CREATE TABLE audit_log (
    id uuid PRIMARY KEY,
    occurred_at timestamptz NOT NULL,
    request_id text NOT NULL,
    -- No foreign keys: the log outlives what it speaks of, and names stay as they were on the day.
    principal_id uuid,
    principal_name text NOT NULL,
    role text,
    organization_id uuid,
    address text,
    operation text NOT NULL,
    outcome text NOT NULL CONSTRAINT audit_log_outcome CHECK (outcome IN ('done', 'refused', 'read')),
    problem text,
    subject_type text,
    subject_id uuid,
    before jsonb,
    after jsonb,
    CONSTRAINT audit_log_problem CHECK ((outcome = 'refused') = (problem IS NOT NULL))
);
-- Lists are read from the newest on, whatever they are filtered by.
CREATE INDEX audit_log_subject ON audit_log (subject_id, occurred_at, id) WHERE subject_id IS NOT NULL;
CREATE INDEX audit_log_principal ON audit_log (principal_id, occurred_at, id);
CREATE INDEX audit_log_request ON audit_log (request_id);
CREATE INDEX audit_log_occurred_at ON audit_log (occurred_at, id);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The outbox: one row per change that matters to another system, CloudEvents 1.0 in shape.
CREATE TABLE events (
    id uuid PRIMARY KEY,
    type text NOT NULL,
    occurred_at timestamptz NOT NULL,
    subject_type text NOT NULL,
    subject_id uuid NOT NULL,
    actor jsonb NOT NULL,
    data jsonb NOT NULL
);

CREATE TABLE idempotency_keys (
    principal_id uuid NOT NULL,
    operation text NOT NULL,
    key text NOT NULL,
    request_digest bytea NOT NULL,
    status smallint NOT NULL,
    headers jsonb NOT NULL,
    body bytea NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (principal_id, operation, key)
);
CREATE INDEX idempotency_keys_created_at ON idempotency_keys (created_at);

-- What the database was made for: a demo is never mixed with real data.
CREATE TABLE installation (
    only_row boolean PRIMARY KEY DEFAULT true CONSTRAINT installation_one_row CHECK (only_row),
    demo boolean NOT NULL,
    made_at timestamptz NOT NULL
);
