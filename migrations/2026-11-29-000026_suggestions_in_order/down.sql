DROP INDEX suggestions_created_at;
CREATE INDEX suggestions_created_at ON suggestions (created_at, id) WHERE state <> 'draft';
