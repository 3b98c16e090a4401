DROP TABLE attachment_store;
DROP TABLE instances;
DROP FUNCTION stamp_events;
