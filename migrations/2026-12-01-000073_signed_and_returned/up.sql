-- A signature and what was signed: SHA-256 over all that would be submitted, papers included. Null: signed before this was kept.
ALTER TABLE suggestion_signatures ADD COLUMN signed_digest bytea
    CONSTRAINT suggestion_signatures_signed_digest CHECK (octet_length(signed_digest) = 32);

-- A lead whose return was denied returns the suggestion no more. And each lead has its own answer to whether it liaised with the party
-- on the day of submission; null of a joint department.
ALTER TABLE suggestion_handlings
    ADD COLUMN return_denied_at timestamptz,
    ADD COLUMN outside_assignment boolean;

UPDATE suggestion_handlings AS handling SET return_denied_at = denied.at
FROM (
    SELECT part.id, max(step.occurred_at) AS at
    FROM suggestion_handlings AS part JOIN suggestion_steps AS step ON step.suggestion_id = part.suggestion_id
    WHERE part.role = 'lead' AND step.step = 'deny-return' AND step.occurred_at >= part.started_at
        AND (part.ended_at IS NULL OR step.occurred_at < part.ended_at)
    GROUP BY part.id
) AS denied
WHERE denied.id = handling.id;

-- Who acted on a day for a department, mergers followed.
UPDATE suggestion_handlings AS handling SET outside_assignment = suggestion.outside_assignment
FROM suggestions AS suggestion
WHERE suggestion.id = handling.suggestion_id AND handling.role = 'lead' AND handling.ended_at IS NULL;
UPDATE suggestion_handlings AS handling SET outside_assignment = NOT EXISTS (
    WITH RECURSIVE acting AS (
        SELECT assignment.department_id AS id
        FROM assignments AS assignment JOIN schemes AS scheme ON scheme.id = assignment.scheme_id
        WHERE assignment.party_id = suggestion.party_id AND scheme.published_at IS NOT NULL
            AND scheme.effective_from <= submitted.on_day
            AND (scheme.effective_until IS NULL OR submitted.on_day < scheme.effective_until)
        UNION
        SELECT former.successor_id FROM acting JOIN organizations AS former ON former.id = acting.id
        WHERE former.ended_on <= submitted.on_day AND former.successor_id IS NOT NULL
    )
    SELECT 1 FROM acting JOIN organizations AS standing ON standing.id = acting.id
    WHERE acting.id = handling.department_id AND (standing.ended_on IS NULL OR submitted.on_day < standing.ended_on))
FROM suggestions AS suggestion
CROSS JOIN LATERAL (SELECT (suggestion.submitted_at AT TIME ZONE 'Asia/Shanghai')::date AS on_day) AS submitted
WHERE suggestion.id = handling.suggestion_id AND handling.role = 'lead' AND handling.ended_at IS NOT NULL;
