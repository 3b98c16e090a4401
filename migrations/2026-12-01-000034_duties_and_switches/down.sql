ALTER TABLE liaison_rules DROP CONSTRAINT liaison_rules_kind;
UPDATE liaison_rules SET kind = CASE kind
    WHEN 'decision_consultation' THEN 'consultation'
    WHEN 'information_exchange' THEN 'information'
    WHEN 'feedback' THEN 'suggestion_handling'
    ELSE 'other' END;
ALTER TABLE liaison_rules ADD CONSTRAINT liaison_rules_kind CHECK (kind IN
    ('liaison', 'consultation', 'briefing', 'information', 'suggestion_handling', 'other'));
ALTER TABLE meeting_invitations DROP COLUMN answer_until;
ALTER TABLE todos DROP COLUMN ends_at;
ALTER TABLE liaison_confirmations DROP COLUMN opened_late;
ALTER TABLE reporting_duties DROP COLUMN opened_late;
DROP TABLE switches;
