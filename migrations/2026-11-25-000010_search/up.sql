-- Full text: one row a record that can be searched for, whatever its type, written by the steps that change the record.

CREATE EXTENSION IF NOT EXISTS btree_gin;

CREATE TABLE search_documents (
    subject_id uuid PRIMARY KEY,
    subject_type text NOT NULL,
    -- Since when others than its author see it: hits stand in this order.
    at timestamptz NOT NULL,
    -- The same as a day in Asia/Shanghai, for the index.
    day date NOT NULL,
    -- Who takes part in it; the nil id stands for everybody.
    involved uuid[] NOT NULL,
    -- Of these, who has no longer anything to do with it, and finds it by what its author wrote alone (weights A and B).
    former uuid[],
    -- Every character, word and number, and every two neighbours: src/search makes it.
    vector tsvector NOT NULL
);
-- There is nothing in it to compress, and a search reads a thousand of them.
ALTER TABLE search_documents ALTER vector SET STORAGE EXTERNAL;
CREATE INDEX search_documents_at ON search_documents (at, subject_id);
-- No pending list: a search would have to read through it, and one writer in many would have to empty it.
-- Type, days and who is involved stand in the same index, so that a common word is looked up among the newest days or the
-- caller's own records alone.
CREATE INDEX search_documents_found ON search_documents USING gin (vector, involved, day, subject_type) WITH (fastupdate = off);
