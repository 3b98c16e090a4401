DROP INDEX suggestions_drafts;
