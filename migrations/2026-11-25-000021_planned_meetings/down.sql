DROP TABLE planned_item_meetings;
