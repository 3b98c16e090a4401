// Made from the migrated database by `LIAISON_UPDATE=1 cargo nextest run schema`.

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
    directory_revision (only_row) {
        only_row -> Bool,
        revision -> BigInt,
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
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    assignments,
    attachments,
    audit_log,
    directory_revision,
    events,
    former_passwords,
    idempotency_keys,
    installation,
    login_failures,
    organization_names,
    organizations,
    schemes,
    sessions,
    signing_keys,
    users,
);
