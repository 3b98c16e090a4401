-- All that stands when a database is made, area by area, in the order in which the areas build on each other. Later migrations
-- expand it, and contract what nobody uses any more. Functions in plpgsql name tables that come further down: they are bound when
-- they run. Columns that came later stand last in their tables, as in a database that grew up with them.
--
-- Foundation · Text · Organizations and accounts · Schemes · Working days · To-dos and notices · Versions · Attachments · Liaison
-- leaders · Problem reports · Meetings · Suggestions · Bulletins · Plans and reports · Links · Calendar feeds · Figures · Annual
-- summaries · Search

-- --- Foundation ------------------------------------------------------------------------------------------------------------
-- What every write takes part in: the audit log, the outbox and the kept answers of idempotent calls; and the instances that do it.

CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE EXTENSION IF NOT EXISTS btree_gin;

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

-- Text with CHECK instead of enum types: their type ids would be looked up on every fresh connection.
CREATE TABLE audit_log (
    id uuid PRIMARY KEY,
    occurred_at timestamptz NOT NULL,
    request_id text NOT NULL,
    -- No foreign keys: the log outlives what it speaks of, and names stay as they were on the day.
    principal_id uuid,
    principal_name text NOT NULL,
    role text,
    organization_id uuid,
    address text,
    operation text NOT NULL,
    outcome text NOT NULL CONSTRAINT audit_log_outcome CHECK (outcome IN ('done', 'refused', 'read')),
    problem text,
    subject_type text,
    subject_id uuid,
    before jsonb,
    after jsonb,
    CONSTRAINT audit_log_problem CHECK ((outcome = 'refused') = (problem IS NOT NULL))
);
-- Lists are read from the newest on, whatever they are filtered by.
CREATE INDEX audit_log_subject ON audit_log (subject_id, occurred_at, id) WHERE subject_id IS NOT NULL;
CREATE INDEX audit_log_principal ON audit_log (principal_id, occurred_at, id);
CREATE INDEX audit_log_request ON audit_log (request_id);
CREATE INDEX audit_log_occurred_at ON audit_log (occurred_at, id);
CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The outbox: one row per change that matters to another system, CloudEvents 1.0 in shape.
CREATE TABLE events (
    id uuid PRIMARY KEY,
    type text NOT NULL,
    occurred_at timestamptz NOT NULL,
    subject_type text NOT NULL,
    subject_id uuid NOT NULL,
    actor jsonb NOT NULL,
    data jsonb NOT NULL,
    -- A change's place among all changes. `seq` is given when it is written, `position` by the runner after its commit: dense,
    -- and never lower than one that anybody has read. Changes of one subject are written under its row lock, so their order
    -- by `seq` is that of their commits.
    seq bigint GENERATED ALWAYS AS IDENTITY,
    position bigint CONSTRAINT events_position UNIQUE
);
CREATE INDEX events_waiting ON events (seq) WHERE position IS NULL;
CREATE INDEX events_subject ON events (subject_id, position);

CREATE TABLE event_head (
    only_row boolean PRIMARY KEY DEFAULT true CONSTRAINT event_head_one_row CHECK (only_row),
    position bigint NOT NULL
);
INSERT INTO event_head (position) VALUES (0);

