-- A party's search looks at its own drafts. There are few drafts at any time; looked for among all that a party was asked to sign, each
-- was read for its state.
CREATE INDEX suggestions_drafts ON suggestions (created_at, id) WHERE state = 'draft';
