DROP TABLE annual_summary_records;
DROP TABLE annual_summaries;
DROP FUNCTION keep_published_summary;
