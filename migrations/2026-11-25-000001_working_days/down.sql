DROP TABLE terms;
DROP TABLE special_days;
DROP TABLE working_day_years;
DROP TABLE timing_revision;
DROP FUNCTION raise_timing_revision();
