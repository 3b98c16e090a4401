DROP INDEX CONCURRENTLY todos_running_in_order;
