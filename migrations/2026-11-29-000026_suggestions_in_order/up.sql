-- A list of one state has an index of its own in the order of creation. The database took the index of all instead, thinking that
-- any three of four suggestions are concluded; but the newest are not, and 13,000 were read for 20. Only lists that say that they
-- have no index of their own may take it now.
DROP INDEX suggestions_created_at;
CREATE INDEX suggestions_created_at ON suggestions (created_at, id) WHERE submitted_at IS NOT NULL;
