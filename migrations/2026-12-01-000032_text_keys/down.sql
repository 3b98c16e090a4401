DROP INDEX schemes_document_number;
ALTER TABLE schemes ADD CONSTRAINT schemes_document_number UNIQUE (document_number);

ALTER TABLE organization_names
    DROP CONSTRAINT organization_names_unique_short_name,
    DROP CONSTRAINT organization_names_unique_name,
    DROP CONSTRAINT organization_names_name,
    DROP CONSTRAINT organization_names_short_name,
    ADD CONSTRAINT organization_names_name CHECK (name ~ '\S'),
    ADD CONSTRAINT organization_names_short_name CHECK (short_name ~ '\S'),
    ADD CONSTRAINT organization_names_unique_name EXCLUDE USING gist (
        name WITH =, daterange(effective_from, effective_until) WITH &&);

DROP FUNCTION text_key;
