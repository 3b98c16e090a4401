-- W1: one suggestion with everything that belongs to it, as the service reads it.
SELECT id, party_id, title, category, lead_department_id, state, number, outside_assignment, round, communicated_round, result,
       filing, filing_number, evaluation, mediation, extension, extension_until, extension_reason, due_on, from_meeting_id,
       submitted_at, accepted_at, replied_at, concluded_at, withdrawn_at, version, created_at, updated_at,
       background, proposal, authors, contact,
       ARRAY(SELECT ROW(id, department_id, role, started_at, accepted_at, handler, office, returned_at, return_reason,
                  proposed_department_id, return_denied_at, outside_assignment, opinion, opinion_at, opinion_by, ended_at,
                  last_seen)
        FROM suggestion_handlings WHERE suggestion_id = suggestions.id ORDER BY position, started_at),
       ARRAY(SELECT ROW(party_id, requested_at, signed_at, declined_at, answered_by, reason)
        FROM suggestion_signatures WHERE suggestion_id = suggestions.id ORDER BY position),
       ARRAY(SELECT ROW(organization_id, kind, due_on, opened_at, closed_at, closed_by)
        FROM todos WHERE subject_id = suggestions.id AND due_on IS NOT NULL AND suggestions.state <> 'draft' ORDER BY opened_at, id),
       ARRAY(SELECT ROW(id, round, way, held_on, persons, gist, organization_id, created_at)
        FROM suggestion_communications WHERE suggestion_id = suggestions.id AND suggestions.state <> 'draft' ORDER BY created_at, id),
       ARRAY(SELECT ROW(id, round, version_number, department_id, text, document_number, signatory, result,
                  missing_opinions_reason, correction_reason, replied_at, replied_by)
        FROM suggestion_replies WHERE suggestion_id = suggestions.id AND suggestions.replied_at IS NOT NULL ORDER BY round, version_number),
       ARRAY(SELECT ROW(id, suggestion_id, round, party_id, reply_id, attitude, result, comment, signatory, due_on, late,
                  created_at)
        FROM feedback_receipts WHERE suggestion_id = suggestions.id AND suggestions.replied_at IS NOT NULL ORDER BY round),
       ARRAY(SELECT ROW(id, suggestion_id, reply_id, department_id, position, text, due_on, state, fulfilment, fulfilled_at,
                  abandonment_reason, abandonment_requested_at, abandonment_granted, abandonment_decision,
                  abandonment_decided_at, version, created_at, updated_at)
        FROM commitments WHERE suggestion_id = suggestions.id AND suggestions.replied_at IS NOT NULL ORDER BY created_at, position)
FROM suggestions WHERE id = :id::uuid;
