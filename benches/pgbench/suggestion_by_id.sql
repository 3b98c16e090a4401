-- W1: one suggestion with everything that belongs to it, as the service reads it.
SELECT id, party_id, title, category, lead_department_id, state, number, outside_assignment, round, communicated_round, result,
       filing, filing_number, evaluation, mediation, extension, extension_until, extension_reason, due_on, submitted_at,
       accepted_at, replied_at, concluded_at, withdrawn_at, version, created_at, updated_at,
       background, proposal, authors, contact,
       (SELECT json_agg(h ORDER BY h.position, h.started_at) FROM suggestion_handlings AS h
        WHERE h.suggestion_id = suggestions.id),
       (SELECT json_agg(s ORDER BY s.position) FROM suggestion_signatures AS s WHERE s.suggestion_id = suggestions.id),
       (SELECT json_agg(t ORDER BY t.opened_at, t.id) FROM (
           SELECT id, organization_id, kind, due_on, opened_at, closed_at FROM todos
           WHERE subject_id = suggestions.id AND due_on IS NOT NULL AND suggestions.state <> 'draft') AS t),
       (SELECT json_agg(c ORDER BY c.created_at, c.id) FROM suggestion_communications AS c
        WHERE c.suggestion_id = suggestions.id AND suggestions.state NOT IN ('draft', 'submitted', 'returned')),
       (SELECT json_agg(r ORDER BY r.round, r.version_number) FROM suggestion_replies AS r
        WHERE r.suggestion_id = suggestions.id AND suggestions.replied_at IS NOT NULL),
       (SELECT json_agg(f ORDER BY f.round) FROM feedback_receipts AS f
        WHERE f.suggestion_id = suggestions.id AND suggestions.replied_at IS NOT NULL),
       (SELECT json_agg(m ORDER BY m.created_at, m.position) FROM commitments AS m
        WHERE m.suggestion_id = suggestions.id AND suggestions.replied_at IS NOT NULL)
FROM suggestions WHERE id = :id::uuid;