-- Stamps what has been committed, in one call: no instance that freezes between two statements holds the head.
CREATE FUNCTION stamp_events(at_most bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    head bigint;
    stamped bigint;
BEGIN
    SELECT position INTO head FROM event_head FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        -- Another instance is at it.
        RETURN 0;
    END IF;
    UPDATE events SET position = head + waiting.place
    FROM (SELECT id, row_number() OVER (ORDER BY seq) AS place
          FROM (SELECT id, seq FROM events WHERE position IS NULL ORDER BY seq LIMIT at_most) AS batch) AS waiting
    WHERE events.id = waiting.id;
    GET DIAGNOSTICS stamped = ROW_COUNT;
    IF stamped > 0 THEN
        UPDATE event_head SET position = head + stamped;
    END IF;
    RETURN stamped;
END $$;

CREATE TABLE idempotency_keys (
    principal_id uuid NOT NULL,
    operation text NOT NULL,
    key text NOT NULL,
    request_digest bytea NOT NULL,
    status smallint NOT NULL,
    headers jsonb NOT NULL,
    body bytea NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (principal_id, operation, key)
);
CREATE INDEX idempotency_keys_created_at ON idempotency_keys (created_at);

-- What the database was made for: a demo is never mixed with real data.
CREATE TABLE installation (
    only_row boolean PRIMARY KEY DEFAULT true CONSTRAINT installation_one_row CHECK (only_row),
    demo boolean NOT NULL,
    made_at timestamptz NOT NULL,
    -- Who issues the tokens of all instances.
    issuer text
);

-- Each instance writes its row every few seconds: that is the proof that the database takes writes.
CREATE TABLE instances (
    id uuid PRIMARY KEY,
    host text NOT NULL,
    started_at timestamptz NOT NULL,
    -- By the database's clock.
    beat_at timestamptz NOT NULL,
    -- By how much the clock of its machine is ahead of the database's.
    clock_ahead_ms bigint NOT NULL
);

-- --- Text ------------------------------------------------------------------------------------------------------------------

-- What two texts that look the same have in common, as src/text/fold.rs has it (`key`; a test holds one against the other): without
-- what is invisible and without white space, in compatibility form (NFKC), radicals as the ideographs that they look like
-- (Equivalent_Unified_Ideograph), in lower case: of Latin, Greek and Cyrillic, named one by one, since `lower` depends on the locale.
CREATE FUNCTION text_key(value text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT lower(translate(
        regexp_replace(
            normalize(regexp_replace(value, invisible, '', 'g'), NFKC),
            invisible || '|[\u0001-\u0020\u007F-\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000\u2800\U00016FE4\U0001D159\U00013441\U00013442]',
            '', 'g'),
        '⺁⺂⺃⺄⺅⺆⺇⺈⺉⺊⺋⺌⺍⺎⺏⺐⺑⺒⺓⺔⺕⺖⺗⺘⺙⺛⺜⺝⺞⺟⺠⺡⺢⺣⺤⺥⺦⺧⺨⺩⺪⺫⺬⺭⺮⺯⺰⺱⺲⺳⺴⺵⺶⺷⺸⺹⺺⺻⺼⺽⺾⺿⻀⻁⻂⻃⻄⻅⻆⻇⻈⻉⻊⻋⻌⻍⻎⻏⻐⻑⻒⻓⻔⻕⻖⻗⻘⻙⻚⻛⻜⻝⻞⻟⻠⻡⻢⻣⻤⻥⻦⻧⻨⻩⻪⻫⻬⻭⻮⻯⻰⻱⻲⻳'
            'ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞĀĂĄĆĈĊČĎĐĒĔĖĘĚĜĞĠĢĤĦĨĪĬĮİĴĶĹĻĽŁŃŅŇŊŌŎŐŒŔŖŘŚŜŞŠŢŤŦŨŪŬŮŰŲŴŶŸŹŻŽͰͲͶͿΆΈΉΊΌΎΏΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩΪΫϏϘϚϜϞϠϢϤϦϨϪϬϮϷϺϽϾϿЀЁЂЃЄЅІЇЈЉЊЋЌЍЎЏАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯѠѢѤѦѨѪѬѮѰѲѴѶѸѺѼѾҀҊҌҎҐҒҔҖҘҚҜҞҠҢҤҦҨҪҬҮҰҲҴҶҸҺҼҾӀӁӃӅӇӉӋӍӐӒӔӖӘӚӜӞӠӢӤӦӨӪӬӮӰӲӴӶӸӺӼӾԀԂԄԆԈԊԌԎԐԒԔԖԘԚԜԞԠԢԤԦԨԪԬԮ',
        '厂乛乚乙亻冂𠘨刀刂卜㔾小小兀尣尢𡯂巳幺彑彐忄心扌攵旡日月歺母民氵氺灬爫爫丬牛犭王𤴔目示礻𥫗糹纟罓罒㓁冗𦉫羊𦍌𦍋耂肀聿肉𦥑艹艹艹虎衤覀西见角𧢲讠贝𧾷车辶辶辶邑钅長镸长门𨸏阝雨青韦页风飞食𩙿飠饣𩠐马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龜亀龟'
            'àáâãäåæçèéêëìíîïðñòóôõöøùúûüýþāăąćĉċčďđēĕėęěĝğġģĥħĩīĭįiĵķĺļľłńņňŋōŏőœŕŗřśŝşšţťŧũūŭůűųŵŷÿźżžͱͳͷϳάέήίόύώαβγδεζηθικλμνξοπρστυφχψωϊϋϗϙϛϝϟϡϣϥϧϩϫϭϯϸϻͻͼͽѐёђѓєѕіїјљњћќѝўџабвгдежзийклмнопрстуфхцчшщъыьэюяѡѣѥѧѩѫѭѯѱѳѵѷѹѻѽѿҁҋҍҏґғҕҗҙқҝҟҡңҥҧҩҫҭүұҳҵҷҹһҽҿӏӂӄӆӈӊӌӎӑӓӕӗәӛӝӟӡӣӥӧөӫӭӯӱӳӵӷӹӻӽӿԁԃԅԇԉԋԍԏԑԓԕԗԙԛԝԟԡԣԥԧԩԫԭԯ') COLLATE "C")
    FROM (VALUES (
        '[\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B-\u200F\u202A-\u202E\u2060-\u206F\u3164\uFDD0-\uFDEF\uFE00-\uFE0F\uFEFF\uFFA0\uFFF0-\uFFFB\uFFFE\uFFFF\U0001BCA0-\U0001BCA3\U0001D173-\U0001D17A\U000E0000-\U000E0FFF]'
    )) AS of_unicode (invisible)
$$;

-- --- Organizations and accounts --------------------------------------------------------------------------------------------
-- Organizations, and the accounts that act for them.

-- Raised by any change of the directory, from wherever it comes, so that an instance knows whether what it has cached
-- still holds.
CREATE TABLE directory_revision (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    revision bigint NOT NULL
);
INSERT INTO directory_revision (revision) VALUES (1);

CREATE FUNCTION raise_directory_revision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE directory_revision SET revision = revision + 1;
    RETURN NULL;
END $$;

CREATE TABLE organizations (
    id uuid PRIMARY KEY,
    -- The two offices have a kind each, named as the role that acts for them: an account's role is its organization's kind.
    kind text NOT NULL CONSTRAINT organizations_kind CHECK (kind IN ('department', 'party', 'coordinator', 'government_office')),
    code text NOT NULL CONSTRAINT organizations_code UNIQUE CHECK (code ~ '^[a-z][a-z0-9]*(-[a-z0-9]+)*$' AND length(code) <= 64),
    party_kind text CONSTRAINT organizations_party_kind CHECK (
        party_kind IN ('democratic_party', 'federation_of_industry_and_commerce', 'non_party_intellectuals_association')),
    -- GB 32100-2015; its check character is verified by the service.
    social_credit_code text CONSTRAINT organizations_social_credit_code UNIQUE CHECK (social_credit_code ~ '^[0-9A-HJ-NP-RTUW-Y]{18}$'),
    -- Place in lists, in the order of the notice.
    position integer NOT NULL,
    -- Null: it stood before the records begin.
    established_on date,
    -- The first day on which it no longer stands.
    ended_on date,
    end_kind text CONSTRAINT organizations_end_kind CHECK (end_kind IN ('merged', 'abolished')),
    end_reason text,
    successor_id uuid CONSTRAINT organizations_successor REFERENCES organizations,
    contact_office text,
    contact_person text,
    contact_phone text,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT organizations_id_kind UNIQUE (id, kind),
    CONSTRAINT organizations_party_has_kind CHECK ((kind = 'party') = (party_kind IS NOT NULL)),
    CONSTRAINT organizations_end CHECK (num_nulls(ended_on, end_kind) IN (0, 2)),
    CONSTRAINT organizations_merged_into CHECK (end_kind <> 'merged' OR successor_id IS NOT NULL),
    CONSTRAINT organizations_successor_at_end CHECK (successor_id IS NULL OR ended_on IS NOT NULL),
    CONSTRAINT organizations_not_own_successor CHECK (successor_id <> id),
    CONSTRAINT organizations_ends_after_start CHECK (ended_on > established_on),
    CONSTRAINT organizations_contact CHECK (kind = 'party' OR num_nonnulls(contact_office, contact_person, contact_phone) = 0)
);
CREATE UNIQUE INDEX organizations_one_office ON organizations (kind) WHERE kind IN ('coordinator', 'government_office');
CREATE INDEX organizations_position ON organizations (kind, position, id);
CREATE TRIGGER organizations_revision AFTER INSERT OR UPDATE OR DELETE ON organizations
    FOR EACH STATEMENT EXECUTE FUNCTION raise_directory_revision();

-- Names over time: a renaming never touches the old name.
CREATE TABLE organization_names (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations,
    name text NOT NULL CONSTRAINT organization_names_name CHECK (text_key(name) <> ''),
    short_name text NOT NULL CONSTRAINT organization_names_short_name CHECK (text_key(short_name) <> ''),
    -- Null: since before the records begin.
    effective_from date,
    effective_until date,
    reason text,
    created_at timestamptz NOT NULL,
    CONSTRAINT organization_names_effective CHECK (effective_until > effective_from),
    CONSTRAINT organization_names_one_at_a_time EXCLUDE USING gist (
        organization_id WITH =, daterange(effective_from, effective_until) WITH &&),
    CONSTRAINT organization_names_unique_name EXCLUDE USING gist (
        text_key(name) WITH =, daterange(effective_from, effective_until) WITH &&),
    CONSTRAINT organization_names_unique_short_name EXCLUDE USING gist (
        text_key(short_name) WITH =, daterange(effective_from, effective_until) WITH &&)
);
CREATE TRIGGER organization_names_revision AFTER INSERT OR UPDATE OR DELETE ON organization_names
    FOR EACH STATEMENT EXECUTE FUNCTION raise_directory_revision();

CREATE TABLE users (
    id uuid PRIMARY KEY,
    username text NOT NULL CONSTRAINT users_username UNIQUE CHECK (username ~ '^[a-z][a-z0-9._-]{1,63}$'),
    display_name text NOT NULL CHECK (display_name ~ '\S'),
    -- One column, so one account is never two of the three administrators and a business role (三员分立).
    role text CONSTRAINT users_role CHECK (role IN
        ('coordinator', 'government_office', 'department', 'party', 'admin', 'security_admin', 'auditor')),
    organization_id uuid,
    organization_kind text,
    password_hash text NOT NULL,
    password_changed_at timestamptz NOT NULL,
    must_change_password boolean NOT NULL,
    disabled_at timestamptz,
    -- Raised whenever what the account may do changes: tokens that carry an older one are refused.
    token_epoch bigint NOT NULL DEFAULT 1,
    token_epoch_raised_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    -- User names: they stay for ever. Null: not known, from before these columns.
    created_by text,
    password_set_by text,
    -- Hash of the password that has to be shown beside the one-time password of a grant: the granter knows the one, the
    -- maker may know the other, only the owner knows both.
    grant_proof text,
    -- When the owner was told that the password is about to expire.
    expiry_told_at timestamptz,
    CONSTRAINT users_organization FOREIGN KEY (organization_id, organization_kind) REFERENCES organizations (id, kind),
    CONSTRAINT users_organization_whole CHECK (num_nulls(organization_id, organization_kind) IN (0, 2)),
    CONSTRAINT users_role_organization CHECK (
        CASE WHEN role IN ('coordinator', 'government_office', 'department', 'party')
             THEN organization_kind IS NOT DISTINCT FROM role
             ELSE organization_kind IS NULL END),
    CONSTRAINT users_grant_proof CHECK (grant_proof IS NULL OR must_change_password)
);
CREATE INDEX users_organization_id ON users (organization_id);
CREATE INDEX users_token_epoch_raised_at ON users (token_epoch_raised_at) WHERE token_epoch_raised_at IS NOT NULL;

CREATE TABLE former_passwords (
    user_id uuid NOT NULL REFERENCES users,
    changed_at timestamptz NOT NULL,
    password_hash text NOT NULL,
    PRIMARY KEY (user_id, changed_at)
);

-- One row a log-in: the family of refresh tokens that descends from it.
CREATE TABLE sessions (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users,
    current_hash bytea NOT NULL,
    previous_hash bytea,
    rotated_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    created_at timestamptz NOT NULL
);
CREATE INDEX sessions_user_id ON sessions (user_id) WHERE revoked_at IS NULL;
CREATE INDEX sessions_revoked_at ON sessions (revoked_at) WHERE revoked_at IS NOT NULL;
CREATE INDEX sessions_expires_at ON sessions (expires_at);

-- Failed log-ins by account and address; user names are kept as typed (folded), whether such a user exists or not.
CREATE TABLE login_failures (
    username text NOT NULL,
    address text NOT NULL,
    failures integer NOT NULL,
    last_failed_at timestamptz NOT NULL,
    locked_until timestamptz,
    PRIMARY KEY (username, address)
);
CREATE INDEX login_failures_address ON login_failures (address, last_failed_at);

CREATE TABLE signing_keys (
    kid text PRIMARY KEY,
    algorithm text NOT NULL CONSTRAINT signing_keys_algorithm CHECK (algorithm IN ('EdDSA', 'ES256')),
    public_key bytea NOT NULL,
    -- PKCS#8, sealed with a key derived from the installation's secret.
    sealed_private_key bytea NOT NULL,
    created_at timestamptz NOT NULL,
    -- From then on it no longer signs; it verifies until the last token that it signed has expired.
    retired_at timestamptz,
    -- From then on it neither signs nor verifies.
    revoked_at timestamptz,
    CONSTRAINT signing_keys_revoked_is_retired CHECK (revoked_at IS NULL OR retired_at IS NOT NULL)
);
CREATE UNIQUE INDEX signing_keys_one_active ON signing_keys ((true)) WHERE retired_at IS NULL;

-- --- Schemes ---------------------------------------------------------------------------------------------------------------
-- Schemes and their assignments.

CREATE TABLE schemes (
    id uuid PRIMARY KEY,
    title text NOT NULL CONSTRAINT schemes_title CHECK (title ~ '\S'),
    -- 韶府办发函〔2020〕20号: the text as printed, and its parts.
    document_number text,
    document_agency text,
    document_year integer,
    document_serial integer,
    issued_on date,
    note text,
    effective_from date NOT NULL,
    -- The first day on which the next scheme is in force; null while none has been published after this one.
    effective_until date,
    published_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT schemes_document_parts CHECK (num_nulls(document_number, document_agency, document_year, document_serial) IN (0, 4)),
    CONSTRAINT schemes_effective CHECK (effective_until > effective_from),
    CONSTRAINT schemes_draft_has_no_end CHECK (published_at IS NOT NULL OR effective_until IS NULL),
    CONSTRAINT schemes_one_in_force EXCLUDE USING gist (daterange(effective_from, effective_until) WITH &&)
        WHERE (published_at IS NOT NULL)
);
CREATE UNIQUE INDEX schemes_document_number ON schemes (text_key(document_number));
CREATE TRIGGER schemes_revision AFTER INSERT OR UPDATE OR DELETE ON schemes
    FOR EACH STATEMENT EXECUTE FUNCTION raise_directory_revision();

-- A published scheme is never edited: only its end is set, once, when the next one supersedes it.
CREATE FUNCTION keep_published_scheme() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.published_at IS NOT NULL AND (
        TG_OP = 'DELETE'
        OR OLD.effective_until IS NOT NULL AND NEW.effective_until IS DISTINCT FROM OLD.effective_until
        OR (NEW.title, NEW.document_number, NEW.document_agency, NEW.document_year, NEW.document_serial, NEW.issued_on,
            NEW.note, NEW.effective_from, NEW.published_at)
           IS DISTINCT FROM
           (OLD.title, OLD.document_number, OLD.document_agency, OLD.document_year, OLD.document_serial, OLD.issued_on,
            OLD.note, OLD.effective_from, OLD.published_at)
    ) THEN
        RAISE EXCEPTION 'scheme % is published', OLD.id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'schemes_published';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER schemes_published BEFORE UPDATE OR DELETE ON schemes
    FOR EACH ROW EXECUTE FUNCTION keep_published_scheme();

CREATE TABLE assignments (
    id uuid PRIMARY KEY,
    scheme_id uuid NOT NULL REFERENCES schemes ON DELETE CASCADE,
    department_id uuid NOT NULL,
    department_kind text GENERATED ALWAYS AS ('department') STORED,
    party_id uuid NOT NULL,
    party_kind text GENERATED ALWAYS AS ('party') STORED,
    basis text NOT NULL CONSTRAINT assignments_basis CHECK (basis IN ('common', 'designated')),
    CONSTRAINT assignments_pair UNIQUE (scheme_id, department_id, party_id),
    CONSTRAINT assignments_department FOREIGN KEY (department_id, department_kind) REFERENCES organizations (id, kind),
    CONSTRAINT assignments_party FOREIGN KEY (party_id, party_kind) REFERENCES organizations (id, kind)
);
CREATE INDEX assignments_department_party ON assignments (department_id, party_id);
CREATE INDEX assignments_party_department ON assignments (party_id, department_id);
CREATE TRIGGER assignments_revision AFTER INSERT OR UPDATE OR DELETE ON assignments
    FOR EACH STATEMENT EXECUTE FUNCTION raise_directory_revision();

CREATE FUNCTION keep_published_assignments() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    touched uuid := CASE TG_OP WHEN 'DELETE' THEN OLD.scheme_id ELSE NEW.scheme_id END;
BEGIN
    -- The row lock makes a simultaneous publication wait, or be seen.
    PERFORM 1 FROM schemes WHERE id = touched AND published_at IS NOT NULL FOR SHARE;
    IF FOUND THEN
        RAISE EXCEPTION 'scheme % is published', touched
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'schemes_published';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER assignments_published BEFORE INSERT OR UPDATE OR DELETE ON assignments
    FOR EACH ROW EXECUTE FUNCTION keep_published_assignments();

-- --- Working days ----------------------------------------------------------------------------------------------------------
-- The calendar of working days, the terms that deadlines are reckoned by, and the switches.

-- Raised by any change of calendar or terms, from wherever it comes, so that an instance knows whether what it has
-- cached still holds; and locked by whoever starts a deadline, so that none starts by a calendar on its way out.
CREATE TABLE timing_revision (
    only_row boolean PRIMARY KEY DEFAULT true CONSTRAINT timing_revision_one_row CHECK (only_row),
    revision bigint NOT NULL
);
INSERT INTO timing_revision (revision) VALUES (1);

CREATE FUNCTION raise_timing_revision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE timing_revision SET revision = revision + 1;
    RETURN NULL;
END $$;

-- A year whose arrangement by the State Council has been loaded. A year without a row is a plain week, provisionally.
CREATE TABLE working_day_years (
    year integer PRIMARY KEY CONSTRAINT working_day_years_year CHECK (year BETWEEN 1990 AND 2100),
    -- What the audit log and events name it by.
    id uuid NOT NULL CONSTRAINT working_day_years_id UNIQUE,
    document_number text,
    title text,
    issued_on date,
    note text,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE TRIGGER working_day_years_revision AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON working_day_years
    FOR EACH STATEMENT EXECUTE FUNCTION raise_timing_revision();

-- What differs from the plain week: days off, and weekend days worked (调休).
CREATE TABLE special_days (
    day date PRIMARY KEY,
    year integer NOT NULL CONSTRAINT special_days_of_year REFERENCES working_day_years ON DELETE CASCADE,
    working boolean NOT NULL,
    name text NOT NULL,
    CONSTRAINT special_days_in_year CHECK (extract(year FROM day) = year),
    CONSTRAINT special_days_makeup_on_weekend CHECK (NOT working OR extract(isodow FROM day) > 5)
);
CREATE INDEX special_days_year ON special_days (year);
CREATE TRIGGER special_days_revision AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON special_days
    FOR EACH STATEMENT EXECUTE FUNCTION raise_timing_revision();

-- Terms that have been set by hand; all others have the default that the program brings.
CREATE TABLE terms (
    key text PRIMARY KEY,
    id uuid NOT NULL CONSTRAINT terms_id UNIQUE,
    amount integer NOT NULL CONSTRAINT terms_amount CHECK (amount BETWEEN 1 AND 365),
    unit text NOT NULL CONSTRAINT terms_unit CHECK (unit IN ('working_days', 'days', 'months')),
    version bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    -- What is counted back from a day, and reminders, are counted in working days alone.
    CONSTRAINT terms_in_working_days CHECK (
        unit = 'working_days'
        OR NOT (key LIKE 'reminder\_%' OR key IN ('meeting_answer', 'opinion_before_decision'))
    )
);
CREATE TRIGGER terms_revision AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON terms
    FOR EACH STATEMENT EXECUTE FUNCTION raise_timing_revision();

-- Switches that have been set by hand; all others have the default that the program brings.
CREATE TABLE switches (
    key text PRIMARY KEY,
    id uuid NOT NULL CONSTRAINT switches_id UNIQUE,
    enabled boolean NOT NULL,
    version bigint NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE TRIGGER switches_revision AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON switches
    FOR EACH STATEMENT EXECUTE FUNCTION raise_timing_revision();

-- A change of the calendar that running deadlines still have to follow. It holds at once; the runner moves the deadlines in
-- batches, and remembers here how far it has come.
CREATE TABLE calendar_corrections (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    years integer[] NOT NULL CONSTRAINT calendar_corrections_years CHECK (cardinality(years) > 0),
    reason text NOT NULL CONSTRAINT calendar_corrections_reason CHECK (reason ~ '\S'),
    made_at timestamptz NOT NULL,
    -- The last to-do that was looked at, by id.
    position uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    -- Running deadlines that reach into these years, counted by the first batch.
    total bigint CONSTRAINT calendar_corrections_total CHECK (total >= 0),
    examined bigint NOT NULL DEFAULT 0,
    moved bigint NOT NULL DEFAULT 0,
    finished_at timestamptz,
    CONSTRAINT calendar_corrections_progress CHECK (moved BETWEEN 0 AND examined),
    CONSTRAINT calendar_corrections_finished CHECK (finished_at IS NULL OR total IS NOT NULL)
);
CREATE INDEX calendar_corrections_unfinished ON calendar_corrections (seq) WHERE finished_at IS NULL;

-- --- To-dos and notices ----------------------------------------------------------------------------------------------------
-- What waits for whom and until when, and what was told to whom.

-- 待办: something that waits for an organization, and its deadline where it has one. Stays when it is done: late is late.
CREATE TABLE todos (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations,
    kind text NOT NULL,
    subject_type text NOT NULL,
    subject_id uuid NOT NULL,
    title text NOT NULL CONSTRAINT todos_title CHECK (title ~ '\S'),
    opened_at timestamptz NOT NULL,
    -- Where the deadline runs by a term: from when, and how long. The term is kept: a setting changed later does not move it.
    started_on date,
    amount integer CONSTRAINT todos_amount CHECK (amount > 0),
    unit text CONSTRAINT todos_unit CHECK (unit IN ('working_days', 'days', 'months')),
    due_on date,
    closed_at timestamptz,
    -- Which step began and ended what waits, and whether its day was extended: such a day the calendar no longer moves.
    opened_by text,
    closed_by text,
    extended_at timestamptz,
    -- Until when something can be done at all; from then on it waits for nobody, whether the runner has closed it or not.
    ends_at timestamptz,
    CONSTRAINT todos_term CHECK (num_nulls(started_on, amount, unit) IN (0, 3)),
    CONSTRAINT todos_term_has_due_day CHECK (started_on IS NULL OR due_on IS NOT NULL)
);
-- One thing waits for one organization once.
CREATE UNIQUE INDEX todos_open ON todos (subject_id, organization_id, kind) WHERE closed_at IS NULL;
CREATE INDEX todos_of_organization ON todos (organization_id, coalesce(due_on, 'infinity'::date), id) WHERE closed_at IS NULL;
CREATE INDEX todos_organization ON todos (organization_id);
CREATE INDEX todos_subject ON todos (subject_id, opened_at, id);
-- What a correction of the calendar walks through, batch by batch.
CREATE INDEX todos_running_in_order ON todos (id)
    WHERE closed_at IS NULL AND started_on IS NOT NULL AND extended_at IS NULL;
CREATE INDEX todos_ending ON todos (ends_at) WHERE closed_at IS NULL AND ends_at IS NOT NULL;

-- The next deadline of a suggestion follows from what waits, whoever changes that.
CREATE FUNCTION keep_suggestion_due_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE suggestions SET due_on = next.due_on
    FROM (
        SELECT ids.subject_id, (
            SELECT min(todos.due_on) FROM todos WHERE todos.subject_id = ids.subject_id AND todos.closed_at IS NULL
        ) AS due_on
        FROM (SELECT DISTINCT subject_id FROM changed WHERE subject_type = 'suggestion') AS ids
    ) AS next
    WHERE suggestions.id = next.subject_id AND suggestions.due_on IS DISTINCT FROM next.due_on;
    RETURN NULL;
END $$;
CREATE TRIGGER todos_of_suggestions_opened AFTER INSERT ON todos
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION keep_suggestion_due_on();
CREATE TRIGGER todos_of_suggestions_changed AFTER UPDATE ON todos
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION keep_suggestion_due_on();

-- A deadline moved by a correction of the calendar, and why.
CREATE TABLE deadline_moves (
    id uuid PRIMARY KEY,
    todo_id uuid NOT NULL REFERENCES todos,
    moved_at timestamptz NOT NULL,
    due_before date NOT NULL,
    due_after date NOT NULL,
    reason text NOT NULL CONSTRAINT deadline_moves_reason CHECK (reason ~ '\S')
);
CREATE INDEX deadline_moves_todo ON deadline_moves (todo_id, moved_at);

-- A deadline that is moved is moved after whatever was done to its suggestion before: its line stands last in the timeline,
-- although the calendar is corrected without the suggestion in hand. Steps wait for the calendar meanwhile.
CREATE FUNCTION keep_move_in_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.moved_at := greatest(NEW.moved_at, (
        SELECT suggestions.updated_at + interval '1 microsecond'
        FROM todos JOIN suggestions ON suggestions.id = todos.subject_id
        WHERE todos.id = NEW.todo_id AND todos.subject_type = 'suggestion'
            -- At the same instant it is part of a step: of an extension.
            AND suggestions.updated_at > NEW.moved_at));
    RETURN NEW;
END $$;
CREATE TRIGGER deadline_moves_in_order BEFORE INSERT ON deadline_moves
    FOR EACH ROW EXECUTE FUNCTION keep_move_in_order();

-- Reminders of a deadline that are still to be sent or were; those not yet sent go with the to-do.
CREATE TABLE reminders (
    todo_id uuid NOT NULL REFERENCES todos,
    step text NOT NULL CONSTRAINT reminders_step CHECK (step IN ('handler_first', 'handler_second', 'leader', 'coordinator')),
    remind_on date NOT NULL,
    sent_at timestamptz,
    PRIMARY KEY (todo_id, step)
);
CREATE INDEX reminders_due ON reminders (remind_on) WHERE sent_at IS NULL;

-- 通知: what an organization is told; one row, however many users read it.
CREATE TABLE notices (
    id uuid PRIMARY KEY,
    -- Null: to one account, whatever it acts for.
    organization_id uuid REFERENCES organizations,
    kind text NOT NULL,
    -- For whom within the organization a reminder is meant.
    level text CONSTRAINT notices_level CHECK (level IN ('handler', 'leader', 'coordinator')),
    subject_type text NOT NULL,
    subject_id uuid NOT NULL,
    title text NOT NULL CONSTRAINT notices_title CHECK (title ~ '\S'),
    text text NOT NULL CONSTRAINT notices_text CHECK (text ~ '\S'),
    created_at timestamptz NOT NULL,
    -- By e-mail, where a server is set: claimed until, tried how often, done.
    mail_claimed_until timestamptz,
    mail_attempts integer NOT NULL DEFAULT 0,
    mailed_at timestamptz,
    -- Of a notice that reached some of its addresses: those that it still has to reach by e-mail.
    mail_left text[],
    CONSTRAINT notices_addressee CHECK (organization_id IS NOT NULL OR subject_type = 'user')
);
CREATE INDEX notices_organization ON notices (organization_id, created_at, id);
CREATE INDEX notices_subject ON notices (subject_id, created_at);
CREATE INDEX notices_to_mail ON notices (created_at) WHERE mailed_at IS NULL;

CREATE TABLE notifications (
    user_id uuid NOT NULL REFERENCES users,
    notice_id uuid NOT NULL REFERENCES notices,
    created_at timestamptz NOT NULL,
    read_at timestamptz,
    PRIMARY KEY (user_id, notice_id)
);
CREATE INDEX notifications_of_user ON notifications (user_id, created_at, notice_id);
CREATE INDEX notifications_unread ON notifications (user_id) WHERE read_at IS NULL;
CREATE INDEX notifications_notice ON notifications (notice_id);

-- --- Versions --------------------------------------------------------------------------------------------------------------
-- Whatever changes an answer raises the version and the instant of what is answered: papers that hang on it, commitments of its
-- reply, deadlines that the calendar moves, what it links. Here, so that whoever writes them cannot forget it.

-- Later than both what is on record and the instant of the change, whatever the clocks of several instances say.
CREATE FUNCTION raise_versions(thing text, ids uuid[], at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    CASE thing
        WHEN 'scheme' THEN
            UPDATE schemes SET version = version + 1, updated_at = greatest(at, updated_at + interval '1 microsecond')
            WHERE id = ANY (ids);
        WHEN 'liaison_leader' THEN
            UPDATE liaison_leaders SET version = version + 1, updated_at = greatest(at, updated_at + interval '1 microsecond')
            WHERE id = ANY (ids);
        WHEN 'liaison_confirmation' THEN
            UPDATE liaison_confirmations SET version = version + 1, updated_at = greatest(at, updated_at + interval '1 microsecond')
            WHERE id = ANY (ids);
        WHEN 'problem_report' THEN
            UPDATE problem_reports SET version = version + 1, updated_at = greatest(at, updated_at + interval '1 microsecond')
            WHERE id = ANY (ids);
        WHEN 'bulletin' THEN
            UPDATE bulletins SET version = version + 1, updated_at = greatest(at, updated_at + interval '1 microsecond')
            WHERE id = ANY (ids);
        WHEN 'meeting' THEN
            UPDATE meetings SET version = version + 1, updated_at = greatest(at, updated_at + interval '1 microsecond')
            WHERE id = ANY (ids);
        WHEN 'meeting_follow_up' THEN
            UPDATE meeting_follow_ups SET version = version + 1, updated_at = greatest(at, updated_at + interval '1 microsecond')
            WHERE id = ANY (ids);
        WHEN 'suggestion' THEN
            UPDATE suggestions SET version = version + 1, updated_at = greatest(at, updated_at + interval '1 microsecond')
            WHERE id = ANY (ids);
        WHEN 'suggestion_communication' THEN
            PERFORM raise_versions('suggestion',
                ARRAY (SELECT suggestion_id FROM suggestion_communications WHERE id = ANY (ids)), at);
        WHEN 'suggestion_reply' THEN
            PERFORM raise_versions('suggestion',
                ARRAY (SELECT suggestion_id FROM suggestion_replies WHERE id = ANY (ids)), at);
        WHEN 'commitment' THEN
            UPDATE commitments SET version = version + 1, updated_at = greatest(at, updated_at + interval '1 microsecond')
            WHERE id = ANY (ids);
        WHEN 'work_plan' THEN
            UPDATE work_plans SET version = version + 1, updated_at = greatest(at, updated_at + interval '1 microsecond')
            WHERE id = ANY (ids);
        WHEN 'work_report' THEN
            UPDATE work_reports SET version = version + 1, updated_at = greatest(at, updated_at + interval '1 microsecond')
            WHERE id = ANY (ids);
        WHEN 'reporting_duty' THEN
            -- A duty has no version of its own: it is shown with the plan or report that meets it.
            UPDATE work_plans SET version = version + 1, updated_at = greatest(at, updated_at + interval '1 microsecond')
            FROM reporting_duties AS duty
            WHERE duty.id = ANY (ids) AND duty.kind = 'work_plan' AND work_plans.department_id = duty.department_id
                AND work_plans.year = extract(year FROM duty.period_from);
            UPDATE work_reports SET version = version + 1, updated_at = greatest(at, updated_at + interval '1 microsecond')
            FROM reporting_duties AS duty
            WHERE duty.id = ANY (ids) AND duty.kind = 'work_report' AND work_reports.department_id = duty.department_id
                AND work_reports.period_from = duty.period_from AND work_reports.period_to = duty.period_to;
        ELSE
            NULL;
    END CASE;
END $$;

-- Deadlines that are moved: of many things at once where the calendar is corrected.
CREATE FUNCTION raise_versions_of_moved() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    moved record;
BEGIN
    FOR moved IN
        SELECT todos.subject_type AS thing, array_agg(DISTINCT todos.subject_id) AS ids, max(added.moved_at) AS at
        FROM added JOIN todos ON todos.id = added.todo_id
        GROUP BY todos.subject_type
        ORDER BY todos.subject_type
    LOOP
        PERFORM raise_versions(moved.thing, moved.ids, moved.at);
    END LOOP;
    RETURN NULL;
END $$;
CREATE TRIGGER deadline_moves_added AFTER INSERT ON deadline_moves
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION raise_versions_of_moved();

-- --- Attachments -----------------------------------------------------------------------------------------------------------
-- Files that hang on a record of another resource. The bytes are in the object store, under a key that says nothing.

CREATE TABLE attachments (
    id uuid PRIMARY KEY,
    -- What it hangs on: a table each, so no foreign key can watch. `Carrier` in the service lists the kinds.
    subject_type text NOT NULL CONSTRAINT attachments_subject_type CHECK (subject_type ~ '^[a-z]+(_[a-z]+)*$'),
    subject_id uuid NOT NULL,
    -- The first version of the same document; its own id for a first version.
    chain_id uuid NOT NULL CONSTRAINT attachments_chain REFERENCES attachments,
    version_number integer NOT NULL CONSTRAINT attachments_version_number CHECK (version_number >= 1),
    file_name text NOT NULL CONSTRAINT attachments_file_name
        CHECK (char_length(file_name) BETWEEN 1 AND 200 AND file_name !~ '[/\\[:cntrl:]]' AND file_name NOT IN ('.', '..')),
    media_type text NOT NULL CONSTRAINT attachments_media_type CHECK (media_type ~ '^[a-z]+/[a-z0-9.+-]+$'),
    size bigint NOT NULL CONSTRAINT attachments_size CHECK (size > 0),
    sha256 bytea NOT NULL CONSTRAINT attachments_sha256 CHECK (octet_length(sha256) = 32),
    object_key uuid NOT NULL CONSTRAINT attachments_object_key UNIQUE,
    -- Null: by an account that acts for no organization.
    organization_id uuid CONSTRAINT attachments_organization REFERENCES organizations,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    -- Removed by somebody; the bytes stay for a while, and `purged_at` says when they went.
    removed_at timestamptz,
    purged_at timestamptz,
    -- Two that replace the same version at once would both be the next.
    CONSTRAINT attachments_version UNIQUE (chain_id, version_number),
    CONSTRAINT attachments_first CHECK ((version_number = 1) = (chain_id = id)),
    CONSTRAINT attachments_purged CHECK (purged_at IS NULL OR removed_at IS NOT NULL)
);
CREATE INDEX attachments_subject ON attachments (subject_type, subject_id);
CREATE INDEX attachments_organization ON attachments (organization_id);
CREATE INDEX attachments_to_purge ON attachments (removed_at) WHERE removed_at IS NOT NULL AND purged_at IS NULL;

-- What was attached stays what it was: a correction is a new version.
CREATE FUNCTION keep_attachment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE'
        OR (NEW.id, NEW.subject_type, NEW.subject_id, NEW.chain_id, NEW.version_number, NEW.file_name, NEW.media_type,
            NEW.size, NEW.sha256, NEW.object_key, NEW.organization_id, NEW.created_at)
           IS DISTINCT FROM
           (OLD.id, OLD.subject_type, OLD.subject_id, OLD.chain_id, OLD.version_number, OLD.file_name, OLD.media_type,
            OLD.size, OLD.sha256, OLD.object_key, OLD.organization_id, OLD.created_at)
        OR OLD.removed_at IS NOT NULL AND NEW.removed_at IS DISTINCT FROM OLD.removed_at
    THEN
        RAISE EXCEPTION 'attachment % stays as it is', OLD.id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'attachments_kept';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER attachments_kept BEFORE UPDATE OR DELETE ON attachments
    FOR EACH ROW EXECUTE FUNCTION keep_attachment();

-- Papers: added, superseded or removed.
CREATE FUNCTION raise_version_of_carrier() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM raise_versions(NEW.subject_type, ARRAY[NEW.subject_id], NEW.updated_at);
    RETURN NULL;
END $$;
CREATE TRIGGER attachments_added AFTER INSERT ON attachments
    FOR EACH ROW EXECUTE FUNCTION raise_version_of_carrier();
CREATE TRIGGER attachments_removed AFTER UPDATE OF removed_at ON attachments
    FOR EACH ROW WHEN (OLD.removed_at IS DISTINCT FROM NEW.removed_at) EXECUTE FUNCTION raise_version_of_carrier();

-- What was submitted, sent, signed or concluded keeps its papers: a new version may supersede one, none is removed. The service
-- answers 409 before it comes to this; here it holds for whoever writes.
--
-- Whether what an attachment hangs on is past the point where its author may still take a paper back.
CREATE FUNCTION attachment_is_kept(carrier text, record uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN CASE carrier
        WHEN 'scheme' THEN EXISTS (SELECT 1 FROM schemes WHERE id = record AND published_at IS NOT NULL)
        WHEN 'liaison_leader' THEN EXISTS (SELECT 1 FROM liaison_leaders WHERE id = record)
        WHEN 'problem_report' THEN EXISTS (SELECT 1 FROM problem_reports WHERE id = record AND state <> 'raised')
        WHEN 'bulletin' THEN EXISTS (SELECT 1 FROM bulletins WHERE id = record AND state <> 'draft')
        WHEN 'meeting' THEN EXISTS (SELECT 1 FROM meetings WHERE id = record AND state <> 'draft')
        WHEN 'work_plan' THEN EXISTS (SELECT 1 FROM work_plans WHERE id = record AND state <> 'draft')
        WHEN 'work_report' THEN EXISTS (SELECT 1 FROM work_reports WHERE id = record AND state <> 'draft')
        WHEN 'suggestion' THEN EXISTS (SELECT 1 FROM suggestions WHERE id = record AND state <> 'draft')
        -- Until the reply that rests on it.
        WHEN 'suggestion_communication' THEN EXISTS (
            SELECT 1 FROM suggestion_communications AS talk JOIN suggestions ON suggestions.id = talk.suggestion_id
            WHERE talk.id = record AND (suggestions.state <> 'accepted' OR suggestions.round <> talk.round))
        WHEN 'suggestion_reply' THEN EXISTS (SELECT 1 FROM suggestion_replies WHERE id = record)
        -- A carrier that nobody has thought of here keeps what hangs on it.
        ELSE true
    END;
END $$;

CREATE FUNCTION keep_attachment_of_record() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF attachment_is_kept(NEW.subject_type, NEW.subject_id) THEN
        RAISE EXCEPTION 'attachment % stays with its record', NEW.id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'attachments_kept_with_record';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER attachments_kept_with_record BEFORE UPDATE OF removed_at ON attachments
    FOR EACH ROW WHEN (OLD.removed_at IS NULL AND NEW.removed_at IS NOT NULL) EXECUTE FUNCTION keep_attachment_of_record();

-- Which store of attached files is this database's: the store holds the same id.
CREATE TABLE attachment_store (
    only_row boolean PRIMARY KEY DEFAULT true CONSTRAINT attachment_store_one_row CHECK (only_row),
    id uuid NOT NULL DEFAULT gen_random_uuid()
);
INSERT INTO attachment_store DEFAULT VALUES;

-- --- Liaison leaders -------------------------------------------------------------------------------------------------------
-- 三(二) 落实责任: the leader, the liaison office and the contacts of each department, from a day on.

CREATE TABLE liaison_leaders (
    id uuid PRIMARY KEY,
    department_id uuid NOT NULL,
    department_kind text GENERATED ALWAYS AS ('department') STORED,
    effective_from date NOT NULL,
    -- The day of effect of the next one; null for the last.
    effective_until date,
    vacant boolean NOT NULL,
    leader_name text CONSTRAINT liaison_leaders_leader_name CHECK (leader_name ~ '\S'),
    leader_title text,
    office_name text,
    office_phone text,
    reason text,
    state text NOT NULL CONSTRAINT liaison_leaders_state CHECK (state IN ('reported', 'completion_requested')),
    completion_text text,
    completion_requested_at timestamptz,
    reported_at timestamptz NOT NULL,
    -- The last day on which the report was in time, as it was counted then.
    report_due_on date NOT NULL,
    -- Late stays late.
    late boolean NOT NULL,
    -- 代录: recorded by 市委统战部 for the department.
    recorded_on_behalf boolean NOT NULL,
    version_number integer NOT NULL DEFAULT 1,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT liaison_leaders_department FOREIGN KEY (department_id, department_kind) REFERENCES organizations (id, kind),
    CONSTRAINT liaison_leaders_vacancy CHECK (vacant = (leader_name IS NULL)),
    CONSTRAINT liaison_leaders_completion CHECK ((state = 'completion_requested') <= (completion_text IS NOT NULL)),
    CONSTRAINT liaison_leaders_effective CHECK (effective_until > effective_from),
    -- 任何时候有且只有一名分管领导: exactly one at any moment.
    -- Deferrable, since an appointment between two others moves the end of the one before it.
    CONSTRAINT liaison_leaders_one_at_a_time EXCLUDE USING gist (
        department_id WITH =, daterange(effective_from, effective_until) WITH &&) DEFERRABLE
);
CREATE INDEX liaison_leaders_of_department ON liaison_leaders (department_id, effective_from);
CREATE INDEX liaison_leaders_updated_at ON liaison_leaders (updated_at, id);

CREATE TABLE liaison_contacts (
    liaison_leader_id uuid NOT NULL REFERENCES liaison_leaders,
    position integer NOT NULL,
    name text NOT NULL CONSTRAINT liaison_contacts_name CHECK (name ~ '\S'),
    title text,
    mobile text,
    email text,
    PRIMARY KEY (liaison_leader_id, position)
);

-- What an appointment said before it was corrected.
CREATE TABLE liaison_leader_versions (
    liaison_leader_id uuid NOT NULL REFERENCES liaison_leaders,
    version_number integer NOT NULL,
    content jsonb NOT NULL,
    replaced_at timestamptz NOT NULL,
    replaced_by text NOT NULL,
    reason text NOT NULL CONSTRAINT liaison_leader_versions_reason CHECK (reason ~ '\S'),
    PRIMARY KEY (liaison_leader_id, version_number)
);
CREATE TRIGGER liaison_leader_versions_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON liaison_leader_versions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Who was told of an appointment, and who has acknowledged it (签收).
CREATE TABLE liaison_leader_receipts (
    liaison_leader_id uuid NOT NULL REFERENCES liaison_leaders,
    organization_id uuid NOT NULL REFERENCES organizations,
    told_at timestamptz NOT NULL,
    acknowledged_at timestamptz,
    acknowledged_by text,
    -- Which version of the appointment it was.
    acknowledged_version integer,
    PRIMARY KEY (liaison_leader_id, organization_id),
    CONSTRAINT liaison_leader_receipts_whole CHECK (num_nulls(acknowledged_at, acknowledged_by, acknowledged_version) IN (0, 3))
);
CREATE INDEX liaison_leader_receipts_organization ON liaison_leader_receipts (organization_id, liaison_leader_id);

-- 零报告: each department says for each quarter that nothing has changed, or has reported what has.
CREATE TABLE liaison_confirmations (
    id uuid PRIMARY KEY,
    department_id uuid NOT NULL,
    department_kind text GENERATED ALWAYS AS ('department') STORED,
    year integer NOT NULL CONSTRAINT liaison_confirmations_year CHECK (year BETWEEN 1990 AND 2100),
    quarter integer NOT NULL CONSTRAINT liaison_confirmations_quarter CHECK (quarter BETWEEN 1 AND 4),
    due_on date NOT NULL,
    outcome text CONSTRAINT liaison_confirmations_outcome CHECK (outcome IN ('unchanged', 'changed')),
    settled_at timestamptz,
    -- The appointment that was confirmed, or reported in the quarter.
    liaison_leader_id uuid REFERENCES liaison_leaders,
    recorded_on_behalf boolean NOT NULL DEFAULT false,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    -- 补开: opened only when its own term was over, since nothing ran while it lasted.
    opened_late boolean NOT NULL DEFAULT false,
    CONSTRAINT liaison_confirmations_once UNIQUE (department_id, year, quarter),
    CONSTRAINT liaison_confirmations_department FOREIGN KEY (department_id, department_kind) REFERENCES organizations (id, kind),
    CONSTRAINT liaison_confirmations_settled CHECK (num_nulls(outcome, settled_at, liaison_leader_id) IN (0, 3))
);
CREATE INDEX liaison_confirmations_quarter_of ON liaison_confirmations (year, quarter, department_id);
CREATE INDEX liaison_confirmations_leader ON liaison_confirmations (liaison_leader_id);

-- 相关制度: a department's own rules for the liaison, by the notice’s own five kinds (三(三)).
CREATE TABLE liaison_rules (
    id uuid PRIMARY KEY,
    department_id uuid NOT NULL,
    department_kind text GENERATED ALWAYS AS ('department') STORED,
    kind text NOT NULL CONSTRAINT liaison_rules_kind CHECK (kind IN
        ('important_events', 'decision_consultation', 'joint_research', 'information_exchange', 'feedback', 'other')),
    title text NOT NULL CONSTRAINT liaison_rules_title CHECK (title ~ '\S'),
    document_number text,
    issued_on date NOT NULL,
    ended_on date CONSTRAINT liaison_rules_ended_on CHECK (ended_on >= issued_on),
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    -- 代录: recorded by 市委统战部 for a unit that nobody can act for.
    recorded_on_behalf boolean NOT NULL DEFAULT false,
    CONSTRAINT liaison_rules_department FOREIGN KEY (department_id, department_kind) REFERENCES organizations (id, kind)
);
CREATE INDEX liaison_rules_of_department ON liaison_rules (department_id, issued_on, id);

-- --- Problem reports -------------------------------------------------------------------------------------------------------

-- 问题反映: a difficulty in carrying out the scheme, put to 市委统战部 (印发通知).
CREATE TABLE problem_reports (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    organization_kind text NOT NULL CONSTRAINT problem_reports_organization_kind CHECK (organization_kind IN ('department', 'party')),
    title text NOT NULL CONSTRAINT problem_reports_title CHECK (title ~ '\S'),
    text text NOT NULL CONSTRAINT problem_reports_text CHECK (text ~ '\S'),
    state text NOT NULL CONSTRAINT problem_reports_state CHECK (state IN ('raised', 'answered', 'closed')),
    -- Declared by who raised it: nothing classified in it.
    no_secrets boolean NOT NULL,
    -- 代录: recorded by 市委统战部 for the organization.
    recorded_on_behalf boolean NOT NULL,
    answer text CONSTRAINT problem_reports_answer CHECK (answer ~ '\S'),
    answered_at timestamptz,
    closed_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    -- By what lists find: titles and texts as they are compared. Stored, since to fold a long text takes a millisecond.
    searched text NOT NULL GENERATED ALWAYS AS (text_key(title || '|' || text)) STORED,
    CONSTRAINT problem_reports_organization FOREIGN KEY (organization_id, organization_kind) REFERENCES organizations (id, kind),
    CONSTRAINT problem_reports_answered CHECK (num_nulls(answer, answered_at) IN (0, 2) AND (state = 'raised') = (answer IS NULL)),
    CONSTRAINT problem_reports_closed CHECK ((state = 'closed') = (closed_at IS NOT NULL))
);
CREATE INDEX problem_reports_of_organization ON problem_reports (organization_id, created_at, id);
CREATE INDEX problem_reports_by_state ON problem_reports (state, created_at, id);
CREATE INDEX problem_reports_created_at ON problem_reports (created_at, id);
CREATE INDEX problem_reports_updated_at ON problem_reports (updated_at, id);

-- --- Meetings --------------------------------------------------------------------------------------------------------------
-- 三(三), 三(四)1, 三(四)2: meetings and other liaison activities, who was invited and came, consultations before decisions.

CREATE TABLE meetings (
    id uuid PRIMARY KEY,
    kind text NOT NULL CONSTRAINT meetings_kind CHECK (kind IN (
        'liaison_meeting', 'important_meeting', 'major_event', 'decision_consultation', 'decision_briefing', 'joint_research',
        'foreign_affairs_event', 'visit', 'social_service', 'other')),
    social_service_kind text CONSTRAINT meetings_social_service_kind CHECK (social_service_kind IN (
        'investment_promotion', 'agricultural_science', 'free_clinic', 'poverty_relief', 'other')),
    title text NOT NULL CONSTRAINT meetings_title CHECK (title ~ '\S'),
    description text CONSTRAINT meetings_description CHECK (description ~ '\S'),
    -- Come together, or in writing.
    form text NOT NULL CONSTRAINT meetings_form CHECK (form IN ('meeting', 'written')),
    state text NOT NULL CONSTRAINT meetings_state CHECK (state IN ('draft', 'convened', 'held', 'concluded', 'cancelled')),
    starts_at timestamptz NOT NULL,
    ends_at timestamptz CONSTRAINT meetings_ends_after_start CHECK (ends_at > starts_at),
    place text CONSTRAINT meetings_place CHECK (place ~ '\S'),
    online_address text CONSTRAINT meetings_online_address CHECK (online_address ~ '\S'),
    -- 重大事项: what is to be decided, when, and until when opinions are asked for.
    decision_matter text CONSTRAINT meetings_decision_matter CHECK (decision_matter ~ '\S'),
    decision_planned_on date,
    opinions_due_on date,
    -- The decision as it was made.
    decided_on date,
    decision_text text CONSTRAINT meetings_decision_text CHECK (decision_text ~ '\S'),
    minutes_text text CONSTRAINT meetings_minutes_text CHECK (minutes_text ~ '\S'),
    -- Texts.
    minutes_decisions jsonb NOT NULL DEFAULT '[]' CONSTRAINT meetings_minutes_decisions CHECK (jsonb_typeof(minutes_decisions) = 'array'),
    -- SEQUENCE of RFC 5545: raised by each change of time or place, and by the cancellation.
    sequence integer NOT NULL DEFAULT 0 CONSTRAINT meetings_sequence CHECK (sequence >= 0),
    convened_at timestamptz,
    held_at timestamptz,
    concluded_at timestamptz,
    cancelled_at timestamptz,
    cancel_reason text CONSTRAINT meetings_cancel_reason CHECK (cancel_reason ~ '\S'),
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT meetings_social_service CHECK ((kind = 'social_service') = (social_service_kind IS NOT NULL)),
    CONSTRAINT meetings_decision CHECK (
        (kind IN ('decision_consultation', 'decision_briefing')) = (decision_matter IS NOT NULL)
        AND num_nulls(decision_matter, decision_planned_on, opinions_due_on) IN (0, 3)),
    CONSTRAINT meetings_decided CHECK (num_nulls(decided_on, decision_text) IN (0, 2) AND (decided_on IS NULL OR decision_matter IS NOT NULL)),
    CONSTRAINT meetings_written CHECK (
        form = 'meeting' OR kind IN ('decision_consultation', 'decision_briefing') AND num_nulls(place, online_address, held_at) = 3),
    CONSTRAINT meetings_somewhere CHECK (form = 'written' OR num_nonnulls(place, online_address) > 0),
    CONSTRAINT meetings_convened CHECK ((state = 'draft') = (convened_at IS NULL)),
    CONSTRAINT meetings_held CHECK (form = 'written' OR (state IN ('held', 'concluded')) = (held_at IS NOT NULL)),
    CONSTRAINT meetings_concluded CHECK ((state = 'concluded') = (concluded_at IS NOT NULL) AND (state <> 'concluded' OR minutes_text IS NOT NULL)),
    CONSTRAINT meetings_cancelled CHECK ((state = 'cancelled') = (cancelled_at IS NOT NULL) AND (cancelled_at IS NULL) = (cancel_reason IS NULL))
);
CREATE INDEX meetings_starts_at ON meetings (starts_at, id) WHERE state <> 'draft';
CREATE INDEX meetings_by_state ON meetings (state, starts_at, id);
CREATE INDEX meetings_by_kind ON meetings (kind, starts_at, id);
CREATE INDEX meetings_created_at ON meetings (created_at, id);
CREATE INDEX meetings_updated_at ON meetings (updated_at, id);

-- What is linked is shown by its title and state. At the end of the transaction: a step may write its instant last. Versions
-- alone are raised on the other side, so that two that link each other do not go on for ever.
CREATE FUNCTION raise_versions_linking_meeting() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    at timestamptz := (SELECT updated_at FROM meetings WHERE id = NEW.id);
BEGIN
    PERFORM raise_versions('suggestion', ARRAY (SELECT id FROM suggestions WHERE from_meeting_id = NEW.id), at);
    PERFORM raise_versions('work_report',
        ARRAY (SELECT work_report_id FROM work_report_meetings WHERE meeting_id = NEW.id), at);
    PERFORM raise_versions('work_plan', ARRAY (
        SELECT item.work_plan_id FROM work_plan_items AS item
        JOIN planned_item_meetings AS linked ON linked.item_id = item.item_id
        WHERE linked.meeting_id = NEW.id), at);
    PERFORM raise_versions('meeting_follow_up',
        ARRAY (SELECT id FROM meeting_follow_ups WHERE meeting_id = NEW.id AND updated_at < at), at);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER meetings_shown_elsewhere AFTER UPDATE ON meetings
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.state, OLD.title, OLD.starts_at) IS DISTINCT FROM (NEW.state, NEW.title, NEW.starts_at))
    EXECUTE FUNCTION raise_versions_linking_meeting();

-- Departments, or 市委统战部; several hold a meeting together.
CREATE TABLE meeting_hosts (
    meeting_id uuid NOT NULL REFERENCES meetings ON DELETE CASCADE,
    organization_id uuid NOT NULL,
    organization_kind text NOT NULL CONSTRAINT meeting_hosts_kind CHECK (organization_kind IN ('department', 'coordinator')),
    position integer NOT NULL,
    PRIMARY KEY (meeting_id, organization_id),
    CONSTRAINT meeting_hosts_organization FOREIGN KEY (organization_id, organization_kind) REFERENCES organizations (id, kind)
);
CREATE INDEX meeting_hosts_of_organization ON meeting_hosts (organization_id, meeting_id);

CREATE TABLE meeting_agenda_items (
    id uuid PRIMARY KEY,
    meeting_id uuid NOT NULL REFERENCES meetings ON DELETE CASCADE,
    position integer NOT NULL,
    title text NOT NULL CONSTRAINT meeting_agenda_items_title CHECK (title ~ '\S'),
    presenter text CONSTRAINT meeting_agenda_items_presenter CHECK (presenter ~ '\S'),
    -- What the item is about, where it is on record.
    suggestion_id uuid,
    work_report_id uuid,
    CONSTRAINT meeting_agenda_items_order UNIQUE (meeting_id, position)
);
CREATE INDEX meeting_agenda_items_suggestion ON meeting_agenda_items (suggestion_id) WHERE suggestion_id IS NOT NULL;
CREATE INDEX meeting_agenda_items_work_report ON meeting_agenda_items (work_report_id) WHERE work_report_id IS NOT NULL;

-- Each time that it was put off or brought forward.
CREATE TABLE meeting_postponements (
    id uuid PRIMARY KEY,
    meeting_id uuid NOT NULL REFERENCES meetings,
    postponed_at timestamptz NOT NULL,
    starts_before timestamptz NOT NULL,
    starts_after timestamptz NOT NULL,
    place_before text,
    place_after text,
    reason text CONSTRAINT meeting_postponements_reason CHECK (reason ~ '\S')
);
CREATE INDEX meeting_postponements_of_meeting ON meeting_postponements (meeting_id, postponed_at);

-- Who is invited: an organization, or a guest whom the host answers for; what it answers, and whether it came.
CREATE TABLE meeting_invitations (
    id uuid PRIMARY KEY,
    meeting_id uuid NOT NULL REFERENCES meetings ON DELETE CASCADE,
    position integer NOT NULL,
    organization_id uuid,
    organization_kind text,
    guest_kind text CONSTRAINT meeting_invitations_guest_kind CHECK (guest_kind IN (
        'expert', 'industry_representative', 'special_supervisor', 'other')),
    guest_name text CONSTRAINT meeting_invitations_guest_name CHECK (guest_name ~ '\S'),
    guest_organization text CONSTRAINT meeting_invitations_guest_organization CHECK (guest_organization ~ '\S'),
    -- 联办: a party that organizes it with the hosts.
    co_host boolean NOT NULL DEFAULT false,
    -- 名额
    quota integer CONSTRAINT meeting_invitations_quota CHECK (quota BETWEEN 1 AND 1000),
    answer text NOT NULL DEFAULT 'pending' CONSTRAINT meeting_invitations_answer CHECK (answer IN ('pending', 'accepted', 'declined', 'tentative')),
    -- Name, title, and whom they stand in for.
    attendees jsonb NOT NULL DEFAULT '[]' CONSTRAINT meeting_invitations_attendees CHECK (jsonb_typeof(attendees) = 'array'),
    reason text CONSTRAINT meeting_invitations_reason CHECK (reason ~ '\S'),
    answered_at timestamptz,
    -- Null until attendance is recorded.
    present boolean,
    online boolean,
    -- Names of those who came.
    persons jsonb NOT NULL DEFAULT '[]' CONSTRAINT meeting_invitations_persons CHECK (jsonb_typeof(persons) = 'array'),
    -- Until when its attendance may be disputed.
    dispute_until date,
    disputed_at timestamptz,
    dispute_reason text CONSTRAINT meeting_invitations_dispute_reason CHECK (dispute_reason ~ '\S'),
    dispute_present boolean,
    dispute_persons jsonb CONSTRAINT meeting_invitations_dispute_persons CHECK (jsonb_typeof(dispute_persons) = 'array'),
    dispute_decided_at timestamptz,
    dispute_granted boolean,
    dispute_decision text CONSTRAINT meeting_invitations_dispute_decision CHECK (dispute_decision ~ '\S'),
    created_at timestamptz NOT NULL,
    -- 代录: recorded by 市委统战部 for a unit that nobody can act for.
    recorded_on_behalf boolean NOT NULL DEFAULT false,
    -- Until when it was to be answered; null where nobody was asked, since it was recorded afterwards or goes in writing.
    answer_until timestamptz,
    CONSTRAINT meeting_invitations_organization FOREIGN KEY (organization_id, organization_kind) REFERENCES organizations (id, kind),
    CONSTRAINT meeting_invitations_whom CHECK (
        num_nulls(organization_id, organization_kind) IN (0, 2) AND num_nulls(guest_kind, guest_name) IN (0, 2)
        AND num_nonnulls(organization_id, guest_kind) = 1 AND (guest_organization IS NULL OR guest_kind IS NOT NULL)),
    CONSTRAINT meeting_invitations_once UNIQUE (meeting_id, organization_id),
    CONSTRAINT meeting_invitations_co_host CHECK (NOT co_host OR organization_kind = 'party'),
    CONSTRAINT meeting_invitations_declined CHECK (answer <> 'declined' OR reason IS NOT NULL),
    CONSTRAINT meeting_invitations_recorded CHECK (num_nulls(present, online, dispute_until) IN (0, 3)),
    CONSTRAINT meeting_invitations_disputed CHECK (
        num_nulls(disputed_at, dispute_reason, dispute_present, dispute_persons) IN (0, 4)
        AND (disputed_at IS NULL OR organization_kind = 'party')),
    CONSTRAINT meeting_invitations_decided CHECK (
        num_nulls(dispute_decided_at, dispute_granted, dispute_decision) IN (0, 3)
        AND (dispute_decided_at IS NULL OR disputed_at IS NOT NULL))
);
CREATE INDEX meeting_invitations_of_meeting ON meeting_invitations (meeting_id, position);
CREATE INDEX meeting_invitations_of_organization ON meeting_invitations (organization_id, meeting_id);
-- Lists of what the caller has still to answer.
CREATE INDEX meeting_invitations_pending ON meeting_invitations (organization_id) WHERE answer = 'pending';

-- What a party says to the matter, and the hosts' answer to it.
CREATE TABLE meeting_opinions (
    id uuid PRIMARY KEY,
    meeting_id uuid NOT NULL REFERENCES meetings,
    party_id uuid NOT NULL,
    party_kind text NOT NULL GENERATED ALWAYS AS ('party') STORED,
    text text NOT NULL CONSTRAINT meeting_opinions_text CHECK (text ~ '\S'),
    given_at timestamptz NOT NULL,
    answer text CONSTRAINT meeting_opinions_answer CHECK (answer IN ('adopted', 'partly_adopted', 'not_adopted')),
    answer_reason text CONSTRAINT meeting_opinions_answer_reason CHECK (answer_reason ~ '\S'),
    answered_at timestamptz,
    CONSTRAINT meeting_opinions_party FOREIGN KEY (party_id, party_kind) REFERENCES organizations (id, kind),
    CONSTRAINT meeting_opinions_once UNIQUE (meeting_id, party_id),
    CONSTRAINT meeting_opinions_answered CHECK (num_nulls(answer, answer_reason, answered_at) IN (0, 3))
);
CREATE INDEX meeting_opinions_of_party ON meeting_opinions (party_id, meeting_id);

-- What somebody is to do after a meeting.
CREATE TABLE meeting_follow_ups (
    id uuid PRIMARY KEY,
    meeting_id uuid NOT NULL REFERENCES meetings,
    position integer NOT NULL,
    text text NOT NULL CONSTRAINT meeting_follow_ups_text CHECK (text ~ '\S'),
    owner_id uuid NOT NULL CONSTRAINT meeting_follow_ups_owner REFERENCES organizations,
    due_on date NOT NULL,
    state text NOT NULL DEFAULT 'planned' CONSTRAINT meeting_follow_ups_state CHECK (state IN ('planned', 'open', 'done')),
    done_at timestamptz,
    done_text text CONSTRAINT meeting_follow_ups_done_text CHECK (done_text ~ '\S'),
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT meeting_follow_ups_order UNIQUE (meeting_id, position),
    CONSTRAINT meeting_follow_ups_done CHECK (num_nulls(done_at, done_text) IN (0, 2) AND (state = 'done') = (done_at IS NOT NULL))
);
CREATE INDEX meeting_follow_ups_of_owner ON meeting_follow_ups (owner_id, due_on, id);

-- A meeting shows its follow-ups.
CREATE FUNCTION raise_version_of_meeting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM raise_versions('meeting', ARRAY[NEW.meeting_id], NEW.updated_at);
    RETURN NULL;
END $$;
CREATE TRIGGER meeting_follow_ups_changed AFTER UPDATE ON meeting_follow_ups
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION raise_version_of_meeting();

-- --- Suggestions -----------------------------------------------------------------------------------------------------------
-- 三(四)4 意见建议: what a party raises with a department, its handling, replies, evaluations and commitments.

-- 32 columns, which is the most that diesel takes.
CREATE TABLE suggestions (
    id uuid PRIMARY KEY,
    -- Who raises it: the first party of several.
    party_id uuid NOT NULL CONSTRAINT suggestions_party REFERENCES organizations,
    title text NOT NULL CONSTRAINT suggestions_title CHECK (title ~ '\S'),
    background text NOT NULL CONSTRAINT suggestions_background CHECK (background ~ '\S'),
    proposal text NOT NULL CONSTRAINT suggestions_proposal CHECK (proposal ~ '\S'),
    category text CONSTRAINT suggestions_category CHECK (category ~ '\S'),
    -- Names.
    authors jsonb NOT NULL CONSTRAINT suggestions_authors CHECK (jsonb_typeof(authors) = 'array'),
    -- Name and phone.
    contact jsonb CONSTRAINT suggestions_contact CHECK (jsonb_typeof(contact) = 'object'),
    -- Who handles it now; `suggestion_handlings` has who did before, and who joins in.
    lead_department_id uuid NOT NULL CONSTRAINT suggestions_lead REFERENCES organizations,
    state text NOT NULL CONSTRAINT suggestions_state
        CHECK (state IN ('draft', 'submitted', 'returned', 'accepted', 'replied', 'withdrawn', 'concluded')),
    -- 〔2026〕民盟-教育-003: given at submission, for ever.
    number text CONSTRAINT suggestions_number UNIQUE,
    -- The lead department did not liaise with the party on the day of submission.
    outside_assignment boolean NOT NULL DEFAULT false,
    round integer NOT NULL DEFAULT 1 CONSTRAINT suggestions_round CHECK (round IN (1, 2)),
    -- The last round in which the department and the party have talked; 0 before any.
    communicated_round integer NOT NULL DEFAULT 0 CONSTRAINT suggestions_communicated_round CHECK (communicated_round BETWEEN 0 AND round),
    -- Of the last reply.
    result text CONSTRAINT suggestions_result CHECK (result IN ('A', 'B', 'C', 'D')),
    -- Filing and evaluation are those of the last round that was replied in.
    filing text NOT NULL DEFAULT 'none' CONSTRAINT suggestions_filing CHECK (filing IN ('none', 'reported', 'returned', 'filed')),
    filing_number text CONSTRAINT suggestions_filing_number UNIQUE,
    evaluation text NOT NULL DEFAULT 'none' CONSTRAINT suggestions_evaluation CHECK (evaluation IN ('none', 'awaited', 'received', 'lapsed')),
    -- 协商会, after the second dissatisfaction.
    mediation text NOT NULL DEFAULT 'none' CONSTRAINT suggestions_mediation CHECK (mediation IN ('none', 'needed', 'held')),
    -- One in all; a refusal does not use it up.
    extension text NOT NULL DEFAULT 'none' CONSTRAINT suggestions_extension CHECK (extension IN ('none', 'requested', 'granted', 'denied')),
    extension_until date,
    extension_reason text,
    -- The next deadline that runs, of whomever: kept by a trigger on `todos`, for lists by urgency.
    due_on date,
    submitted_at timestamptz,
    accepted_at timestamptz,
    replied_at timestamptz,
    concluded_at timestamptz,
    withdrawn_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    -- 活动成果: the meeting whose result it is.
    from_meeting_id uuid CONSTRAINT suggestions_from_meeting REFERENCES meetings,
    CONSTRAINT suggestions_submitted CHECK ((state = 'draft') = (submitted_at IS NULL) AND (state = 'draft') = (number IS NULL)),
    CONSTRAINT suggestions_replied CHECK (
        (replied_at IS NULL) = (result IS NULL) AND (replied_at IS NULL) = (filing = 'none')
        AND (replied_at IS NULL) = (evaluation = 'none') AND (state NOT IN ('replied', 'concluded') OR replied_at IS NOT NULL)),
    CONSTRAINT suggestions_filed CHECK (filing <> 'filed' OR filing_number IS NOT NULL),
    CONSTRAINT suggestions_extended CHECK ((extension = 'none') = (extension_until IS NULL) AND (extension = 'none') = (extension_reason IS NULL)),
    CONSTRAINT suggestions_withdrawn CHECK ((state = 'withdrawn') = (withdrawn_at IS NOT NULL)),
    CONSTRAINT suggestions_concluded CHECK (
        (state = 'concluded') = (concluded_at IS NOT NULL)
        AND (state <> 'concluded' OR filing = 'filed' AND evaluation IN ('received', 'lapsed') AND mediation <> 'needed'))
);
-- Lists, in their usual filters. Drafts are in those of their own party alone, so that writing one touches few.
CREATE INDEX suggestions_of_party ON suggestions (party_id, created_at, id);
CREATE INDEX suggestions_of_party_by_state ON suggestions (party_id, state, created_at, id);
CREATE INDEX suggestions_of_lead ON suggestions (lead_department_id, created_at, id) WHERE state <> 'draft';
CREATE INDEX suggestions_of_lead_by_state ON suggestions (lead_department_id, state, created_at, id) WHERE state <> 'draft';
CREATE INDEX suggestions_of_lead_by_due_day ON suggestions (lead_department_id, coalesce(due_on, 'infinity'::date), id) WHERE state <> 'draft';
-- The foreign key's, drafts included.
CREATE INDEX suggestions_named_lead ON suggestions (lead_department_id);
-- A list of one state has an index of its own in the order of creation. With the same condition here the database took the index of
-- all instead, thinking that any three of four suggestions are concluded; but the newest are not, and 13,000 were read for 20. Only
-- lists that say that they have no index of their own may take this one.
CREATE INDEX suggestions_created_at ON suggestions (created_at, id) WHERE submitted_at IS NOT NULL;
CREATE INDEX suggestions_by_state ON suggestions (state, created_at, id) WHERE state <> 'draft';
CREATE INDEX suggestions_submitted_at ON suggestions (coalesce(submitted_at, '-infinity'::timestamptz), id) WHERE state <> 'draft';
CREATE INDEX suggestions_updated_at ON suggestions (updated_at, id) WHERE state <> 'draft';
CREATE INDEX suggestions_due_on ON suggestions (coalesce(due_on, 'infinity'::date), id) WHERE state <> 'draft';
CREATE INDEX suggestions_by_filing ON suggestions (filing, created_at, id) WHERE filing <> 'none';
CREATE INDEX suggestions_by_evaluation ON suggestions (evaluation, created_at, id) WHERE evaluation <> 'none';
CREATE INDEX suggestions_by_result ON suggestions (result, created_at, id) WHERE result IS NOT NULL;
CREATE INDEX suggestions_by_category ON suggestions (category, created_at, id) WHERE state <> 'draft' AND category IS NOT NULL;
CREATE INDEX suggestions_outside ON suggestions (created_at, id) WHERE state <> 'draft' AND outside_assignment;
CREATE INDEX suggestions_second_round ON suggestions (created_at, id) WHERE round = 2;
-- A party's search looks at its own drafts. There are few drafts at any time; looked for among all that a party was asked to sign, each
-- was read for its state.
CREATE INDEX suggestions_drafts ON suggestions (created_at, id) WHERE state = 'draft';
CREATE INDEX suggestions_of_meeting ON suggestions (from_meeting_id) WHERE from_meeting_id IS NOT NULL;

CREATE FUNCTION raise_versions_linking_suggestion() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM raise_versions('meeting', ARRAY (
        SELECT meeting_id FROM meeting_agenda_items WHERE suggestion_id = NEW.id
        UNION SELECT NEW.from_meeting_id WHERE NEW.from_meeting_id IS NOT NULL
    ), (SELECT updated_at FROM suggestions WHERE id = NEW.id));
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER suggestions_shown_elsewhere AFTER UPDATE ON suggestions
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.state <> 'draft' AND (OLD.state, OLD.title, OLD.number) IS DISTINCT FROM (NEW.state, NEW.title, NEW.number))
    EXECUTE FUNCTION raise_versions_linking_suggestion();

-- 联名: the parties that sign, too. Each has signed before submission, or been removed.
CREATE TABLE suggestion_signatures (
    suggestion_id uuid NOT NULL REFERENCES suggestions,
    party_id uuid NOT NULL,
    party_kind text NOT NULL GENERATED ALWAYS AS ('party') STORED,
    position integer NOT NULL,
    -- From then on it reads the draft.
    requested_at timestamptz,
    signed_at timestamptz,
    declined_at timestamptz,
    -- User name of who signed or declined.
    answered_by text,
    reason text,
    -- A signature and what was signed: SHA-256 over all that would be submitted, papers included. Null: signed before this was kept.
    signed_digest bytea CONSTRAINT suggestion_signatures_signed_digest CHECK (octet_length(signed_digest) = 32),
    PRIMARY KEY (suggestion_id, party_id),
    CONSTRAINT suggestion_signatures_party FOREIGN KEY (party_id, party_kind) REFERENCES organizations (id, kind),
    CONSTRAINT suggestion_signatures_answered CHECK (
        num_nonnulls(signed_at, declined_at) <= 1 AND (num_nonnulls(signed_at, declined_at) = 1) = (answered_by IS NOT NULL)
        AND (requested_at IS NOT NULL OR answered_by IS NULL))
);
CREATE INDEX suggestion_signatures_of_party ON suggestion_signatures (party_id, suggestion_id);

-- One row a department that leads or joins in the handling; a reassignment ends rows and makes new ones.
CREATE TABLE suggestion_handlings (
    id uuid PRIMARY KEY,
    suggestion_id uuid NOT NULL REFERENCES suggestions,
    department_id uuid NOT NULL,
    department_kind text NOT NULL GENERATED ALWAYS AS ('department') STORED,
    role text NOT NULL CONSTRAINT suggestion_handlings_role CHECK (role IN ('lead', 'joint')),
    position integer NOT NULL,
    started_at timestamptz NOT NULL,
    -- Of the lead.
    accepted_at timestamptz,
    handler text CONSTRAINT suggestion_handlings_handler CHECK (handler ~ '\S'),
    office text CONSTRAINT suggestion_handlings_office CHECK (office ~ '\S'),
    returned_at timestamptz,
    return_reason text CONSTRAINT suggestion_handlings_return_reason CHECK (return_reason ~ '\S'),
    proposed_department_id uuid CONSTRAINT suggestion_handlings_proposed REFERENCES organizations,
    -- 会办意见, of a joint department.
    opinion text CONSTRAINT suggestion_handlings_opinion CHECK (opinion ~ '\S'),
    opinion_at timestamptz,
    opinion_by text,
    ended_at timestamptz,
    -- What a former lead last saw of the suggestion: it reads no further.
    last_seen jsonb,
    -- A lead whose return was denied returns the suggestion no more.
    return_denied_at timestamptz,
    -- Each lead has its own answer to whether it liaised with the party on the day of submission; null of a joint department, and of a
    -- handling that an older release has written.
    outside_assignment boolean,
    CONSTRAINT suggestion_handlings_department FOREIGN KEY (department_id, department_kind) REFERENCES organizations (id, kind),
    CONSTRAINT suggestion_handlings_accepted CHECK (num_nulls(accepted_at, handler, office) IN (0, 3)),
    CONSTRAINT suggestion_handlings_returned CHECK (num_nulls(returned_at, return_reason) IN (0, 2)),
    CONSTRAINT suggestion_handlings_opinion_given CHECK (num_nulls(opinion, opinion_at, opinion_by) IN (0, 3)),
    CONSTRAINT suggestion_handlings_of_role CHECK (
        CASE role WHEN 'lead' THEN opinion IS NULL ELSE num_nonnulls(accepted_at, returned_at) = 0 END),
    CONSTRAINT suggestion_handlings_last_seen CHECK ((role = 'lead' AND ended_at IS NOT NULL) = (last_seen IS NOT NULL))
);
CREATE UNIQUE INDEX suggestion_handlings_once ON suggestion_handlings (suggestion_id, department_id) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX suggestion_handlings_one_lead ON suggestion_handlings (suggestion_id) WHERE ended_at IS NULL AND role = 'lead';
CREATE INDEX suggestion_handlings_of_suggestion ON suggestion_handlings (suggestion_id, position);
CREATE INDEX suggestion_handlings_of_department ON suggestion_handlings (department_id, suggestion_id);
CREATE INDEX suggestion_handlings_proposed_department ON suggestion_handlings (proposed_department_id) WHERE proposed_department_id IS NOT NULL;

-- The timeline: who did what when, with its text.
CREATE TABLE suggestion_steps (
    id uuid PRIMARY KEY,
    suggestion_id uuid NOT NULL REFERENCES suggestions,
    step text NOT NULL,
    round integer NOT NULL,
    -- Afterwards.
    state text NOT NULL,
    occurred_at timestamptz NOT NULL,
    -- Null: time did it.
    organization_id uuid CONSTRAINT suggestion_steps_organization REFERENCES organizations,
    actor text,
    text text CONSTRAINT suggestion_steps_text CHECK (text ~ '\S'),
    -- What the step says beside its text: a new day, a department, the id of a reply.
    details jsonb
);
CREATE INDEX suggestion_steps_of_suggestion ON suggestion_steps (suggestion_id, occurred_at, id);
CREATE INDEX suggestion_steps_of_organization ON suggestion_steps (organization_id) WHERE organization_id IS NOT NULL;

-- 沟通
CREATE TABLE suggestion_communications (
    id uuid PRIMARY KEY,
    suggestion_id uuid NOT NULL REFERENCES suggestions,
    round integer NOT NULL,
    way text NOT NULL CONSTRAINT suggestion_communications_way CHECK (way IN ('visit', 'meeting', 'phone', 'field')),
    held_on date NOT NULL,
    persons jsonb NOT NULL CONSTRAINT suggestion_communications_persons CHECK (jsonb_typeof(persons) = 'array'),
    gist text NOT NULL CONSTRAINT suggestion_communications_gist CHECK (gist ~ '\S'),
    -- Who recorded it.
    organization_id uuid NOT NULL CONSTRAINT suggestion_communications_organization REFERENCES organizations,
    created_at timestamptz NOT NULL
);
CREATE INDEX suggestion_communications_of_suggestion ON suggestion_communications (suggestion_id, created_at, id);
CREATE INDEX suggestion_communications_recorded_by ON suggestion_communications (organization_id);

-- 答复: a row a version; a correction is a new one.
CREATE TABLE suggestion_replies (
    id uuid PRIMARY KEY,
    suggestion_id uuid NOT NULL REFERENCES suggestions,
    round integer NOT NULL,
    version_number integer NOT NULL CONSTRAINT suggestion_replies_version_number CHECK (version_number >= 1),
    department_id uuid NOT NULL,
    department_kind text NOT NULL GENERATED ALWAYS AS ('department') STORED,
    text text NOT NULL CONSTRAINT suggestion_replies_text CHECK (text ~ '\S'),
    document_number text,
    signatory text,
    result text NOT NULL CONSTRAINT suggestion_replies_result CHECK (result IN ('A', 'B', 'C', 'D')),
    missing_opinions_reason text,
    -- Why it was corrected; none of a first version.
    correction_reason text,
    replied_at timestamptz NOT NULL,
    replied_by text NOT NULL,
    CONSTRAINT suggestion_replies_once UNIQUE (suggestion_id, round, version_number),
    CONSTRAINT suggestion_replies_department FOREIGN KEY (department_id, department_kind) REFERENCES organizations (id, kind),
    CONSTRAINT suggestion_replies_corrected CHECK ((version_number = 1) = (correction_reason IS NULL))
);
CREATE INDEX suggestion_replies_of_department ON suggestion_replies (department_id);
CREATE TRIGGER suggestion_replies_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON suggestion_replies
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- 反馈回执: by the party alone, once a round; silence is no row.
CREATE TABLE feedback_receipts (
    id uuid PRIMARY KEY,
    suggestion_id uuid NOT NULL REFERENCES suggestions,
    round integer NOT NULL,
    party_id uuid NOT NULL,
    party_kind text NOT NULL GENERATED ALWAYS AS ('party') STORED,
    -- The version of the reply that was read.
    reply_id uuid NOT NULL CONSTRAINT feedback_receipts_reply REFERENCES suggestion_replies,
    attitude text NOT NULL CONSTRAINT feedback_receipts_attitude CHECK (attitude IN ('satisfied', 'mostly_satisfied', 'dissatisfied')),
    result text NOT NULL CONSTRAINT feedback_receipts_result CHECK (result IN ('satisfied', 'mostly_satisfied', 'dissatisfied')),
    comment text CONSTRAINT feedback_receipts_comment CHECK (comment ~ '\S'),
    signatory text,
    due_on date NOT NULL,
    late boolean NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT feedback_receipts_once UNIQUE (suggestion_id, round),
    CONSTRAINT feedback_receipts_party FOREIGN KEY (party_id, party_kind) REFERENCES organizations (id, kind),
    CONSTRAINT feedback_receipts_reasoned CHECK (comment IS NOT NULL OR attitude <> 'dissatisfied' AND result <> 'dissatisfied')
);
CREATE INDEX feedback_receipts_of_party ON feedback_receipts (party_id, created_at, id);
CREATE INDEX feedback_receipts_reply_read ON feedback_receipts (reply_id);
CREATE INDEX feedback_receipts_created_at ON feedback_receipts (created_at, id);
CREATE TRIGGER feedback_receipts_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON feedback_receipts
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- 办理承诺: what a reply promises, followed beyond the suggestion's conclusion.
CREATE TABLE commitments (
    id uuid PRIMARY KEY,
    suggestion_id uuid NOT NULL REFERENCES suggestions,
    reply_id uuid NOT NULL CONSTRAINT commitments_reply REFERENCES suggestion_replies,
    -- Who owes it: the lead.
    department_id uuid NOT NULL,
    department_kind text NOT NULL GENERATED ALWAYS AS ('department') STORED,
    position integer NOT NULL,
    text text NOT NULL CONSTRAINT commitments_text CHECK (text ~ '\S'),
    due_on date NOT NULL,
    state text NOT NULL CONSTRAINT commitments_state CHECK (state IN ('open', 'abandonment_requested', 'fulfilled', 'abandoned')),
    -- What was done.
    fulfilment text CONSTRAINT commitments_fulfilment CHECK (fulfilment ~ '\S'),
    fulfilled_at timestamptz,
    abandonment_reason text CONSTRAINT commitments_abandonment_reason CHECK (abandonment_reason ~ '\S'),
    abandonment_requested_at timestamptz,
    abandonment_granted boolean,
    abandonment_decision text CONSTRAINT commitments_abandonment_decision CHECK (abandonment_decision ~ '\S'),
    abandonment_decided_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT commitments_department FOREIGN KEY (department_id, department_kind) REFERENCES organizations (id, kind),
    CONSTRAINT commitments_fulfilled CHECK (num_nulls(fulfilment, fulfilled_at) IN (0, 2) AND (state = 'fulfilled') = (fulfilled_at IS NOT NULL)),
    CONSTRAINT commitments_abandoned CHECK (
        (state NOT IN ('abandonment_requested', 'abandoned') OR abandonment_reason IS NOT NULL)
        AND (state <> 'abandoned' OR abandonment_decided_at IS NOT NULL))
);
CREATE INDEX commitments_of_suggestion ON commitments (suggestion_id, position);
CREATE INDEX commitments_of_reply ON commitments (reply_id);
CREATE INDEX commitments_of_department ON commitments (department_id, due_on, id);
CREATE INDEX commitments_due_on ON commitments (due_on, id);
CREATE INDEX commitments_created_at ON commitments (created_at, id);
CREATE INDEX commitments_owed ON commitments (due_on, id) WHERE state IN ('open', 'abandonment_requested');

-- A suggestion shows the commitments of its reply.
CREATE FUNCTION raise_version_of_suggestion() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM raise_versions('suggestion', ARRAY[NEW.suggestion_id], NEW.updated_at);
    RETURN NULL;
END $$;
CREATE TRIGGER commitments_changed AFTER UPDATE ON commitments
    FOR EACH ROW WHEN (OLD.version IS DISTINCT FROM NEW.version) EXECUTE FUNCTION raise_version_of_suggestion();

-- The last number given of each series of a year: 民盟-教育, 备案.
CREATE TABLE suggestion_counters (
    year integer NOT NULL,
    series text NOT NULL,
    last integer NOT NULL,
    PRIMARY KEY (year, series)
);

-- --- Bulletins -------------------------------------------------------------------------------------------------------------
-- 日常信息交流: what one side of the liaison sends to the other (三(三)).

CREATE TABLE bulletins (
    id uuid PRIMARY KEY,
    sender_id uuid NOT NULL,
    sender_kind text NOT NULL CONSTRAINT bulletins_sender_kind CHECK (sender_kind IN ('department', 'party', 'coordinator')),
    category text NOT NULL CONSTRAINT bulletins_category
        CHECK (category IN ('policy_document', 'work_update', 'statistics', 'comment_request', 'other')),
    title text NOT NULL CONSTRAINT bulletins_title CHECK (title ~ '\S'),
    text text NOT NULL CONSTRAINT bulletins_text CHECK (text ~ '\S'),
    state text NOT NULL CONSTRAINT bulletins_state CHECK (state IN ('draft', 'sent', 'withdrawn')),
    -- To the organizations that liaise with the sender on the day of sending, not to named ones.
    to_linked boolean NOT NULL,
    -- Declared on sending: nothing classified in it.
    no_secrets boolean NOT NULL DEFAULT false,
    sent_at timestamptz,
    withdrawn_at timestamptz,
    withdrawal_reason text CONSTRAINT bulletins_withdrawal_reason CHECK (withdrawal_reason ~ '\S'),
    -- Its place in lists: when it was sent, and of a draft when it was last edited.
    dated_at timestamptz NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    -- 代录: recorded by 市委统战部 for a unit that nobody can act for.
    recorded_on_behalf boolean NOT NULL DEFAULT false,
    -- By what lists find: titles and texts as they are compared. Stored, since to fold a long text takes a millisecond.
    searched text NOT NULL GENERATED ALWAYS AS (text_key(title || '|' || text)) STORED,
    CONSTRAINT bulletins_sender FOREIGN KEY (sender_id, sender_kind) REFERENCES organizations (id, kind),
    CONSTRAINT bulletins_sent CHECK ((state = 'draft') = (sent_at IS NULL) AND (sent_at IS NULL OR no_secrets)),
    CONSTRAINT bulletins_withdrawn
        CHECK (num_nulls(withdrawn_at, withdrawal_reason) IN (0, 2) AND (state = 'withdrawn') = (withdrawn_at IS NOT NULL))
);
CREATE INDEX bulletins_of_sender ON bulletins (sender_id, dated_at, id);
CREATE INDEX bulletins_dated_at ON bulletins (dated_at, id);
CREATE INDEX bulletins_updated_at ON bulletins (updated_at, id);

-- What was sent stays what it was: a mistake is withdrawn, and sent anew.
CREATE FUNCTION keep_sent_bulletin() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'draft' AND (TG_OP = 'DELETE'
        OR (NEW.sender_id, NEW.category, NEW.title, NEW.text, NEW.sent_at) IS DISTINCT FROM
           (OLD.sender_id, OLD.category, OLD.title, OLD.text, OLD.sent_at))
    THEN
        RAISE EXCEPTION 'bulletin % stays as it was sent', OLD.id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'bulletins_kept';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER bulletins_kept BEFORE UPDATE OR DELETE ON bulletins
    FOR EACH ROW EXECUTE FUNCTION keep_sent_bulletin();

-- To whom a bulletin goes: of a draft those that are named, of a sent one all that were told, with their receipts (签收).
CREATE TABLE bulletin_recipients (
    bulletin_id uuid NOT NULL REFERENCES bulletins,
    organization_id uuid NOT NULL REFERENCES organizations,
    -- Not linked with the sender on the day of sending; of a draft, today.
    outside_assignment boolean NOT NULL,
    told_at timestamptz,
    acknowledged_at timestamptz,
    -- User name of who did.
    acknowledged_by text,
    PRIMARY KEY (bulletin_id, organization_id),
    CONSTRAINT bulletin_recipients_acknowledged
        CHECK (num_nulls(acknowledged_at, acknowledged_by) IN (0, 2) AND (acknowledged_at IS NULL OR told_at IS NOT NULL))
);
CREATE INDEX bulletin_recipients_organization ON bulletin_recipients (organization_id, bulletin_id);
CREATE INDEX bulletin_recipients_unread ON bulletin_recipients (organization_id, bulletin_id)
    WHERE told_at IS NOT NULL AND acknowledged_at IS NULL;

-- --- Plans and reports -----------------------------------------------------------------------------------------------------
-- 年度工作计划 and 工作情况报送 (三(四)3): what each department owes 市委统战部, and what it has sent.

-- That a department owes a plan or report for a period. Until when, and when it was met, is said by its to-do.
CREATE TABLE reporting_duties (
    id uuid PRIMARY KEY,
    kind text NOT NULL CONSTRAINT reporting_duties_kind CHECK (kind IN ('work_plan', 'work_report')),
    department_id uuid NOT NULL,
    department_kind text GENERATED ALWAYS AS ('department') STORED,
    period_kind text NOT NULL CONSTRAINT reporting_duties_period_kind CHECK (period_kind IN ('year', 'half_year')),
    period_from date NOT NULL,
    period_to date NOT NULL CONSTRAINT reporting_duties_period CHECK (period_from <= period_to),
    created_at timestamptz NOT NULL,
    -- 补开: opened only when its own term was over, since nothing ran while it lasted.
    opened_late boolean NOT NULL DEFAULT false,
    CONSTRAINT reporting_duties_once UNIQUE (department_id, kind, period_from, period_to),
    CONSTRAINT reporting_duties_department FOREIGN KEY (department_id, department_kind) REFERENCES organizations (id, kind)
);
CREATE INDEX reporting_duties_period_of ON reporting_duties (period_to, kind);

-- One row a version. A version that was submitted is never changed; it is superseded when the next one is submitted.
CREATE TABLE work_plans (
    id uuid PRIMARY KEY,
    department_id uuid NOT NULL,
    department_kind text GENERATED ALWAYS AS ('department') STORED,
    year integer NOT NULL CONSTRAINT work_plans_year CHECK (year BETWEEN 1990 AND 2100),
    -- 第几版
    number integer NOT NULL CONSTRAINT work_plans_number CHECK (number > 0),
    state text NOT NULL CONSTRAINT work_plans_state CHECK (state IN ('draft', 'submitted', 'acknowledged', 'returned')),
    -- 代录: recorded by 市委统战部 for the department.
    recorded_on_behalf boolean NOT NULL,
    submitted_at timestamptz,
    decided_at timestamptz,
    return_reason text CONSTRAINT work_plans_return_reason CHECK (return_reason ~ '\S'),
    -- The next version, from its draft on.
    next_id uuid REFERENCES work_plans ON DELETE SET NULL,
    superseded_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT work_plans_versions UNIQUE (department_id, year, number),
    CONSTRAINT work_plans_department FOREIGN KEY (department_id, department_kind) REFERENCES organizations (id, kind),
    CONSTRAINT work_plans_submitted CHECK ((state = 'draft') = (submitted_at IS NULL)),
    CONSTRAINT work_plans_decided CHECK ((state IN ('acknowledged', 'returned')) = (decided_at IS NOT NULL)),
    CONSTRAINT work_plans_returned CHECK ((state = 'returned') = (return_reason IS NOT NULL)),
    CONSTRAINT work_plans_superseded CHECK (superseded_at IS NULL OR (submitted_at IS NOT NULL AND next_id IS NOT NULL))
);
-- One current version a department and year, and one draft beside it.
CREATE UNIQUE INDEX work_plans_current ON work_plans (department_id, year) WHERE state <> 'draft' AND superseded_at IS NULL;
CREATE UNIQUE INDEX work_plans_draft ON work_plans (department_id, year) WHERE state = 'draft';
CREATE INDEX work_plans_next ON work_plans (next_id);
CREATE INDEX work_plans_of_department ON work_plans (department_id, created_at, id);
CREATE INDEX work_plans_of_year ON work_plans (year, created_at, id);
CREATE INDEX work_plans_created_at ON work_plans (created_at, id);
CREATE INDEX work_plans_updated_at ON work_plans (updated_at, id);

-- An item keeps its id from version to version, so that what is linked to it stays linked.
CREATE TABLE planned_items (
    id uuid PRIMARY KEY,
    department_id uuid NOT NULL,
    department_kind text GENERATED ALWAYS AS ('department') STORED,
    year integer NOT NULL,
    CONSTRAINT planned_items_department FOREIGN KEY (department_id, department_kind) REFERENCES organizations (id, kind)
);
CREATE INDEX planned_items_of ON planned_items (department_id, year);

-- What an item is in one version.
CREATE TABLE work_plan_items (
    work_plan_id uuid NOT NULL REFERENCES work_plans ON DELETE CASCADE,
    item_id uuid NOT NULL REFERENCES planned_items,
    position integer NOT NULL,
    kind text NOT NULL CONSTRAINT work_plan_items_kind CHECK (kind IN ('liaison_meeting', 'important_meeting', 'major_event',
        'decision_consultation', 'decision_briefing', 'joint_research', 'foreign_affairs_event', 'visit', 'other', 'social_service')),
    title text NOT NULL CONSTRAINT work_plan_items_title CHECK (title ~ '\S'),
    month integer CONSTRAINT work_plan_items_month CHECK (month BETWEEN 1 AND 12),
    PRIMARY KEY (work_plan_id, item_id),
    CONSTRAINT work_plan_items_position UNIQUE (work_plan_id, position)
);
CREATE INDEX work_plan_items_item ON work_plan_items (item_id);

CREATE TABLE work_plan_item_parties (
    work_plan_id uuid NOT NULL,
    item_id uuid NOT NULL,
    party_id uuid NOT NULL,
    party_kind text GENERATED ALWAYS AS ('party') STORED,
    PRIMARY KEY (work_plan_id, item_id, party_id),
    CONSTRAINT work_plan_item_parties_item FOREIGN KEY (work_plan_id, item_id) REFERENCES work_plan_items ON DELETE CASCADE,
    CONSTRAINT work_plan_item_parties_party FOREIGN KEY (party_id, party_kind) REFERENCES organizations (id, kind)
);
CREATE INDEX work_plan_item_parties_of_party ON work_plan_item_parties (party_id);

-- As work_plans: one row a version.
CREATE TABLE work_reports (
    id uuid PRIMARY KEY,
    department_id uuid NOT NULL,
    department_kind text GENERATED ALWAYS AS ('department') STORED,
    period_kind text NOT NULL CONSTRAINT work_reports_period_kind CHECK (period_kind IN ('year', 'half_year', 'special')),
    period_from date NOT NULL,
    period_to date NOT NULL,
    number integer NOT NULL CONSTRAINT work_reports_number CHECK (number > 0),
    title text NOT NULL CONSTRAINT work_reports_title CHECK (title ~ '\S'),
    text text NOT NULL CONSTRAINT work_reports_text CHECK (text ~ '\S'),
    state text NOT NULL CONSTRAINT work_reports_state CHECK (state IN ('draft', 'submitted', 'received', 'returned')),
    -- Declared at submission: nothing classified in it.
    no_secrets boolean NOT NULL DEFAULT false,
    recorded_on_behalf boolean NOT NULL,
    -- The period's facts as they were at submission; of a draft they are computed at each reading.
    facts jsonb,
    submitted_at timestamptz,
    decided_at timestamptz,
    return_reason text CONSTRAINT work_reports_return_reason CHECK (return_reason ~ '\S'),
    -- 抄送: when 市政府办公室 acknowledged its copy.
    copy_acknowledged_at timestamptz,
    next_id uuid REFERENCES work_reports ON DELETE SET NULL,
    superseded_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    -- By what lists find: titles and texts as they are compared. Stored, since to fold a long text takes a millisecond.
    searched text NOT NULL GENERATED ALWAYS AS (text_key(title || '|' || text)) STORED,
    CONSTRAINT work_reports_department FOREIGN KEY (department_id, department_kind) REFERENCES organizations (id, kind),
    CONSTRAINT work_reports_period CHECK (CASE period_kind
        WHEN 'year' THEN extract(month FROM period_from) = 1 AND extract(day FROM period_from) = 1
            AND period_to = (period_from + interval '12 months -1 day')::date
        WHEN 'half_year' THEN extract(month FROM period_from) IN (1, 7) AND extract(day FROM period_from) = 1
            AND period_to = (period_from + interval '6 months -1 day')::date
        ELSE period_from <= period_to END),
    CONSTRAINT work_reports_submitted CHECK ((state = 'draft') = (submitted_at IS NULL)),
    CONSTRAINT work_reports_frozen CHECK ((submitted_at IS NULL) = (facts IS NULL) AND (submitted_at IS NULL OR no_secrets)),
    CONSTRAINT work_reports_decided CHECK ((state IN ('received', 'returned')) = (decided_at IS NOT NULL)),
    CONSTRAINT work_reports_returned CHECK ((state = 'returned') = (return_reason IS NOT NULL)),
    CONSTRAINT work_reports_copied CHECK (copy_acknowledged_at IS NULL OR submitted_at IS NOT NULL),
    CONSTRAINT work_reports_superseded CHECK (superseded_at IS NULL OR (submitted_at IS NOT NULL AND next_id IS NOT NULL))
);
-- One current version a department and yearly or half-yearly period, and one draft beside it; reports on one matter are free.
CREATE UNIQUE INDEX work_reports_versions ON work_reports (department_id, period_kind, period_from, number) WHERE period_kind <> 'special';
CREATE UNIQUE INDEX work_reports_current ON work_reports (department_id, period_kind, period_from)
    WHERE period_kind <> 'special' AND state <> 'draft' AND superseded_at IS NULL;
CREATE UNIQUE INDEX work_reports_draft ON work_reports (department_id, period_kind, period_from)
    WHERE period_kind <> 'special' AND state = 'draft';
CREATE INDEX work_reports_next ON work_reports (next_id);
CREATE INDEX work_reports_of_department ON work_reports (department_id, created_at, id);
CREATE INDEX work_reports_by_state ON work_reports (state, created_at, id);
CREATE INDEX work_reports_created_at ON work_reports (created_at, id);
CREATE INDEX work_reports_updated_at ON work_reports (updated_at, id);

CREATE FUNCTION raise_versions_linking_report() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM raise_versions('meeting', ARRAY (
        SELECT meeting_id FROM work_report_meetings WHERE work_report_id = NEW.id
        UNION SELECT meeting_id FROM meeting_agenda_items WHERE work_report_id = NEW.id
    ), (SELECT updated_at FROM work_reports WHERE id = NEW.id));
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER work_reports_shown_elsewhere AFTER UPDATE ON work_reports
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.submitted_at, OLD.superseded_at) IS DISTINCT FROM (NEW.submitted_at, NEW.superseded_at))
    EXECUTE FUNCTION raise_versions_linking_report();

-- --- Links -----------------------------------------------------------------------------------------------------------------
-- What hangs together: agenda items with what they are about, plans and reports with the meetings that they tell of.

ALTER TABLE meeting_agenda_items
    ADD CONSTRAINT meeting_agenda_items_about_suggestion FOREIGN KEY (suggestion_id) REFERENCES suggestions ON DELETE SET NULL,
    ADD CONSTRAINT meeting_agenda_items_about_report FOREIGN KEY (work_report_id) REFERENCES work_reports ON DELETE SET NULL;

CREATE TABLE work_report_meetings (
    work_report_id uuid NOT NULL CONSTRAINT work_report_meetings_report REFERENCES work_reports ON DELETE CASCADE,
    meeting_id uuid NOT NULL CONSTRAINT work_report_meetings_meeting REFERENCES meetings,
    PRIMARY KEY (work_report_id, meeting_id)
);
CREATE INDEX work_report_meetings_of_meeting ON work_report_meetings (meeting_id);

-- What came of a planned item: the meetings that the department has linked to it, whatever the plan's version.
CREATE TABLE planned_item_meetings (
    item_id uuid NOT NULL REFERENCES planned_items ON DELETE CASCADE,
    meeting_id uuid NOT NULL REFERENCES meetings,
    linked_at timestamptz NOT NULL,
    PRIMARY KEY (item_id, meeting_id)
);
CREATE INDEX planned_item_meetings_of_meeting ON planned_item_meetings (meeting_id);

-- --- Calendar feeds --------------------------------------------------------------------------------------------------------

-- 日历订阅: a secret address at which an organization's or a user's meetings are an iCalendar feed (RFC 5545).
CREATE TABLE calendar_feeds (
    id uuid PRIMARY KEY,
    -- Whose: one user's own, or all of an organization's. One address each: another is had by rotating it.
    user_id uuid CONSTRAINT calendar_feeds_of_user UNIQUE REFERENCES users,
    organization_id uuid CONSTRAINT calendar_feeds_of_organization UNIQUE REFERENCES organizations,
    -- SHA-256 of the secret, which is shown once and kept nowhere: enough without salt, since nobody can try 256 random bits.
    secret_hash bytea NOT NULL CONSTRAINT calendar_feeds_secret UNIQUE
        CONSTRAINT calendar_feeds_secret_hash CHECK (octet_length(secret_hash) = 32),
    rotated_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT calendar_feeds_of_one CHECK (num_nonnulls(user_id, organization_id) = 1)
);

-- --- Figures ---------------------------------------------------------------------------------------------------------------
-- 统计: what the figures of suggestions and commitments are counted from. Of a million suggestions nobody wants to read each for
-- one figure, so the marks of each handling are kept as they change, and counted by month, department and party.
-- `src/figures/` has the definitions; what a mark means is said once, here.

-- One row for each time that a department led the handling of a suggestion: what came of it before an instant. A draft is received
-- by nobody: its handling is there, but begins with the submission. Each lead has its own answer to whether it liaised with the party; a
-- handling that an older release has written has none, and goes by its suggestion.
CREATE FUNCTION suggestion_facts(until timestamptz) RETURNS TABLE (
    handling_id uuid, suggestion_id uuid, department_id uuid, party_id uuid, received_on date,
    -- The deadline of the lead that runs.
    open_kind text, open_due_on date,
    marks text[]
) LANGUAGE sql STABLE AS $$
    SELECT handling.id, handling.suggestion_id, handling.department_id, suggestion.party_id,
        (handling.started_at AT TIME ZONE 'Asia/Shanghai')::date,
        CASE WHEN acceptance.open_due_on IS NOT NULL THEN 'acceptance' WHEN answer.open_due_on IS NOT NULL THEN 'answer' END,
        coalesce(acceptance.open_due_on, answer.open_due_on),
        array_remove(ARRAY[
            'received',
            -- The first handling stands for the suggestion itself, where each is to be counted once.
            CASE WHEN NOT EXISTS (
                SELECT 1 FROM suggestion_handlings AS earlier
                WHERE earlier.suggestion_id = handling.suggestion_id AND earlier.role = 'lead'
                    AND (earlier.started_at, earlier.id) < (handling.started_at, handling.id)
            ) THEN 'raised' END,
            CASE WHEN coalesce(handling.outside_assignment, suggestion.outside_assignment) THEN 'outside_assignment' END,
            CASE WHEN acceptance.late THEN 'accepted_late'
                WHEN handling.accepted_at < suggestion_facts.until THEN 'accepted_in_time' END,
            CASE WHEN answer.late THEN 'answered_late' WHEN reply.rounds > 0 THEN 'answered_in_time' END,
            -- Answered at all, late or not.
            CASE WHEN reply.rounds > 0 THEN 'answered' END,
            CASE WHEN reply.last_round = 2 THEN 'second_round' END,
            'result_' || lower(reply.result),
            'attitude_' || receipt.attitude,
            'outcome_' || receipt.result,
            CASE WHEN reply.rounds > 0 AND receipt.attitude IS NULL
                THEN CASE WHEN silence.last_round = reply.last_round THEN 'unevaluated' ELSE 'evaluation_awaited' END END,
            -- Of the rounds that the party was to evaluate, the worst.
            CASE WHEN silence.rounds > 0 THEN 'receipt_missing' WHEN receipt.late THEN 'receipt_late'
                WHEN receipt.attitude IS NOT NULL THEN 'receipt_in_time' END
        ], NULL)
    FROM suggestion_handlings AS handling
    JOIN suggestions AS suggestion ON suggestion.id = handling.suggestion_id
    CROSS JOIN LATERAL (
        SELECT coalesce(bool_or((todo.closed_at AT TIME ZONE 'Asia/Shanghai')::date > todo.due_on)
                FILTER (WHERE todo.closed_at < suggestion_facts.until), false) AS late,
            min(todo.due_on) FILTER (WHERE todo.closed_at IS NULL OR todo.closed_at >= suggestion_facts.until) AS open_due_on
        FROM todos AS todo
        WHERE todo.subject_id = handling.suggestion_id AND todo.kind = 'accept_suggestion'
            AND todo.opened_at >= handling.started_at AND todo.opened_at < suggestion_facts.until
            AND (handling.ended_at IS NULL OR todo.opened_at < handling.ended_at)
    ) AS acceptance
    CROSS JOIN LATERAL (
        SELECT coalesce(bool_or((todo.closed_at AT TIME ZONE 'Asia/Shanghai')::date > todo.due_on)
                FILTER (WHERE todo.closed_at < suggestion_facts.until), false) AS late,
            min(todo.due_on) FILTER (WHERE todo.closed_at IS NULL OR todo.closed_at >= suggestion_facts.until) AS open_due_on
        FROM todos AS todo
        WHERE todo.subject_id = handling.suggestion_id AND todo.kind = 'reply_to_suggestion'
            AND todo.opened_at >= handling.started_at AND todo.opened_at < suggestion_facts.until
            AND (handling.ended_at IS NULL OR todo.opened_at < handling.ended_at)
    ) AS answer
    -- What this department replied while it led: the last version of the last round.
    CROSS JOIN LATERAL (
        SELECT count(DISTINCT reply.round) AS rounds, max(reply.round) AS last_round,
            (array_agg(reply.result ORDER BY reply.round DESC, reply.version_number DESC))[1] AS result
        FROM suggestion_replies AS reply
        WHERE reply.suggestion_id = handling.suggestion_id AND reply.replied_at >= handling.started_at
            AND reply.replied_at < suggestion_facts.until
            AND (handling.ended_at IS NULL OR reply.replied_at < handling.ended_at)
    ) AS reply
    -- What the party last said to that: silence in the second round leaves what it said in the first.
    CROSS JOIN LATERAL (
        SELECT bool_or(receipt.late) AS late,
            (array_agg(receipt.attitude ORDER BY receipt.round DESC))[1] AS attitude,
            (array_agg(receipt.result ORDER BY receipt.round DESC))[1] AS result
        FROM feedback_receipts AS receipt
        WHERE receipt.suggestion_id = handling.suggestion_id AND receipt.created_at >= handling.started_at
            AND receipt.created_at < suggestion_facts.until AND reply.rounds > 0
            AND EXISTS (
                SELECT 1 FROM suggestion_replies AS read
                WHERE read.id = receipt.reply_id AND read.replied_at >= handling.started_at
                    AND (handling.ended_at IS NULL OR read.replied_at < handling.ended_at))
    ) AS receipt
    -- Rounds whose evaluation did not come in time, nor afterwards.
    CROSS JOIN LATERAL (
        SELECT count(*) AS rounds, max(step.round) AS last_round
        FROM suggestion_steps AS step
        WHERE step.suggestion_id = handling.suggestion_id AND step.step = 'lapse'
            AND step.occurred_at >= handling.started_at AND step.occurred_at < suggestion_facts.until AND reply.rounds > 0
            AND (handling.ended_at IS NULL OR step.occurred_at < handling.ended_at)
            AND NOT EXISTS (
                SELECT 1 FROM feedback_receipts AS given
                WHERE given.suggestion_id = step.suggestion_id AND given.round = step.round
                    AND given.created_at < suggestion_facts.until)
    ) AS silence
    WHERE handling.role = 'lead' AND suggestion.state <> 'draft' AND handling.started_at < suggestion_facts.until
$$;

-- The same as it is now. Derived, so without foreign keys: what it is derived from has them.
CREATE TABLE suggestion_marks (
    handling_id uuid PRIMARY KEY,
    suggestion_id uuid NOT NULL,
    department_id uuid NOT NULL,
    party_id uuid NOT NULL,
    received_on date NOT NULL,
    open_kind text CONSTRAINT suggestion_marks_open_kind CHECK (open_kind IN ('acceptance', 'answer')),
    open_due_on date,
    marks text[] NOT NULL,
    CONSTRAINT suggestion_marks_open CHECK ((open_kind IS NULL) = (open_due_on IS NULL))
);
CREATE INDEX suggestion_marks_of_suggestion ON suggestion_marks (suggestion_id);
-- The records behind a figure.
CREATE INDEX suggestion_marks_received ON suggestion_marks (received_on, handling_id);
CREATE INDEX suggestion_marks_of_department ON suggestion_marks (department_id, received_on, handling_id);
CREATE INDEX suggestion_marks_of_party ON suggestion_marks (party_id, received_on, handling_id);
-- What is overdue on a day.
CREATE INDEX suggestion_marks_due ON suggestion_marks (open_due_on, received_on, department_id, party_id, open_kind)
    WHERE open_due_on IS NOT NULL;

-- How many of a month have a mark. Steps add rows and wait for nobody; the runner adds them up into one.
CREATE TABLE figure_tallies (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- Its first day: of receipt, of a commitment's due day.
    month date NOT NULL,
    department_id uuid NOT NULL,
    party_id uuid NOT NULL,
    mark text NOT NULL,
    n bigint NOT NULL,
    summed boolean NOT NULL DEFAULT false
);
CREATE UNIQUE INDEX figure_tallies_summed ON figure_tallies (month, department_id, party_id, mark) WHERE summed;
CREATE INDEX figure_tallies_read ON figure_tallies (month, department_id, party_id, mark) INCLUDE (n);
CREATE INDEX figure_tallies_to_sum ON figure_tallies (id) WHERE NOT summed;

-- A year's figures are asked for most, and of a million suggestions a year has 45,000 tallies by month: summed by year, too, they
-- are a tenth. Steps add to the months alone; the runner that adds those up carries them into the year.
CREATE TABLE figure_years (
    -- Its first day.
    year date NOT NULL,
    department_id uuid NOT NULL,
    party_id uuid NOT NULL,
    mark text NOT NULL,
    n bigint NOT NULL,
    PRIMARY KEY (year, department_id, party_id, mark)
);

-- Every step keeps the marks of its suggestion; they are kept for many at once where many have changed together, with one look at the
-- facts of all of them. In plpgsql, which keeps the plan: in SQL it was made anew at each call, which took 2 ms of the step.
CREATE FUNCTION keep_marks_of_suggestions(ids uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    WITH facts AS MATERIALIZED (
        SELECT * FROM suggestion_facts('infinity') AS fact WHERE fact.suggestion_id = ANY (ids)
    ), kept AS (
        INSERT INTO suggestion_marks AS mark
            (handling_id, suggestion_id, department_id, party_id, received_on, open_kind, open_due_on, marks)
        SELECT handling_id, suggestion_id, department_id, party_id, received_on, open_kind, open_due_on, marks FROM facts
        ON CONFLICT (handling_id) DO UPDATE
        SET open_kind = excluded.open_kind, open_due_on = excluded.open_due_on, marks = excluded.marks
        WHERE (mark.open_kind, mark.open_due_on, mark.marks)
            IS DISTINCT FROM (excluded.open_kind, excluded.open_due_on, excluded.marks)
    )
    -- Against the marks as they were when the statement began.
    INSERT INTO figure_tallies (month, department_id, party_id, mark, n)
    SELECT date_trunc('month', changed.received_on)::date, changed.department_id, changed.party_id, changed.mark, sum(changed.n)
    FROM (
        SELECT before.received_on, before.department_id, before.party_id, unnest(before.marks) AS mark, -1 AS n
        FROM suggestion_marks AS before WHERE before.suggestion_id = ANY (ids)
        UNION ALL
        SELECT facts.received_on, facts.department_id, facts.party_id, unnest(facts.marks), 1 FROM facts
    ) AS changed
    GROUP BY 1, 2, 3, 4
    HAVING sum(changed.n) <> 0;
END $$;
CREATE FUNCTION keep_suggestion_marks(suggestion uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM keep_marks_of_suggestions(ARRAY[suggestion]);
END $$;

-- At the end of the transaction, when a step has written all that it writes. Every step raises the suggestion's version.
CREATE FUNCTION keep_marks_of_suggestion() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM keep_suggestion_marks(NEW.id);
    RETURN NULL;
END $$;
-- A move of a deadline raises the suggestion's version like every step, so its marks are kept by the trigger on suggestions;
-- and by nothing but the version, since a step changes the row more than once. A batch of moves keeps them itself.
CREATE CONSTRAINT TRIGGER suggestions_marked_first AFTER INSERT ON suggestions
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.state <> 'draft') EXECUTE FUNCTION keep_marks_of_suggestion();
CREATE CONSTRAINT TRIGGER suggestions_marked AFTER UPDATE ON suggestions
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.state <> 'draft' AND NEW.version <> OLD.version
        AND current_setting('liaison.marks_kept_together', true) IS DISTINCT FROM 'on')
    EXECUTE FUNCTION keep_marks_of_suggestion();

-- What became of a commitment; null: it is still to be kept.
CREATE FUNCTION commitment_mark(state text, fulfilled_at timestamptz, due_on date) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE state
        WHEN 'abandoned' THEN 'commitment_abandoned'
        WHEN 'fulfilled' THEN CASE
            WHEN (fulfilled_at AT TIME ZONE 'Asia/Shanghai')::date <= due_on THEN 'commitment_kept' ELSE 'commitment_late' END
    END
$$;

CREATE FUNCTION keep_commitment_tallies() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO figure_tallies (month, department_id, party_id, mark, n)
    SELECT date_trunc('month', changed.due_on)::date, changed.department_id, suggestions.party_id, changed.mark, sum(changed.n)
    FROM (
        SELECT OLD.suggestion_id, OLD.department_id, OLD.due_on, commitment_mark(OLD.state, OLD.fulfilled_at, OLD.due_on) AS mark, -1 AS n
        WHERE TG_OP = 'UPDATE'
        UNION ALL
        SELECT NEW.suggestion_id, NEW.department_id, NEW.due_on, commitment_mark(NEW.state, NEW.fulfilled_at, NEW.due_on), 1
    ) AS changed
    JOIN suggestions ON suggestions.id = changed.suggestion_id
    WHERE changed.mark IS NOT NULL
    GROUP BY 1, 2, 3, 4
    HAVING sum(changed.n) <> 0;
    RETURN NULL;
END $$;
CREATE TRIGGER commitments_tallied AFTER INSERT OR UPDATE ON commitments
    FOR EACH ROW EXECUTE FUNCTION keep_commitment_tallies();

-- What depends on the day, said once: the marks of a handling as they count on a day. Past a deadline that runs, it is overdue and
-- not in time, whatever came in time before it; `..._only_overdue` where it was not late before, so that each counts once in the whole.
CREATE FUNCTION marks_on(marks text[], open_kind text, open_due_on date, day date) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN open_due_on < day THEN
        array_remove(marks, CASE open_kind WHEN 'acceptance' THEN 'accepted_in_time' ELSE 'answered_in_time' END)
        || (open_kind || '_overdue')
        || CASE WHEN CASE open_kind WHEN 'acceptance' THEN 'accepted_late' ELSE 'answered_late' END = ANY(marks)
            THEN '{}'::text[] ELSE ARRAY[open_kind || '_only_overdue'] END
    ELSE marks END
$$;

-- From the beginning: for what is there already, and after data that was loaded past the triggers.
CREATE FUNCTION count_months_anew() RETURNS void LANGUAGE sql AS $$
    DELETE FROM suggestion_marks;
    INSERT INTO suggestion_marks (handling_id, suggestion_id, department_id, party_id, received_on, open_kind, open_due_on, marks)
    SELECT handling_id, suggestion_id, department_id, party_id, received_on, open_kind, open_due_on, marks
    FROM suggestion_facts('infinity');
    DELETE FROM figure_tallies;
    INSERT INTO figure_tallies (month, department_id, party_id, mark, n, summed)
    SELECT date_trunc('month', received_on)::date, department_id, party_id, mark, count(*), true
    FROM suggestion_marks CROSS JOIN LATERAL unnest(marks) AS mark
    GROUP BY 1, 2, 3, 4
    UNION ALL
    SELECT date_trunc('month', commitments.due_on)::date, commitments.department_id, suggestions.party_id,
        commitment_mark(commitments.state, commitments.fulfilled_at, commitments.due_on), count(*), true
    FROM commitments JOIN suggestions ON suggestions.id = commitments.suggestion_id
    WHERE commitment_mark(commitments.state, commitments.fulfilled_at, commitments.due_on) IS NOT NULL
    GROUP BY 1, 2, 3, 4;
$$;
CREATE FUNCTION count_years_anew() RETURNS void LANGUAGE sql AS $$
    DELETE FROM figure_years;
    INSERT INTO figure_years (year, department_id, party_id, mark, n)
    SELECT date_trunc('year', month)::date, department_id, party_id, mark, sum(n) FROM figure_tallies WHERE summed
    GROUP BY 1, 2, 3, 4;
$$;
CREATE FUNCTION count_figures_anew() RETURNS void LANGUAGE sql AS $$
    SELECT count_months_anew();
    SELECT count_years_anew();
$$;

-- --- Annual summaries ------------------------------------------------------------------------------------------------------
-- 年度汇总 (三(四)3): the year compiled by 市委统战部, with its text; frozen when it is published.

CREATE TABLE annual_summaries (
    id uuid PRIMARY KEY,
    year integer NOT NULL CONSTRAINT annual_summaries_range CHECK (year BETWEEN 1990 AND 2100),
    state text NOT NULL CONSTRAINT annual_summaries_state CHECK (state IN ('draft', 'published')),
    text text CONSTRAINT annual_summaries_text CHECK (text ~ '\S'),
    -- The figures with their definitions, as they were published; of a draft they are computed at each reading.
    figures jsonb,
    -- Of year, text, figures and the digests of all records.
    sha256 bytea CONSTRAINT annual_summaries_sha256 CHECK (octet_length(sha256) = 32),
    published_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT annual_summaries_once UNIQUE (year),
    CONSTRAINT annual_summaries_published CHECK (
        num_nulls(figures, sha256, published_at) IN (0, 3)
        AND (state = 'published') = (published_at IS NOT NULL) AND (published_at IS NULL OR text IS NOT NULL))
);
CREATE INDEX annual_summaries_updated_at ON annual_summaries (updated_at, id);

CREATE FUNCTION keep_published_summary() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'published' THEN
        RAISE EXCEPTION 'the annual summary of % stays as it was published', OLD.year
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'annual_summaries_kept';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER annual_summaries_kept BEFORE UPDATE OR DELETE ON annual_summaries
    FOR EACH ROW EXECUTE FUNCTION keep_published_summary();

-- What stood behind the figures of a published summary: what each record was counted in, and what it said, by its digest.
CREATE TABLE annual_summary_records (
    annual_summary_id uuid NOT NULL CONSTRAINT annual_summary_records_summary REFERENCES annual_summaries,
    position integer NOT NULL,
    kind text NOT NULL CONSTRAINT annual_summary_records_kind CHECK (kind IN (
        'department', 'party', 'liaison_leader', 'meeting', 'reporting_duty', 'work_plan', 'suggestion', 'commitment')),
    -- What tells records of one thing apart: a suggestion that was reassigned has one for each lead.
    key uuid NOT NULL,
    record_id uuid NOT NULL,
    title text NOT NULL,
    on_day date,
    -- Whose figures it is in; no foreign keys, since this says what was, and nobody is ever deleted.
    department_id uuid,
    party_id uuid,
    -- Codes of figures: whose numerator, and whose denominator.
    counted text[] NOT NULL,
    counted_of text[] NOT NULL,
    sha256 bytea NOT NULL CONSTRAINT annual_summary_records_sha256 CHECK (octet_length(sha256) = 32),
    PRIMARY KEY (annual_summary_id, position)
);
CREATE INDEX annual_summary_records_of_department ON annual_summary_records (department_id, annual_summary_id, position);
CREATE INDEX annual_summary_records_of_party ON annual_summary_records (party_id, annual_summary_id, position);
CREATE TRIGGER annual_summary_records_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON annual_summary_records
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- --- Search ----------------------------------------------------------------------------------------------------------------
-- Full text: one row a record that can be searched for, whatever its type, written by the steps that change the record.

CREATE TABLE search_documents (
    subject_id uuid PRIMARY KEY,
    subject_type text NOT NULL,
    -- Since when others than its author see it: hits stand in this order.
    at timestamptz NOT NULL,
    -- The same as a day in Asia/Shanghai, for the index.
    day date NOT NULL,
    -- Who takes part in it; the nil id stands for everybody.
    involved uuid[] NOT NULL,
    -- Of these, who has no longer anything to do with it, and finds it by what its author wrote alone (weights A and B).
    former uuid[],
    -- Every character, word and number, and every two neighbours: src/search makes it.
    vector tsvector NOT NULL
);
-- There is nothing in it to compress, and a search reads a thousand of them.
ALTER TABLE search_documents ALTER vector SET STORAGE EXTERNAL;
CREATE INDEX search_documents_at ON search_documents (at, subject_id);
-- No pending list: a search would have to read through it, and one writer in many would have to empty it.
-- Type, days and who is involved stand in the same index, so that a common word is looked up among the newest days or the
-- caller's own records alone.
CREATE INDEX search_documents_found ON search_documents USING gin (vector, involved, day, subject_type) WITH (fastupdate = off);

-- How the vectors of `search_documents` are folded (src/search/folding.rs, FOLDING), and up to which record older ones have
-- been made anew: a job of the runner goes on from there.
CREATE TABLE search_folding (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    version integer NOT NULL,
    done_until uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000'
);
INSERT INTO search_folding (version) VALUES (1);
