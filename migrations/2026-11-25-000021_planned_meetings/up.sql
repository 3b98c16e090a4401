-- What came of a planned item: the meetings that the department has linked to it, whatever the plan's version.
CREATE TABLE planned_item_meetings (
    item_id uuid NOT NULL REFERENCES planned_items ON DELETE CASCADE,
    meeting_id uuid NOT NULL REFERENCES meetings,
    linked_at timestamptz NOT NULL,
    PRIMARY KEY (item_id, meeting_id)
);
CREATE INDEX planned_item_meetings_of_meeting ON planned_item_meetings (meeting_id);
