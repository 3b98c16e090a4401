DROP TABLE signing_keys;
DROP TABLE login_failures;
DROP TABLE sessions;
DROP TABLE former_passwords;
DROP TABLE users;
DROP TABLE organization_names;
DROP TABLE organizations;
