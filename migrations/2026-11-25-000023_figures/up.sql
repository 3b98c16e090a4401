-- 统计: what the figures of suggestions and commitments are counted from. Of a million suggestions nobody wants to read each for
-- one figure, so the marks of each handling are kept as they change, and counted by month, department and party.
-- `src/figures/` has the definitions; what a mark means is said once, here.

-- One row for each time that a department led the handling of a suggestion: what came of it before an instant.
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
            CASE WHEN suggestion.outside_assignment THEN 'outside_assignment' END,
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
    WHERE handling.role = 'lead' AND handling.started_at < suggestion_facts.until
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

CREATE FUNCTION keep_suggestion_marks(suggestion uuid) RETURNS void LANGUAGE sql AS $$
    INSERT INTO figure_tallies (month, department_id, party_id, mark, n)
    SELECT date_trunc('month', received_on)::date, department_id, party_id, mark, sum(n)
    FROM (
        SELECT received_on, department_id, party_id, unnest(marks) AS mark, -1 AS n
        FROM suggestion_marks WHERE suggestion_id = suggestion
        UNION ALL
        SELECT received_on, department_id, party_id, unnest(marks), 1
        FROM suggestion_facts('infinity') WHERE suggestion_id = suggestion
    ) AS changed
    GROUP BY 1, 2, 3, 4
    HAVING sum(n) <> 0;
    INSERT INTO suggestion_marks (handling_id, suggestion_id, department_id, party_id, received_on, open_kind, open_due_on, marks)
    SELECT handling_id, suggestion_id, department_id, party_id, received_on, open_kind, open_due_on, marks
    FROM suggestion_facts('infinity') WHERE suggestion_id = suggestion
    ON CONFLICT (handling_id) DO UPDATE
    SET open_kind = excluded.open_kind, open_due_on = excluded.open_due_on, marks = excluded.marks
    WHERE (suggestion_marks.open_kind, suggestion_marks.open_due_on, suggestion_marks.marks)
        IS DISTINCT FROM (excluded.open_kind, excluded.open_due_on, excluded.marks);
$$;

-- At the end of the transaction, when a step has written all that it writes. Every step raises the suggestion's version.
CREATE FUNCTION keep_marks_of_suggestion() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM keep_suggestion_marks(NEW.id);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER suggestions_marked AFTER INSERT OR UPDATE ON suggestions
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.state <> 'draft') EXECUTE FUNCTION keep_marks_of_suggestion();

-- A deadline that the calendar moves raises no version.
CREATE FUNCTION keep_marks_of_deadline() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM keep_suggestion_marks(NEW.subject_id);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER todos_marked AFTER UPDATE OF due_on ON todos
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.kind IN ('accept_suggestion', 'reply_to_suggestion') AND OLD.due_on IS DISTINCT FROM NEW.due_on)
    EXECUTE FUNCTION keep_marks_of_deadline();

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

-- From the beginning: for what is there already, and after data that was loaded past the triggers.
CREATE FUNCTION count_figures_anew() RETURNS void LANGUAGE sql AS $$
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
SELECT count_figures_anew();
