DROP TABLE bulletin_recipients;
DROP TABLE bulletins;
DROP FUNCTION keep_sent_bulletin();
