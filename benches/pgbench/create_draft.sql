-- W3: what a draft leaves behind, in one transaction: the suggestion, its lead, its first line, the audit record and the kept
-- answer of the Idempotency-Key.
BEGIN;
SELECT status, headers, body FROM idempotency_keys WHERE principal_id = '00000000-0000-0000-0000-000000000000'
    AND operation = 'create_suggestion' AND key = gen_random_uuid()::text;
SELECT gen_random_uuid() AS id \gset
INSERT INTO suggestions (id, party_id, title, background, proposal, authors, lead_department_id, state, created_at, updated_at)
    VALUES (:'id'::uuid, (SELECT id FROM organizations WHERE code = 'minmeng'), '关于改善浈江区校车安全管理的建议',
        '近年来，我市高度重视校车安全管理，但调研发现，校车线路覆盖不足，偏远村组学生乘坐非营运车辆上学。',
        '优化校车线路和站点，逐车安装监控并公开运行信息。', '[]', :department::uuid, 'draft', now(), now());
INSERT INTO suggestion_handlings (id, suggestion_id, department_id, role, position, started_at)
    VALUES (gen_random_uuid(), :'id'::uuid, :department::uuid, 'lead', 0, now());
INSERT INTO suggestion_steps (id, suggestion_id, step, round, state, occurred_at, actor)
    VALUES (gen_random_uuid(), :'id'::uuid, 'create', 1, 'draft', now(), 'party-minmeng');
INSERT INTO audit_log (id, occurred_at, request_id, principal_name, role, operation, outcome, subject_type, subject_id, after)
    VALUES (gen_random_uuid(), now(), 'bench', 'party-minmeng', 'party', 'create_suggestion', 'done', 'suggestion', :'id'::uuid,
        (SELECT json_agg(s) FROM suggestions s WHERE s.id = :'id'::uuid)::jsonb);
INSERT INTO idempotency_keys (principal_id, operation, key, request_digest, status, headers, body, created_at)
    VALUES ('00000000-0000-0000-0000-000000000000', 'create_suggestion', :'id', '\x00', 201, '{}', '\x00', now());
COMMIT;
