-- What one department is made of: its row and its names.
SELECT o.id, o.code, o.social_credit_code, o.position, o.established_on, o.ended_on, o.end_kind, o.end_reason,
       o.successor_id, o.version, o.created_at, o.updated_at,
       (SELECT json_agg(json_build_object('name', n.name, 'short_name', n.short_name, 'effective_from', n.effective_from,
                                          'effective_until', n.effective_until, 'reason', n.reason))
        FROM organization_names n WHERE n.organization_id = o.id) AS names
FROM organizations o
WHERE o.code = 'education' AND o.kind = 'department';
