DROP TABLE work_reports;
DROP TABLE work_plan_item_parties;
DROP TABLE work_plan_items;
DROP TABLE planned_items;
DROP TABLE work_plans;
DROP TABLE reporting_duties;
