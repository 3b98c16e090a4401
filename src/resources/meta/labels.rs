//! The words for every enumeration, in Chinese and English: what `meta/enums` answers, and what the OpenAPI document says
//! of their values.

/// An enumeration: its name in `meta/enums`, its schema in the document, its values with their labels.
pub struct Labels {
    pub name: &'static str,
    pub schema: &'static str,
    pub values: &'static [(&'static str, &'static str, &'static str)],
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
];
