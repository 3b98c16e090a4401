-- W4: the 113 assignments of the scheme in force, with names.
SELECT a.id, a.basis, s.id, s.title, s.effective_from, s.effective_until,
       d.id, d.code, dn.name, p.id, p.code, pn.name
FROM schemes s
JOIN assignments a ON a.scheme_id = s.id
JOIN organizations d ON d.id = a.department_id
JOIN organizations p ON p.id = a.party_id
JOIN organization_names dn ON dn.organization_id = d.id
     AND daterange(dn.effective_from, dn.effective_until) @> current_date
JOIN organization_names pn ON pn.organization_id = p.id
     AND daterange(pn.effective_from, pn.effective_until) @> current_date
WHERE s.published_at IS NOT NULL AND daterange(s.effective_from, s.effective_until) @> current_date
ORDER BY d.position, p.position;
