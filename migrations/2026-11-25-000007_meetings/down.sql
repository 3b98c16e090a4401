DROP TABLE meeting_follow_ups;
DROP TABLE meeting_opinions;
DROP TABLE meeting_invitations;
DROP TABLE meeting_postponements;
DROP TABLE meeting_agenda_items;
DROP TABLE meeting_hosts;
DROP TABLE meetings;
