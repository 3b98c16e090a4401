-- Organizations, and the accounts that act for them.

CREATE TABLE organizations (
    id uuid PRIMARY KEY,
    -- The two offices have a kind each, named as the role that acts for them: an account's role is its organization's kind.
    kind text NOT NULL CONSTRAINT organizations_kind CHECK (kind IN ('department', 'party', 'coordinator', 'government_office')),
    code text NOT NULL CONSTRAINT organizations_code UNIQUE CHECK (code ~ '^[a-z][a-z0-9]*(-[a-z0-9]+)*$' AND length(code) <= 64),
    party_kind text CONSTRAINT organizations_party_kind CHECK (
        party_kind IN ('democratic_party', 'federation_of_industry_and_commerce', 'non_party_intellectuals_association')),
    -- GB 32100-2015; its check character is verified by the service.
    social_credit_code text CONSTRAINT organizations_social_credit_code UNIQUE CHECK (social_credit_code ~ '^[0-9A-HJ-NP-RTUW-Y]{18}$'),
    -- Place in lists, in the order of the notice.
    position integer NOT NULL,
    -- Null: it stood before the records begin.
    established_on date,
    -- The first day on which it no longer stands.
    ended_on date,
    end_kind text CONSTRAINT organizations_end_kind CHECK (end_kind IN ('merged', 'abolished')),
    end_reason text,
    successor_id uuid CONSTRAINT organizations_successor REFERENCES organizations,
    contact_office text,
    contact_person text,
    contact_phone text,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT organizations_id_kind UNIQUE (id, kind),
    CONSTRAINT organizations_party_has_kind CHECK ((kind = 'party') = (party_kind IS NOT NULL)),
    CONSTRAINT organizations_end CHECK (num_nulls(ended_on, end_kind) IN (0, 2)),
    CONSTRAINT organizations_merged_into CHECK (end_kind <> 'merged' OR successor_id IS NOT NULL),
    CONSTRAINT organizations_successor_at_end CHECK (successor_id IS NULL OR ended_on IS NOT NULL),
    CONSTRAINT organizations_not_own_successor CHECK (successor_id <> id),
    CONSTRAINT organizations_ends_after_start CHECK (ended_on > established_on),
    CONSTRAINT organizations_contact CHECK (kind = 'party' OR num_nonnulls(contact_office, contact_person, contact_phone) = 0)
);
CREATE UNIQUE INDEX organizations_one_office ON organizations (kind) WHERE kind IN ('coordinator', 'government_office');
CREATE INDEX organizations_position ON organizations (kind, position, id);

-- Names over time: a renaming never touches the old name.
CREATE TABLE organization_names (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations,
    name text NOT NULL CONSTRAINT organization_names_name CHECK (name ~ '\S'),
    short_name text NOT NULL CONSTRAINT organization_names_short_name CHECK (short_name ~ '\S'),
    -- Null: since before the records begin.
    effective_from date,
    effective_until date,
    reason text,
    created_at timestamptz NOT NULL,
    CONSTRAINT organization_names_effective CHECK (effective_until > effective_from),
    CONSTRAINT organization_names_one_at_a_time EXCLUDE USING gist (
        organization_id WITH =, daterange(effective_from, effective_until) WITH &&),
    CONSTRAINT organization_names_unique_name EXCLUDE USING gist (
        name WITH =, daterange(effective_from, effective_until) WITH &&)
);

CREATE TABLE users (
    id uuid PRIMARY KEY,
    username text NOT NULL CONSTRAINT users_username UNIQUE CHECK (username ~ '^[a-z][a-z0-9._-]{1,63}$'),
    display_name text NOT NULL CHECK (display_name ~ '\S'),
    -- One column, so one account is never two of the three administrators and a business role (三员分立).
    role text CONSTRAINT users_role CHECK (role IN
        ('coordinator', 'government_office', 'department', 'party', 'admin', 'security_admin', 'auditor')),
    organization_id uuid,
    organization_kind text,
    password_hash text NOT NULL,
    password_changed_at timestamptz NOT NULL,
    must_change_password boolean NOT NULL,
    disabled_at timestamptz,
    -- Raised whenever what the account may do changes: tokens that carry an older one are refused.
    token_epoch bigint NOT NULL DEFAULT 1,
    token_epoch_raised_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT users_organization FOREIGN KEY (organization_id, organization_kind) REFERENCES organizations (id, kind),
    CONSTRAINT users_organization_whole CHECK (num_nulls(organization_id, organization_kind) IN (0, 2)),
    CONSTRAINT users_role_organization CHECK (
        CASE WHEN role IN ('coordinator', 'government_office', 'department', 'party')
             THEN organization_kind IS NOT DISTINCT FROM role
             ELSE organization_kind IS NULL END)
);
CREATE INDEX users_organization_id ON users (organization_id);
CREATE INDEX users_token_epoch_raised_at ON users (token_epoch_raised_at) WHERE token_epoch_raised_at IS NOT NULL;

CREATE TABLE former_passwords (
    user_id uuid NOT NULL REFERENCES users,
    changed_at timestamptz NOT NULL,
    password_hash text NOT NULL,
    PRIMARY KEY (user_id, changed_at)
);

-- One row a log-in: the family of refresh tokens that descends from it.
CREATE TABLE sessions (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users,
    current_hash bytea NOT NULL,
    previous_hash bytea,
    rotated_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    created_at timestamptz NOT NULL
);
CREATE INDEX sessions_user_id ON sessions (user_id) WHERE revoked_at IS NULL;
CREATE INDEX sessions_revoked_at ON sessions (revoked_at) WHERE revoked_at IS NOT NULL;
CREATE INDEX sessions_expires_at ON sessions (expires_at);

-- Failed log-ins by account and address; user names are kept as typed (folded), whether such a user exists or not.
CREATE TABLE login_failures (
    username text NOT NULL,
    address text NOT NULL,
    failures integer NOT NULL,
    last_failed_at timestamptz NOT NULL,
    locked_until timestamptz,
    PRIMARY KEY (username, address)
);
CREATE INDEX login_failures_address ON login_failures (address, last_failed_at);

CREATE TABLE signing_keys (
    kid text PRIMARY KEY,
    algorithm text NOT NULL CONSTRAINT signing_keys_algorithm CHECK (algorithm IN ('EdDSA', 'ES256')),
    public_key bytea NOT NULL,
    -- PKCS#8, sealed with a key derived from the installation's secret.
    sealed_private_key bytea NOT NULL,
    created_at timestamptz NOT NULL,
    -- From then on it no longer signs; it verifies until the last token that it signed has expired.
    retired_at timestamptz
);
CREATE UNIQUE INDEX signing_keys_one_active ON signing_keys ((true)) WHERE retired_at IS NULL;
