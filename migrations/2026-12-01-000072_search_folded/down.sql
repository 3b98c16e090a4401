ALTER TABLE notices DROP COLUMN mail_left;
DROP TABLE search_folding;
ALTER TABLE problem_reports DROP COLUMN searched;
ALTER TABLE work_reports DROP COLUMN searched;
ALTER TABLE bulletins DROP COLUMN searched;
