DROP TABLE installation;
DROP TABLE idempotency_keys;
DROP TABLE events;
DROP TABLE audit_log;
DROP FUNCTION refuse_change();
DROP EXTENSION btree_gist;
