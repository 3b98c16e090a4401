-- W2: the newest 20 (and one more, which says whether there is a next page) of a department in a state, each with what the list
-- shows of it, as the service reads them.
SELECT id, party_id, title, category, lead_department_id, state, number, outside_assignment, round, communicated_round, result,
       filing, filing_number, evaluation, mediation, extension, extension_until, extension_reason, due_on, from_meeting_id,
       submitted_at, accepted_at, replied_at, concluded_at, withdrawn_at, version, created_at, updated_at,
       ARRAY(SELECT ROW(id, department_id, role, started_at, accepted_at, handler, office, returned_at, return_reason,
                  proposed_department_id, return_denied_at, outside_assignment, opinion, opinion_at, opinion_by, ended_at,
                  last_seen)
        FROM suggestion_handlings WHERE suggestion_id = suggestions.id ORDER BY position, started_at),
       ARRAY(SELECT ROW(party_id, requested_at, signed_at, declined_at, answered_by, reason)
        FROM suggestion_signatures WHERE suggestion_id = suggestions.id ORDER BY position),
       ARRAY(SELECT ROW(organization_id, kind, due_on, opened_at, closed_at, closed_by)
        FROM todos WHERE subject_id = suggestions.id AND due_on IS NOT NULL AND suggestions.state <> 'draft' ORDER BY opened_at, id)
FROM suggestions
WHERE suggestions.state <> 'draft' AND state = :state AND lead_department_id = :department::uuid
ORDER BY created_at DESC, id DESC
LIMIT 21;
