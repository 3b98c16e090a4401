DROP TRIGGER organization_names_revision ON organization_names;
DROP TRIGGER organizations_revision ON organizations;
DROP TABLE directory_revision;
DROP TABLE assignments;
DROP TABLE schemes;
DROP FUNCTION raise_directory_revision();
DROP FUNCTION keep_published_assignments();
DROP FUNCTION keep_published_scheme();
