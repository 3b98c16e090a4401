DROP TABLE attachments;
DROP FUNCTION keep_attachment;
