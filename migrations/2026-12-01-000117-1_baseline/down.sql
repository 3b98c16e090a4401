-- Nothing stays: what came before the baseline ends with it, in a database that has come through it.
DELETE FROM __diesel_schema_migrations WHERE version < '202612010001171';

DROP TABLE
    audit_log, events, event_head, idempotency_keys, installation, instances, directory_revision, organizations,
    organization_names, users, former_passwords, sessions, login_failures, signing_keys, schemes, assignments,
    timing_revision, working_day_years, special_days, terms, switches, calendar_corrections, todos, deadline_moves,
    reminders, notices, notifications, attachments, attachment_store, liaison_leaders, liaison_contacts,
    liaison_leader_versions, liaison_leader_receipts, liaison_confirmations, liaison_rules, problem_reports, meetings,
    meeting_hosts, meeting_agenda_items, meeting_postponements, meeting_invitations, meeting_opinions,
    meeting_follow_ups, suggestions, suggestion_signatures, suggestion_handlings, suggestion_steps,
    suggestion_communications, suggestion_replies, feedback_receipts, commitments, suggestion_counters, bulletins,
    bulletin_recipients, reporting_duties, work_plans, planned_items, work_plan_items, work_plan_item_parties,
    work_reports, work_report_meetings, planned_item_meetings, calendar_feeds, suggestion_marks, figure_tallies,
    figure_years, annual_summaries, annual_summary_records, search_documents, search_folding;

DROP FUNCTION
    refuse_change, stamp_events, text_key, raise_directory_revision, keep_published_scheme,
    keep_published_assignments, raise_timing_revision, keep_suggestion_due_on, keep_move_in_order, raise_versions,
    raise_versions_of_moved, keep_attachment, raise_version_of_carrier, attachment_is_kept, keep_attachment_of_record,
    raise_versions_linking_meeting, raise_version_of_meeting, raise_versions_linking_suggestion,
    raise_version_of_suggestion, keep_sent_bulletin, raise_versions_linking_report, suggestion_facts,
    keep_marks_of_suggestions, keep_suggestion_marks, keep_marks_of_suggestion, commitment_mark,
    keep_commitment_tallies, marks_on, count_months_anew, count_years_anew, count_figures_anew, keep_published_summary;

DROP EXTENSION btree_gin, btree_gist;
