-- Files that hang on a record of another resource. The bytes are in the object store, under a key that says nothing.

CREATE TABLE attachments (
    id uuid PRIMARY KEY,
    -- What it hangs on: a table each, so no foreign key can watch. `Carrier` in the service lists the kinds.
    subject_type text NOT NULL CONSTRAINT attachments_subject_type CHECK (subject_type ~ '^[a-z]+(_[a-z]+)*$'),
    subject_id uuid NOT NULL,
    -- The first version of the same document; its own id for a first version.
    chain_id uuid NOT NULL CONSTRAINT attachments_chain REFERENCES attachments,
    version_number integer NOT NULL CONSTRAINT attachments_version_number CHECK (version_number >= 1),
    file_name text NOT NULL CONSTRAINT attachments_file_name
        CHECK (char_length(file_name) BETWEEN 1 AND 200 AND file_name !~ '[/\\[:cntrl:]]' AND file_name NOT IN ('.', '..')),
    media_type text NOT NULL CONSTRAINT attachments_media_type CHECK (media_type ~ '^[a-z]+/[a-z0-9.+-]+$'),
    size bigint NOT NULL CONSTRAINT attachments_size CHECK (size > 0),
    sha256 bytea NOT NULL CONSTRAINT attachments_sha256 CHECK (octet_length(sha256) = 32),
    object_key uuid NOT NULL CONSTRAINT attachments_object_key UNIQUE,
    -- Null: by an account that acts for no organization.
    organization_id uuid CONSTRAINT attachments_organization REFERENCES organizations,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    -- Removed by somebody; the bytes stay for a while, and `purged_at` says when they went.
    removed_at timestamptz,
    purged_at timestamptz,
    -- Two that replace the same version at once would both be the next.
    CONSTRAINT attachments_version UNIQUE (chain_id, version_number),
    CONSTRAINT attachments_first CHECK ((version_number = 1) = (chain_id = id)),
    CONSTRAINT attachments_purged CHECK (purged_at IS NULL OR removed_at IS NOT NULL)
);
CREATE INDEX attachments_subject ON attachments (subject_type, subject_id);
CREATE INDEX attachments_organization ON attachments (organization_id);
CREATE INDEX attachments_to_purge ON attachments (removed_at) WHERE removed_at IS NOT NULL AND purged_at IS NULL;

-- What was attached stays what it was: a correction is a new version.
CREATE FUNCTION keep_attachment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE'
        OR (NEW.id, NEW.subject_type, NEW.subject_id, NEW.chain_id, NEW.version_number, NEW.file_name, NEW.media_type,
            NEW.size, NEW.sha256, NEW.object_key, NEW.organization_id, NEW.created_at)
           IS DISTINCT FROM
           (OLD.id, OLD.subject_type, OLD.subject_id, OLD.chain_id, OLD.version_number, OLD.file_name, OLD.media_type,
            OLD.size, OLD.sha256, OLD.object_key, OLD.organization_id, OLD.created_at)
        OR OLD.removed_at IS NOT NULL AND NEW.removed_at IS DISTINCT FROM OLD.removed_at
    THEN
        RAISE EXCEPTION 'attachment % stays as it is', OLD.id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'attachments_kept';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER attachments_kept BEFORE UPDATE OR DELETE ON attachments
    FOR EACH ROW EXECUTE FUNCTION keep_attachment();
