-- 日历订阅: a secret address at which an organization's or a user's meetings are an iCalendar feed (RFC 5545).
CREATE TABLE calendar_feeds (
    id uuid PRIMARY KEY,
    -- Whose: one user's own, or all of an organization's. One address each: another is had by rotating it.
    user_id uuid CONSTRAINT calendar_feeds_of_user UNIQUE REFERENCES users,
    organization_id uuid CONSTRAINT calendar_feeds_of_organization UNIQUE REFERENCES organizations,
    -- SHA-256 of the secret, which is shown once and kept nowhere: enough without salt, since nobody can try 256 random bits.
    secret_hash bytea NOT NULL CONSTRAINT calendar_feeds_secret UNIQUE
        CONSTRAINT calendar_feeds_secret_hash CHECK (octet_length(secret_hash) = 32),
    rotated_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT calendar_feeds_of_one CHECK (num_nonnulls(user_id, organization_id) = 1)
);
