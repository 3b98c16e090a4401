-- Schemes, their assignments, and the directory's revision. Organizations come with the accounts that belong to them.

CREATE TABLE schemes (
    id uuid PRIMARY KEY,
    title text NOT NULL CONSTRAINT schemes_title CHECK (title ~ '\S'),
    -- 韶府办发函〔2020〕20号: the text as printed, and its parts.
    document_number text CONSTRAINT schemes_document_number UNIQUE,
    document_agency text,
    document_year integer,
    document_serial integer,
    issued_on date,
    note text,
    effective_from date NOT NULL,
    -- The first day on which the next scheme is in force; null while none has been published after this one.
    effective_until date,
    published_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT schemes_document_parts CHECK (num_nulls(document_number, document_agency, document_year, document_serial) IN (0, 4)),
    CONSTRAINT schemes_effective CHECK (effective_until > effective_from),
    CONSTRAINT schemes_draft_has_no_end CHECK (published_at IS NOT NULL OR effective_until IS NULL),
    CONSTRAINT schemes_one_in_force EXCLUDE USING gist (daterange(effective_from, effective_until) WITH &&)
        WHERE (published_at IS NOT NULL)
);

CREATE TABLE assignments (
    id uuid PRIMARY KEY,
    scheme_id uuid NOT NULL REFERENCES schemes ON DELETE CASCADE,
    department_id uuid NOT NULL,
    department_kind text GENERATED ALWAYS AS ('department') STORED,
    party_id uuid NOT NULL,
    party_kind text GENERATED ALWAYS AS ('party') STORED,
    basis text NOT NULL CONSTRAINT assignments_basis CHECK (basis IN ('common', 'designated')),
    CONSTRAINT assignments_pair UNIQUE (scheme_id, department_id, party_id),
    CONSTRAINT assignments_department FOREIGN KEY (department_id, department_kind) REFERENCES organizations (id, kind),
    CONSTRAINT assignments_party FOREIGN KEY (party_id, party_kind) REFERENCES organizations (id, kind)
);
CREATE INDEX assignments_department_party ON assignments (department_id, party_id);
CREATE INDEX assignments_party_department ON assignments (party_id, department_id);

-- A published scheme is never edited: only its end is set, once, when the next one supersedes it.
CREATE FUNCTION keep_published_scheme() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.published_at IS NOT NULL AND (
        TG_OP = 'DELETE'
        OR OLD.effective_until IS NOT NULL AND NEW.effective_until IS DISTINCT FROM OLD.effective_until
        OR (NEW.title, NEW.document_number, NEW.document_agency, NEW.document_year, NEW.document_serial, NEW.issued_on,
            NEW.note, NEW.effective_from, NEW.published_at)
           IS DISTINCT FROM
           (OLD.title, OLD.document_number, OLD.document_agency, OLD.document_year, OLD.document_serial, OLD.issued_on,
            OLD.note, OLD.effective_from, OLD.published_at)
    ) THEN
        RAISE EXCEPTION 'scheme % is published', OLD.id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'schemes_published';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER schemes_published BEFORE UPDATE OR DELETE ON schemes
    FOR EACH ROW EXECUTE FUNCTION keep_published_scheme();

CREATE FUNCTION keep_published_assignments() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    touched uuid := CASE TG_OP WHEN 'DELETE' THEN OLD.scheme_id ELSE NEW.scheme_id END;
BEGIN
    -- The row lock makes a simultaneous publication wait, or be seen.
    PERFORM 1 FROM schemes WHERE id = touched AND published_at IS NOT NULL FOR SHARE;
    IF FOUND THEN
        RAISE EXCEPTION 'scheme % is published', touched
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'schemes_published';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER assignments_published BEFORE INSERT OR UPDATE OR DELETE ON assignments
    FOR EACH ROW EXECUTE FUNCTION keep_published_assignments();

-- Raised by any change of the directory, from wherever it comes, so that an instance knows whether what it has cached
-- still holds.
CREATE TABLE directory_revision (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    revision bigint NOT NULL
);
INSERT INTO directory_revision (revision) VALUES (1);

CREATE FUNCTION raise_directory_revision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE directory_revision SET revision = revision + 1;
    RETURN NULL;
END $$;
CREATE TRIGGER organizations_revision AFTER INSERT OR UPDATE OR DELETE ON organizations
    FOR EACH STATEMENT EXECUTE FUNCTION raise_directory_revision();
CREATE TRIGGER organization_names_revision AFTER INSERT OR UPDATE OR DELETE ON organization_names
    FOR EACH STATEMENT EXECUTE FUNCTION raise_directory_revision();
CREATE TRIGGER schemes_revision AFTER INSERT OR UPDATE OR DELETE ON schemes
    FOR EACH STATEMENT EXECUTE FUNCTION raise_directory_revision();
CREATE TRIGGER assignments_revision AFTER INSERT OR UPDATE OR DELETE ON assignments
    FOR EACH STATEMENT EXECUTE FUNCTION raise_directory_revision();
