//! Tables that stand in one query. Pair by pair: diesel writes an implementation for every two of a list, and with all of 60
//! tables in one the compiler spent 25 seconds on comparing them.

use crate::db::schema::*;
use diesel::allow_tables_to_appear_in_same_query as together;

together!(bulletin_recipients, bulletins);
together!(calendar_corrections, suggestions);
together!(calendar_corrections, todos);
together!(commitments, suggestion_handlings);
together!(commitments, suggestion_signatures);
together!(commitments, suggestions);
together!(deadline_moves, reporting_duties);
together!(deadline_moves, todos);
together!(feedback_receipts, suggestion_handlings);
together!(feedback_receipts, suggestion_replies);
together!(feedback_receipts, suggestion_signatures);
together!(feedback_receipts, suggestions);
together!(liaison_contacts, liaison_leaders);
together!(liaison_leader_receipts, liaison_leaders);
together!(login_failures, users);
together!(meeting_follow_ups, meetings);
together!(meeting_hosts, meetings);
together!(meeting_invitations, meetings);
together!(meetings, work_plan_items);
together!(notices, notifications);
together!(planned_item_meetings, meetings);
together!(planned_item_meetings, work_plan_items);
together!(planned_items, work_plan_items);
together!(reminders, todos);
together!(reporting_duties, todos);
together!(sessions, users);
together!(suggestion_handlings, suggestions);
together!(suggestion_signatures, suggestions);
together!(suggestions, todos);
together!(work_plan_item_parties, work_plans);
together!(work_plan_items, work_plans);
together!(work_report_meetings, meetings);
