-- The calendar of working days, and the terms that deadlines are reckoned by.

-- A year whose arrangement by the State Council has been loaded. A year without a row is a plain week, provisionally.
CREATE TABLE working_day_years (
    year integer PRIMARY KEY CONSTRAINT working_day_years_year CHECK (year BETWEEN 1990 AND 2100),
    -- What the audit log and events name it by.
    id uuid NOT NULL CONSTRAINT working_day_years_id UNIQUE,
    document_number text,
    title text,
    issued_on date,
    note text,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

-- What differs from the plain week: days off, and weekend days worked (调休).
CREATE TABLE special_days (
    day date PRIMARY KEY,
    year integer NOT NULL CONSTRAINT special_days_of_year REFERENCES working_day_years ON DELETE CASCADE,
    working boolean NOT NULL,
    name text NOT NULL,
    CONSTRAINT special_days_in_year CHECK (extract(year FROM day) = year),
    CONSTRAINT special_days_makeup_on_weekend CHECK (NOT working OR extract(isodow FROM day) > 5)
);
CREATE INDEX special_days_year ON special_days (year);

-- Terms that have been set by hand; all others have the default that the program brings.
CREATE TABLE terms (
    key text PRIMARY KEY,
    id uuid NOT NULL CONSTRAINT terms_id UNIQUE,
    amount integer NOT NULL CONSTRAINT terms_amount CHECK (amount BETWEEN 1 AND 365),
    unit text NOT NULL CONSTRAINT terms_unit CHECK (unit IN ('working_days', 'days', 'months')),
    version bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    -- What is counted back from a day, and reminders, are counted in working days alone.
    CONSTRAINT terms_in_working_days CHECK (
        unit = 'working_days'
        OR NOT (key LIKE 'reminder\_%' OR key IN ('meeting_answer', 'opinion_before_decision'))
    )
);

-- Raised by any change of calendar or terms, from wherever it comes, so that an instance knows whether what it has
-- cached still holds; and locked by whoever starts a deadline, so that none starts by a calendar on its way out.
CREATE TABLE timing_revision (
    only_row boolean PRIMARY KEY DEFAULT true CONSTRAINT timing_revision_one_row CHECK (only_row),
    revision bigint NOT NULL
);
INSERT INTO timing_revision (revision) VALUES (1);

CREATE FUNCTION raise_timing_revision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE timing_revision SET revision = revision + 1;
    RETURN NULL;
END $$;
CREATE TRIGGER working_day_years_revision AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON working_day_years
    FOR EACH STATEMENT EXECUTE FUNCTION raise_timing_revision();
CREATE TRIGGER special_days_revision AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON special_days
    FOR EACH STATEMENT EXECUTE FUNCTION raise_timing_revision();
CREATE TRIGGER terms_revision AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON terms
    FOR EACH STATEMENT EXECUTE FUNCTION raise_timing_revision();
