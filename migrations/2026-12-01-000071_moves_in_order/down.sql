DROP TRIGGER deadline_moves_in_order ON deadline_moves;
DROP FUNCTION keep_move_in_order();
