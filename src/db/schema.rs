// Made from the migrated database by `LIAISON_UPDATE=1 cargo nextest run schema`.

diesel::table! {
    annual_summaries (id) {
        id -> Uuid,
        year -> Integer,
        state -> Text,
        text -> Nullable<Text>,
        figures -> Nullable<Jsonb>,
        sha256 -> Nullable<Bytea>,
        published_at -> Nullable<Timestamptz>,
        version -> BigInt,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    annual_summary_records (annual_summary_id, position) {
        annual_summary_id -> Uuid,
        position -> Integer,
        kind -> Text,
        key -> Uuid,
        record_id -> Uuid,
        title -> Text,
        on_day -> Nullable<Date>,
        department_id -> Nullable<Uuid>,
        party_id -> Nullable<Uuid>,
        counted -> Array<Text>,
        counted_of -> Array<Text>,
        sha256 -> Bytea,
    }
}

diesel::table! {
    assignments (id) {
        id -> Uuid,
        scheme_id -> Uuid,
        department_id -> Uuid,
        department_kind -> Nullable<Text>,
        party_id -> Uuid,
        party_kind -> Nullable<Text>,
        basis -> Text,
    }
}

diesel::table! {
    attachment_store (only_row) {
        only_row -> Bool,
        id -> Uuid,
    }
}

diesel::table! {
    attachments (id) {
        id -> Uuid,
        subject_type -> Text,
        subject_id -> Uuid,
        chain_id -> Uuid,
        version_number -> Integer,
        file_name -> Text,
        media_type -> Text,
        size -> BigInt,
        sha256 -> Bytea,
        object_key -> Uuid,
        organization_id -> Nullable<Uuid>,
        version -> BigInt,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        removed_at -> Nullable<Timestamptz>,
        purged_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    audit_log (id) {
        id -> Uuid,
        occurred_at -> Timestamptz,
        request_id -> Text,
        principal_id -> Nullable<Uuid>,
        principal_name -> Text,
        role -> Nullable<Text>,
        organization_id -> Nullable<Uuid>,
        address -> Nullable<Text>,
        operation -> Text,
        outcome -> Text,
        problem -> Nullable<Text>,
        subject_type -> Nullable<Text>,
        subject_id -> Nullable<Uuid>,
        before -> Nullable<Jsonb>,
        after -> Nullable<Jsonb>,
    }
}

diesel::table! {
    bulletin_recipients (bulletin_id, organization_id) {
        bulletin_id -> Uuid,
        organization_id -> Uuid,
        outside_assignment -> Bool,
        told_at -> Nullable<Timestamptz>,
        acknowledged_at -> Nullable<Timestamptz>,
        acknowledged_by -> Nullable<Text>,
    }
}

diesel::table! {
    bulletins (id) {
        id -> Uuid,
        sender_id -> Uuid,
        sender_kind -> Text,
        category -> Text,
        title -> Text,
        text -> Text,
        state -> Text,
        to_linked -> Bool,
        no_secrets -> Bool,
        sent_at -> Nullable<Timestamptz>,
        withdrawn_at -> Nullable<Timestamptz>,
        withdrawal_reason -> Nullable<Text>,
        dated_at -> Timestamptz,
        version -> BigInt,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        recorded_on_behalf -> Bool,
        searched -> Text,
    }
}

diesel::table! {
    calendar_corrections (seq) {
        seq -> BigInt,
        years -> Array<Integer>,
        reason -> Text,
        made_at -> Timestamptz,
        position -> Uuid,
        total -> Nullable<BigInt>,
        examined -> BigInt,
        moved -> BigInt,
        finished_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    calendar_feeds (id) {
        id -> Uuid,
        user_id -> Nullable<Uuid>,
        organization_id -> Nullable<Uuid>,
        secret_hash -> Bytea,
        rotated_at -> Nullable<Timestamptz>,
        version -> BigInt,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    commitments (id) {
        id -> Uuid,
        suggestion_id -> Uuid,
        reply_id -> Uuid,
        department_id -> Uuid,
        department_kind -> Text,
        position -> Integer,
        text -> Text,
        due_on -> Date,
        state -> Text,
        fulfilment -> Nullable<Text>,
        fulfilled_at -> Nullable<Timestamptz>,
        abandonment_reason -> Nullable<Text>,
        abandonment_requested_at -> Nullable<Timestamptz>,
        abandonment_granted -> Nullable<Bool>,
        abandonment_decision -> Nullable<Text>,
        abandonment_decided_at -> Nullable<Timestamptz>,
        version -> BigInt,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    deadline_moves (id) {
        id -> Uuid,
        todo_id -> Uuid,
        moved_at -> Timestamptz,
        due_before -> Date,
        due_after -> Date,
        reason -> Text,
    }
}

diesel::table! {
    directory_revision (only_row) {
        only_row -> Bool,
        revision -> BigInt,
    }
}

diesel::table! {
    event_head (only_row) {
        only_row -> Bool,
        position -> BigInt,
    }
}

diesel::table! {
    events (id) {
        id -> Uuid,
        #[sql_name = "type"]
        type_ -> Text,
        occurred_at -> Timestamptz,
        subject_type -> Text,
        subject_id -> Uuid,
        actor -> Jsonb,
        data -> Jsonb,
        seq -> BigInt,
        position -> Nullable<BigInt>,
    }
}

diesel::table! {
    feedback_receipts (id) {
        id -> Uuid,
        suggestion_id -> Uuid,
        round -> Integer,
        party_id -> Uuid,
        party_kind -> Text,
        reply_id -> Uuid,
        attitude -> Text,
        result -> Text,
        comment -> Nullable<Text>,
        signatory -> Nullable<Text>,
        due_on -> Date,
        late -> Bool,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    figure_tallies (id) {
        id -> BigInt,
        month -> Date,
        department_id -> Uuid,
        party_id -> Uuid,
        mark -> Text,
        n -> BigInt,
        summed -> Bool,
    }
}

diesel::table! {
    figure_years (year, department_id, party_id, mark) {
        year -> Date,
        department_id -> Uuid,
        party_id -> Uuid,
        mark -> Text,
        n -> BigInt,
    }
}

diesel::table! {
    former_passwords (user_id, changed_at) {
        user_id -> Uuid,
        changed_at -> Timestamptz,
        password_hash -> Text,
    }
}

diesel::table! {
    idempotency_keys (principal_id, operation, key) {
        principal_id -> Uuid,
        operation -> Text,
        key -> Text,
        request_digest -> Bytea,
        status -> SmallInt,
        headers -> Jsonb,
        body -> Bytea,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    installation (only_row) {
        only_row -> Bool,
        demo -> Bool,
        made_at -> Timestamptz,
        issuer -> Nullable<Text>,
    }
}

diesel::table! {
    instances (id) {
        id -> Uuid,
        host -> Text,
        started_at -> Timestamptz,
        beat_at -> Timestamptz,
        clock_ahead_ms -> BigInt,
    }
}

diesel::table! {
    liaison_confirmations (id) {
        id -> Uuid,
        department_id -> Uuid,
        department_kind -> Nullable<Text>,
        year -> Integer,
        quarter -> Integer,
        due_on -> Date,
        outcome -> Nullable<Text>,
        settled_at -> Nullable<Timestamptz>,
        liaison_leader_id -> Nullable<Uuid>,
        recorded_on_behalf -> Bool,
        version -> BigInt,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        opened_late -> Bool,
    }
}

diesel::table! {
    liaison_contacts (liaison_leader_id, position) {
        liaison_leader_id -> Uuid,
        position -> Integer,
        name -> Text,
        title -> Nullable<Text>,
        mobile -> Nullable<Text>,
        email -> Nullable<Text>,
    }
}

diesel::table! {
    liaison_leader_receipts (liaison_leader_id, organization_id) {
        liaison_leader_id -> Uuid,
        organization_id -> Uuid,
        told_at -> Timestamptz,
        acknowledged_at -> Nullable<Timestamptz>,
        acknowledged_by -> Nullable<Text>,
        acknowledged_version -> Nullable<Integer>,
    }
}

diesel::table! {
    liaison_leader_versions (liaison_leader_id, version_number) {
        liaison_leader_id -> Uuid,
        version_number -> Integer,
        content -> Jsonb,
        replaced_at -> Timestamptz,
        replaced_by -> Text,
        reason -> Text,
    }
}

diesel::table! {
    liaison_leaders (id) {
        id -> Uuid,
        department_id -> Uuid,
        department_kind -> Nullable<Text>,
        effective_from -> Date,
        effective_until -> Nullable<Date>,
        vacant -> Bool,
        leader_name -> Nullable<Text>,
        leader_title -> Nullable<Text>,
        office_name -> Nullable<Text>,
        office_phone -> Nullable<Text>,
        reason -> Nullable<Text>,
        state -> Text,
        completion_text -> Nullable<Text>,
        completion_requested_at -> Nullable<Timestamptz>,
        reported_at -> Timestamptz,
        report_due_on -> Date,
        late -> Bool,
        recorded_on_behalf -> Bool,
        version_number -> Integer,
        version -> BigInt,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    liaison_rules (id) {
        id -> Uuid,
        department_id -> Uuid,
        department_kind -> Nullable<Text>,
        kind -> Text,
        title -> Text,
        document_number -> Nullable<Text>,
        issued_on -> Date,
        ended_on -> Nullable<Date>,
        version -> BigInt,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        recorded_on_behalf -> Bool,
    }
}

diesel::table! {
    login_failures (username, address) {
        username -> Text,
        address -> Text,
        failures -> Integer,
        last_failed_at -> Timestamptz,
        locked_until -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    meeting_agenda_items (id) {
        id -> Uuid,
        meeting_id -> Uuid,
        position -> Integer,
        title -> Text,
        presenter -> Nullable<Text>,
        suggestion_id -> Nullable<Uuid>,
        work_report_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    meeting_follow_ups (id) {
        id -> Uuid,
        meeting_id -> Uuid,
        position -> Integer,
        text -> Text,
        owner_id -> Uuid,
        due_on -> Date,
        state -> Text,
        done_at -> Nullable<Timestamptz>,
        done_text -> Nullable<Text>,
        version -> BigInt,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    meeting_hosts (meeting_id, organization_id) {
        meeting_id -> Uuid,
        organization_id -> Uuid,
        organization_kind -> Text,
        position -> Integer,
    }
}

diesel::table! {
    meeting_invitations (id) {
        id -> Uuid,
        meeting_id -> Uuid,
        position -> Integer,
        organization_id -> Nullable<Uuid>,
        organization_kind -> Nullable<Text>,
        guest_kind -> Nullable<Text>,
        guest_name -> Nullable<Text>,
        guest_organization -> Nullable<Text>,
        co_host -> Bool,
        quota -> Nullable<Integer>,
        answer -> Text,
        attendees -> Jsonb,
        reason -> Nullable<Text>,
        answered_at -> Nullable<Timestamptz>,
        present -> Nullable<Bool>,
        online -> Nullable<Bool>,
        persons -> Jsonb,
        dispute_until -> Nullable<Date>,
        disputed_at -> Nullable<Timestamptz>,
        dispute_reason -> Nullable<Text>,
        dispute_present -> Nullable<Bool>,
        dispute_persons -> Nullable<Jsonb>,
        dispute_decided_at -> Nullable<Timestamptz>,
        dispute_granted -> Nullable<Bool>,
        dispute_decision -> Nullable<Text>,
        created_at -> Timestamptz,
        recorded_on_behalf -> Bool,
        answer_until -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    meeting_opinions (id) {
        id -> Uuid,
        meeting_id -> Uuid,
        party_id -> Uuid,
        party_kind -> Text,
        text -> Text,
        given_at -> Timestamptz,
        answer -> Nullable<Text>,
        answer_reason -> Nullable<Text>,
        answered_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    meeting_postponements (id) {
        id -> Uuid,
        meeting_id -> Uuid,
        postponed_at -> Timestamptz,
        starts_before -> Timestamptz,
        starts_after -> Timestamptz,
        place_before -> Nullable<Text>,
        place_after -> Nullable<Text>,
        reason -> Nullable<Text>,
    }
}

diesel::table! {
    meetings (id) {
        id -> Uuid,
        kind -> Text,
        social_service_kind -> Nullable<Text>,
        title -> Text,
        description -> Nullable<Text>,
        form -> Text,
        state -> Text,
        starts_at -> Timestamptz,
        ends_at -> Nullable<Timestamptz>,
        place -> Nullable<Text>,
        online_address -> Nullable<Text>,
        decision_matter -> Nullable<Text>,
        decision_planned_on -> Nullable<Date>,
        opinions_due_on -> Nullable<Date>,
        decided_on -> Nullable<Date>,
        decision_text -> Nullable<Text>,
        minutes_text -> Nullable<Text>,
        minutes_decisions -> Jsonb,
        sequence -> Integer,
        convened_at -> Nullable<Timestamptz>,
        held_at -> Nullable<Timestamptz>,
        concluded_at -> Nullable<Timestamptz>,
        cancelled_at -> Nullable<Timestamptz>,
        cancel_reason -> Nullable<Text>,
        version -> BigInt,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    notices (id) {
        id -> Uuid,
        organization_id -> Nullable<Uuid>,
        kind -> Text,
        level -> Nullable<Text>,
        subject_type -> Text,
        subject_id -> Uuid,
        title -> Text,
        text -> Text,
        created_at -> Timestamptz,
        mail_claimed_until -> Nullable<Timestamptz>,
        mail_attempts -> Integer,
        mailed_at -> Nullable<Timestamptz>,
        mail_left -> Nullable<Array<Text>>,
    }
}

diesel::table! {
    notifications (user_id, notice_id) {
        user_id -> Uuid,
        notice_id -> Uuid,
        created_at -> Timestamptz,
        read_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    organization_names (id) {
        id -> Uuid,
        organization_id -> Uuid,
        name -> Text,
        short_name -> Text,
        effective_from -> Nullable<Date>,
        effective_until -> Nullable<Date>,
        reason -> Nullable<Text>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    organizations (id) {
        id -> Uuid,
        kind -> Text,
        code -> Text,
        party_kind -> Nullable<Text>,
        social_credit_code -> Nullable<Text>,
        position -> Integer,
        established_on -> Nullable<Date>,
        ended_on -> Nullable<Date>,
        end_kind -> Nullable<Text>,
        end_reason -> Nullable<Text>,
        successor_id -> Nullable<Uuid>,
        contact_office -> Nullable<Text>,
        contact_person -> Nullable<Text>,
        contact_phone -> Nullable<Text>,
        version -> BigInt,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    planned_item_meetings (item_id, meeting_id) {
        item_id -> Uuid,
        meeting_id -> Uuid,
        linked_at -> Timestamptz,
    }
}

diesel::table! {
    planned_items (id) {
        id -> Uuid,
        department_id -> Uuid,
        department_kind -> Nullable<Text>,
        year -> Integer,
    }
}

diesel::table! {
    problem_reports (id) {
        id -> Uuid,
        organization_id -> Uuid,
        organization_kind -> Text,
        title -> Text,
        text -> Text,
        state -> Text,
        no_secrets -> Bool,
        recorded_on_behalf -> Bool,
        answer -> Nullable<Text>,
        answered_at -> Nullable<Timestamptz>,
        closed_at -> Nullable<Timestamptz>,
        version -> BigInt,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        searched -> Text,
    }
}

diesel::table! {
    reminders (todo_id, step) {
        todo_id -> Uuid,
        step -> Text,
        remind_on -> Date,
        sent_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    reporting_duties (id) {
        id -> Uuid,
        kind -> Text,
        department_id -> Uuid,
        department_kind -> Nullable<Text>,
        period_kind -> Text,
        period_from -> Date,
        period_to -> Date,
        created_at -> Timestamptz,
        opened_late -> Bool,
    }
}

diesel::table! {
    schemes (id) {
        id -> Uuid,
        title -> Text,
        document_number -> Nullable<Text>,
        document_agency -> Nullable<Text>,
        document_year -> Nullable<Integer>,
        document_serial -> Nullable<Integer>,
        issued_on -> Nullable<Date>,
        note -> Nullable<Text>,
        effective_from -> Date,
        effective_until -> Nullable<Date>,
        published_at -> Nullable<Timestamptz>,
        version -> BigInt,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    search_folding (only_row) {
        only_row -> Bool,
        version -> Integer,
        done_until -> Uuid,
    }
}

diesel::table! {
    sessions (id) {
        id -> Uuid,
        user_id -> Uuid,
        current_hash -> Bytea,
        previous_hash -> Nullable<Bytea>,
        rotated_at -> Timestamptz,
        expires_at -> Timestamptz,
        revoked_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    signing_keys (kid) {
        kid -> Text,
        algorithm -> Text,
        public_key -> Bytea,
        sealed_private_key -> Bytea,
        created_at -> Timestamptz,
        retired_at -> Nullable<Timestamptz>,
        revoked_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    special_days (day) {
        day -> Date,
        year -> Integer,
        working -> Bool,
        name -> Text,
    }
}

diesel::table! {
    suggestion_communications (id) {
        id -> Uuid,
        suggestion_id -> Uuid,
        round -> Integer,
        way -> Text,
        held_on -> Date,
        persons -> Jsonb,
        gist -> Text,
        organization_id -> Uuid,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    suggestion_counters (year, series) {
        year -> Integer,
        series -> Text,
        last -> Integer,
    }
}

diesel::table! {
    suggestion_handlings (id) {
        id -> Uuid,
        suggestion_id -> Uuid,
        department_id -> Uuid,
        department_kind -> Text,
        role -> Text,
        position -> Integer,
        started_at -> Timestamptz,
        accepted_at -> Nullable<Timestamptz>,
        handler -> Nullable<Text>,
        office -> Nullable<Text>,
        returned_at -> Nullable<Timestamptz>,
        return_reason -> Nullable<Text>,
        proposed_department_id -> Nullable<Uuid>,
        opinion -> Nullable<Text>,
        opinion_at -> Nullable<Timestamptz>,
        opinion_by -> Nullable<Text>,
        ended_at -> Nullable<Timestamptz>,
        last_seen -> Nullable<Jsonb>,
        return_denied_at -> Nullable<Timestamptz>,
        outside_assignment -> Nullable<Bool>,
    }
}

diesel::table! {
    suggestion_marks (handling_id) {
        handling_id -> Uuid,
        suggestion_id -> Uuid,
        department_id -> Uuid,
        party_id -> Uuid,
        received_on -> Date,
        open_kind -> Nullable<Text>,
        open_due_on -> Nullable<Date>,
        marks -> Array<Text>,
    }
}

diesel::table! {
    suggestion_replies (id) {
        id -> Uuid,
        suggestion_id -> Uuid,
        round -> Integer,
        version_number -> Integer,
        department_id -> Uuid,
        department_kind -> Text,
        text -> Text,
        document_number -> Nullable<Text>,
        signatory -> Nullable<Text>,
        result -> Text,
        missing_opinions_reason -> Nullable<Text>,
        correction_reason -> Nullable<Text>,
        replied_at -> Timestamptz,
        replied_by -> Text,
    }
}

diesel::table! {
    suggestion_signatures (suggestion_id, party_id) {
        suggestion_id -> Uuid,
        party_id -> Uuid,
        party_kind -> Text,
        position -> Integer,
        requested_at -> Nullable<Timestamptz>,
        signed_at -> Nullable<Timestamptz>,
        declined_at -> Nullable<Timestamptz>,
        answered_by -> Nullable<Text>,
        reason -> Nullable<Text>,
        signed_digest -> Nullable<Bytea>,
    }
}

diesel::table! {
    suggestion_steps (id) {
        id -> Uuid,
        suggestion_id -> Uuid,
        step -> Text,
        round -> Integer,
        state -> Text,
        occurred_at -> Timestamptz,
        organization_id -> Nullable<Uuid>,
        actor -> Nullable<Text>,
        text -> Nullable<Text>,
        details -> Nullable<Jsonb>,
    }
}

diesel::table! {
    suggestions (id) {
        id -> Uuid,
        party_id -> Uuid,
        title -> Text,
        background -> Text,
        proposal -> Text,
        category -> Nullable<Text>,
        authors -> Jsonb,
        contact -> Nullable<Jsonb>,
        lead_department_id -> Uuid,
        state -> Text,
        number -> Nullable<Text>,
        outside_assignment -> Bool,
        round -> Integer,
        communicated_round -> Integer,
        result -> Nullable<Text>,
        filing -> Text,
        filing_number -> Nullable<Text>,
        evaluation -> Text,
        mediation -> Text,
        extension -> Text,
        extension_until -> Nullable<Date>,
        extension_reason -> Nullable<Text>,
        due_on -> Nullable<Date>,
        submitted_at -> Nullable<Timestamptz>,
        accepted_at -> Nullable<Timestamptz>,
        replied_at -> Nullable<Timestamptz>,
        concluded_at -> Nullable<Timestamptz>,
        withdrawn_at -> Nullable<Timestamptz>,
        version -> BigInt,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        from_meeting_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    switches (key) {
        key -> Text,
        id -> Uuid,
        enabled -> Bool,
        version -> BigInt,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    terms (key) {
        key -> Text,
        id -> Uuid,
        amount -> Integer,
        unit -> Text,
        version -> BigInt,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    timing_revision (only_row) {
        only_row -> Bool,
        revision -> BigInt,
    }
}

diesel::table! {
    todos (id) {
        id -> Uuid,
        organization_id -> Uuid,
        kind -> Text,
        subject_type -> Text,
        subject_id -> Uuid,
        title -> Text,
        opened_at -> Timestamptz,
        started_on -> Nullable<Date>,
        amount -> Nullable<Integer>,
        unit -> Nullable<Text>,
        due_on -> Nullable<Date>,
        closed_at -> Nullable<Timestamptz>,
        opened_by -> Nullable<Text>,
        closed_by -> Nullable<Text>,
        extended_at -> Nullable<Timestamptz>,
        ends_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    users (id) {
        id -> Uuid,
        username -> Text,
        display_name -> Text,
        role -> Nullable<Text>,
        organization_id -> Nullable<Uuid>,
        organization_kind -> Nullable<Text>,
        password_hash -> Text,
        password_changed_at -> Timestamptz,
        must_change_password -> Bool,
        disabled_at -> Nullable<Timestamptz>,
        token_epoch -> BigInt,
        token_epoch_raised_at -> Nullable<Timestamptz>,
        version -> BigInt,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        created_by -> Nullable<Text>,
        password_set_by -> Nullable<Text>,
        grant_proof -> Nullable<Text>,
        expiry_told_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    work_plan_item_parties (work_plan_id, item_id, party_id) {
        work_plan_id -> Uuid,
        item_id -> Uuid,
        party_id -> Uuid,
        party_kind -> Nullable<Text>,
    }
}

diesel::table! {
    work_plan_items (work_plan_id, item_id) {
        work_plan_id -> Uuid,
        item_id -> Uuid,
        position -> Integer,
        kind -> Text,
        title -> Text,
        month -> Nullable<Integer>,
    }
}

diesel::table! {
    work_plans (id) {
        id -> Uuid,
        department_id -> Uuid,
        department_kind -> Nullable<Text>,
        year -> Integer,
        number -> Integer,
        state -> Text,
        recorded_on_behalf -> Bool,
        submitted_at -> Nullable<Timestamptz>,
        decided_at -> Nullable<Timestamptz>,
        return_reason -> Nullable<Text>,
        next_id -> Nullable<Uuid>,
        superseded_at -> Nullable<Timestamptz>,
        version -> BigInt,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    work_report_meetings (work_report_id, meeting_id) {
        work_report_id -> Uuid,
        meeting_id -> Uuid,
    }
}

diesel::table! {
    work_reports (id) {
        id -> Uuid,
        department_id -> Uuid,
        department_kind -> Nullable<Text>,
        period_kind -> Text,
        period_from -> Date,
        period_to -> Date,
        number -> Integer,
        title -> Text,
        text -> Text,
        state -> Text,
        no_secrets -> Bool,
        recorded_on_behalf -> Bool,
        facts -> Nullable<Jsonb>,
        submitted_at -> Nullable<Timestamptz>,
        decided_at -> Nullable<Timestamptz>,
        return_reason -> Nullable<Text>,
        copy_acknowledged_at -> Nullable<Timestamptz>,
        next_id -> Nullable<Uuid>,
        superseded_at -> Nullable<Timestamptz>,
        version -> BigInt,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        searched -> Text,
    }
}

diesel::table! {
    working_day_years (year) {
        year -> Integer,
        id -> Uuid,
        document_number -> Nullable<Text>,
        title -> Nullable<Text>,
        issued_on -> Nullable<Date>,
        note -> Nullable<Text>,
        version -> BigInt,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}
