-- What hangs together: agenda items with what they are about, suggestions with the meeting that they came of, reports with the
-- meetings that they tell of.

ALTER TABLE meeting_agenda_items
    ADD CONSTRAINT meeting_agenda_items_about_suggestion FOREIGN KEY (suggestion_id) REFERENCES suggestions ON DELETE SET NULL,
    ADD CONSTRAINT meeting_agenda_items_about_report FOREIGN KEY (work_report_id) REFERENCES work_reports ON DELETE SET NULL;

-- 活动成果: the meeting whose result it is.
ALTER TABLE suggestions
    ADD COLUMN from_meeting_id uuid CONSTRAINT suggestions_from_meeting REFERENCES meetings;
CREATE INDEX suggestions_of_meeting ON suggestions (from_meeting_id) WHERE from_meeting_id IS NOT NULL;

CREATE TABLE work_report_meetings (
    work_report_id uuid NOT NULL CONSTRAINT work_report_meetings_report REFERENCES work_reports ON DELETE CASCADE,
    meeting_id uuid NOT NULL CONSTRAINT work_report_meetings_meeting REFERENCES meetings,
    PRIMARY KEY (work_report_id, meeting_id)
);
CREATE INDEX work_report_meetings_of_meeting ON work_report_meetings (meeting_id);

-- 代录: recorded by 市委统战部 for a unit that nobody can act for.
ALTER TABLE liaison_rules ADD COLUMN recorded_on_behalf boolean NOT NULL DEFAULT false;
ALTER TABLE bulletins ADD COLUMN recorded_on_behalf boolean NOT NULL DEFAULT false;
ALTER TABLE meeting_invitations ADD COLUMN recorded_on_behalf boolean NOT NULL DEFAULT false;
