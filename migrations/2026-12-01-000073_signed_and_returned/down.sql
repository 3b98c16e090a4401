ALTER TABLE suggestion_handlings DROP COLUMN outside_assignment, DROP COLUMN return_denied_at;
ALTER TABLE suggestion_signatures DROP COLUMN signed_digest;
