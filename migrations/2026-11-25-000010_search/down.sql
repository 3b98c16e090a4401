DROP TABLE search_documents;
DROP EXTENSION btree_gin;
