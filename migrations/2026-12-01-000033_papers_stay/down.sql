DROP TRIGGER attachments_kept_with_record ON attachments;
DROP FUNCTION keep_attachment_of_record();
DROP FUNCTION attachment_is_kept(text, uuid);
