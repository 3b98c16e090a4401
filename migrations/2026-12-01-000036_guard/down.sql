DELETE FROM notifications USING notices WHERE notices.id = notice_id AND organization_id IS NULL;
DELETE FROM notices WHERE organization_id IS NULL;
ALTER TABLE notices DROP CONSTRAINT notices_addressee;
ALTER TABLE notices ALTER COLUMN organization_id SET NOT NULL;
ALTER TABLE installation DROP COLUMN issuer;
ALTER TABLE signing_keys DROP CONSTRAINT signing_keys_revoked_is_retired, DROP COLUMN revoked_at;
ALTER TABLE users
    DROP CONSTRAINT users_grant_proof,
    DROP COLUMN expiry_told_at,
    DROP COLUMN grant_proof,
    DROP COLUMN password_set_by,
    DROP COLUMN created_by;
