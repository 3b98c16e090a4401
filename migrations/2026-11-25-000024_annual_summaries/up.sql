-- 年度汇总 (三(四)3): the year compiled by 市委统战部, with its text; frozen when it is published.
CREATE TABLE annual_summaries (
    id uuid PRIMARY KEY,
    year integer NOT NULL CONSTRAINT annual_summaries_range CHECK (year BETWEEN 1990 AND 2100),
    state text NOT NULL CONSTRAINT annual_summaries_state CHECK (state IN ('draft', 'published')),
    text text CONSTRAINT annual_summaries_text CHECK (text ~ '\S'),
    -- The figures with their definitions, as they were published; of a draft they are computed at each reading.
    figures jsonb,
    -- Of year, text, figures and the digests of all records.
    sha256 bytea CONSTRAINT annual_summaries_sha256 CHECK (octet_length(sha256) = 32),
    published_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT annual_summaries_once UNIQUE (year),
    CONSTRAINT annual_summaries_published CHECK (
        num_nulls(figures, sha256, published_at) IN (0, 3)
        AND (state = 'published') = (published_at IS NOT NULL) AND (published_at IS NULL OR text IS NOT NULL))
);
CREATE INDEX annual_summaries_updated_at ON annual_summaries (updated_at, id);

-- What stood behind the figures of a published summary: what each record was counted in, and what it said, by its digest.
CREATE TABLE annual_summary_records (
    annual_summary_id uuid NOT NULL CONSTRAINT annual_summary_records_summary REFERENCES annual_summaries,
    position integer NOT NULL,
    kind text NOT NULL CONSTRAINT annual_summary_records_kind CHECK (kind IN (
        'department', 'party', 'liaison_leader', 'meeting', 'reporting_duty', 'work_plan', 'suggestion', 'commitment')),
    -- What tells records of one thing apart: a suggestion that was reassigned has one for each lead.
    key uuid NOT NULL,
    record_id uuid NOT NULL,
    title text NOT NULL,
    on_day date,
    -- Whose figures it is in; no foreign keys, since this says what was, and nobody is ever deleted.
    department_id uuid,
    party_id uuid,
    -- Codes of figures: whose numerator, and whose denominator.
    counted text[] NOT NULL,
    counted_of text[] NOT NULL,
    sha256 bytea NOT NULL CONSTRAINT annual_summary_records_sha256 CHECK (octet_length(sha256) = 32),
    PRIMARY KEY (annual_summary_id, position)
);
CREATE INDEX annual_summary_records_of_department ON annual_summary_records (department_id, annual_summary_id, position);
CREATE INDEX annual_summary_records_of_party ON annual_summary_records (party_id, annual_summary_id, position);

CREATE FUNCTION keep_published_summary() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'published' THEN
        RAISE EXCEPTION 'the annual summary of % stays as it was published', OLD.year
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'annual_summaries_kept';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER annual_summaries_kept BEFORE UPDATE OR DELETE ON annual_summaries
    FOR EACH ROW EXECUTE FUNCTION keep_published_summary();
CREATE TRIGGER annual_summary_records_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON annual_summary_records
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
