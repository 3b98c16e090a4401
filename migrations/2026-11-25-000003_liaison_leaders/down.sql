DROP TABLE liaison_rules;
DROP TABLE liaison_confirmations;
DROP TABLE liaison_leader_receipts;
DROP TABLE liaison_leader_versions;
DROP TABLE liaison_contacts;
DROP TABLE liaison_leaders;
