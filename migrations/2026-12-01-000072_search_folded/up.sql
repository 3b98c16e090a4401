-- By what lists find: titles and texts as they are compared. Stored, since to fold a long text takes a millisecond.
ALTER TABLE bulletins ADD COLUMN searched text NOT NULL GENERATED ALWAYS AS (text_key(title || '|' || text)) STORED;
ALTER TABLE work_reports ADD COLUMN searched text NOT NULL GENERATED ALWAYS AS (text_key(title || '|' || text)) STORED;
ALTER TABLE problem_reports ADD COLUMN searched text NOT NULL GENERATED ALWAYS AS (text_key(title || '|' || text)) STORED;

-- How the vectors of `search_documents` are folded (src/search/folding.rs, FOLDING), and up to which record older ones have
-- been made anew: a job of the runner goes on from there.
CREATE TABLE search_folding (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    version integer NOT NULL,
    done_until uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000'
);
INSERT INTO search_folding (version) VALUES (1);

-- Of a notice that reached some of its addresses: those that it still has to reach by e-mail.
ALTER TABLE notices ADD COLUMN mail_left text[];
