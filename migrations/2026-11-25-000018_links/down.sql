ALTER TABLE meeting_invitations DROP COLUMN recorded_on_behalf;
ALTER TABLE bulletins DROP COLUMN recorded_on_behalf;
ALTER TABLE liaison_rules DROP COLUMN recorded_on_behalf;
DROP TABLE work_report_meetings;
ALTER TABLE suggestions DROP COLUMN from_meeting_id;
ALTER TABLE meeting_agenda_items
    DROP CONSTRAINT meeting_agenda_items_about_suggestion,
    DROP CONSTRAINT meeting_agenda_items_about_report;
