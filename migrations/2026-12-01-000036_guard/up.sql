-- Who can know an account's password, keys that were ended at once, one issuer for all instances, and notices to one account.

ALTER TABLE users
    -- User names: they stay for ever. Null: not known, from before these columns.
    ADD COLUMN created_by text,
    ADD COLUMN password_set_by text,
    -- Hash of the password that has to be shown beside the one-time password of a grant: the granter knows the one, the
    -- maker may know the other, only the owner knows both.
    ADD COLUMN grant_proof text,
    -- When the owner was told that the password is about to expire.
    ADD COLUMN expiry_told_at timestamptz,
    ADD CONSTRAINT users_grant_proof CHECK (grant_proof IS NULL OR must_change_password) NOT VALID;
ALTER TABLE users VALIDATE CONSTRAINT users_grant_proof;

-- From then on it neither signs nor verifies.
ALTER TABLE signing_keys
    ADD COLUMN revoked_at timestamptz,
    ADD CONSTRAINT signing_keys_revoked_is_retired CHECK (revoked_at IS NULL OR retired_at IS NOT NULL) NOT VALID;
ALTER TABLE signing_keys VALIDATE CONSTRAINT signing_keys_revoked_is_retired;

-- Who issues the tokens of all instances.
ALTER TABLE installation ADD COLUMN issuer text;

-- Null: to one account, whatever it acts for.
ALTER TABLE notices ALTER COLUMN organization_id DROP NOT NULL;
ALTER TABLE notices
    ADD CONSTRAINT notices_addressee CHECK (organization_id IS NOT NULL OR subject_type = 'user') NOT VALID;
ALTER TABLE notices VALIDATE CONSTRAINT notices_addressee;
