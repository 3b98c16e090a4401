//! The words for every enumeration, in Chinese and English: what `meta/enums` answers, and what the OpenAPI document says
//! of their values.

use crate::http::language::Language;

/// An enumeration: its name in `meta/enums`, its schema in the document, its values with their labels.
pub struct Labels {
    pub name: &'static str,
    pub schema: &'static str,
    pub values: &'static [(&'static str, &'static str, &'static str)],
}

/// What a value is called; the value itself where it has no label, which a test would have found.
pub fn label(name: &str, value: &'static str, language: Language) -> &'static str {
    ENUMS
        .iter()
        .find(|labels| labels.name == name)
        .and_then(|labels| labels.values.iter().find(|(code, ..)| *code == value))
        .map_or(value, |(_, zh, en)| match language {
            Language::Chinese => zh,
            Language::English => en,
        })
}

pub const ENUMS: &[Labels] = &[
    Labels {
        name: "role",
        schema: "Role",
        values: &[
            ("coordinator", "市委统战部", "United front work department"),
            ("government_office", "市政府办公室", "Government office"),
            ("department", "政府部门", "Department"),
            ("party", "党派团体", "Party"),
            ("admin", "系统管理员", "System administrator"),
            ("security_admin", "安全管理员", "Security administrator"),
            ("auditor", "审计管理员", "Audit administrator"),
        ],
    },
    Labels {
        name: "party_kind",
        schema: "PartyKind",
        values: &[
            ("democratic_party", "民主党派", "Democratic party"),
            (
                "federation_of_industry_and_commerce",
                "工商联",
                "Federation of industry and commerce",
            ),
            (
                "non_party_intellectuals_association",
                "知联会",
                "Non-party intellectuals' association",
            ),
        ],
    },
    Labels {
        name: "basis",
        schema: "Basis",
        values: &[
            ("common", "共同联系", "Common"),
            ("designated", "指定联系", "Designated"),
        ],
    },
    Labels {
        name: "end_kind",
        schema: "EndKind",
        values: &[("merged", "合并", "Merged"), ("abolished", "撤销", "Abolished")],
    },
    Labels {
        name: "user_state",
        schema: "UserState",
        values: &[
            ("active", "正常", "Active"),
            ("disabled", "已停用", "Disabled"),
            ("locked", "已锁定", "Locked after failed log-ins"),
        ],
    },
    Labels {
        name: "organization_state",
        schema: "OrganizationState",
        values: &[
            ("planned", "未设立", "Not yet established"),
            ("active", "在册", "Active"),
            ("ended", "已终止", "Ended"),
        ],
    },
    Labels {
        name: "office_kind",
        schema: "OfficeKind",
        values: &[
            ("coordinator", "市委统战部", "United front work department"),
            ("government_office", "市政府办公室", "Government office"),
        ],
    },
    Labels {
        name: "scheme_state",
        schema: "SchemeState",
        values: &[
            ("draft", "草稿", "Draft"),
            ("scheduled", "待生效", "Scheduled"),
            ("in_force", "现行", "In force"),
            ("superseded", "已被取代", "Superseded"),
        ],
    },
    Labels {
        name: "attachment_carrier",
        schema: "AttachmentCarrier",
        values: &[("scheme", "对口联系方案", "Scheme")],
    },
    Labels {
        name: "audit_outcome",
        schema: "AuditOutcome",
        values: &[
            ("done", "已办理", "Done"),
            ("refused", "被拒绝", "Refused"),
            ("read", "查阅", "Read"),
        ],
    },
];
