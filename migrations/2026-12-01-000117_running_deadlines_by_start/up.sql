-- Its place is taken by todos_running_in_order.
DROP INDEX CONCURRENTLY todos_running;
