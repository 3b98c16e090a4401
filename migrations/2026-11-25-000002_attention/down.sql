DROP TABLE notifications;
DROP TABLE notices;
DROP TABLE reminders;
DROP TABLE deadline_moves;
DROP TABLE todos;
DROP TABLE event_head;
DROP INDEX events_subject;
DROP INDEX events_waiting;
ALTER TABLE events DROP COLUMN position, DROP COLUMN seq;
