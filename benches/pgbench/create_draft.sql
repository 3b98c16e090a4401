-- W3: what a draft leaves behind, in one transaction: the suggestion, its lead, its first line, the audit record and the kept
-- answer of the Idempotency-Key, each of the size that the service writes. Ids grow with time, as version 7 does.
\set a random(0, 1152921504606846975)
\set b random(0, 1152921504606846975)
BEGIN;
INSERT INTO suggestions (id, party_id, title, background, proposal, category, authors, contact, lead_department_id, outside_assignment,
        state, created_at, updated_at)
    VALUES (encode(int8send((extract(epoch FROM now()) * 1000)::bigint << 16) || int8send(:a), 'hex')::uuid, :party::uuid,
        '关于改善浈江区校车安全管理的建议',
        '近年来，我市高度重视校车安全管理，但调研发现，校车线路覆盖不足，偏远村组学生乘坐非营运车辆上学。',
        '优化校车线路和站点，逐车安装监控并公开运行信息。', NULL, '[]', NULL, :department::uuid, false, 'draft', now(), now());
INSERT INTO suggestion_handlings (id, suggestion_id, department_id, role, position, started_at)
    VALUES (encode(int8send((extract(epoch FROM now()) * 1000)::bigint << 16) || int8send(:b), 'hex')::uuid,
        encode(int8send((extract(epoch FROM now()) * 1000)::bigint << 16) || int8send(:a), 'hex')::uuid, :department::uuid, 'lead', 0, now());
INSERT INTO suggestion_steps (id, suggestion_id, step, round, state, occurred_at, organization_id, actor)
    VALUES (encode(int8send((extract(epoch FROM now()) * 1000)::bigint << 16) || int8send(:b), 'hex')::uuid,
        encode(int8send((extract(epoch FROM now()) * 1000)::bigint << 16) || int8send(:a), 'hex')::uuid, 'create', 1, 'draft', now(),
        :party::uuid, 'party-minmeng');
INSERT INTO audit_log (id, occurred_at, request_id, principal_id, principal_name, role, organization_id, address, operation, outcome,
        subject_type, subject_id, after)
    VALUES (encode(int8send((extract(epoch FROM now()) * 1000)::bigint << 16) || int8send(:b), 'hex')::uuid, now(),
        '01980d2e-6f00-7000-8000-000000000001', :party::uuid, 'party-minmeng', 'party', :party::uuid, '127.0.0.1',
        'create_suggestion', 'done', 'suggestion',
        encode(int8send((extract(epoch FROM now()) * 1000)::bigint << 16) || int8send(:a), 'hex')::uuid, :after::text::jsonb);
INSERT INTO idempotency_keys (principal_id, operation, key, request_digest, status, headers, body, created_at)
    VALUES (:party::uuid, 'create_suggestion', 'bench-' || :a || '-' || :b, decode(repeat('5a', 32), 'hex'), 201,
        '{"location": "/api/v1/suggestions/01980d2e-6f00-7000-8000-000000000001", "etag": "\"1-0123456789abcdef\""}',
        convert_to(:after, 'UTF8'), now());
COMMIT;
