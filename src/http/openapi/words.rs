//! What a property or a parameter is, in Chinese and English, where its own declaration does not say more: the words that many
//! schemas share are described here once.

use serde_json::Value;

/// Property, Chinese, English.
const PROPERTIES: &[(&str, &str, &str)] = &[
    ("a", "解决件数", "Replies of class A, solved"),
    ("accepted", "应邀数", "How many accepted"),
    ("accepted_at", "签收时间", "When it was accepted"),
    ("acknowledged", "已签收数", "How many have acknowledged"),
    ("acknowledged_at", "签收时间", "When it was acknowledged"),
    ("added", "新增的分工", "Pairs that are added"),
    ("address", "网络地址", "Network address of the client"),
    ("agenda", "议程", "Agenda items in order; replaces all of them"),
    (
        "allowed_actions",
        "可执行的操作",
        "Steps that the caller can take now",
    ),
    ("amount", "数量", "Length of the term, in its unit"),
    ("answered", "已答复数", "How many have been answered"),
    ("answered_at", "答复时间", "When it was answered"),
    (
        "answered_in_time",
        "按时答复件数",
        "How many were answered in time",
    ),
    ("answered_late", "逾期答复件数", "How many were answered late"),
    ("assignments", "分工数", "How many pairs"),
    ("at", "时间", "When it happened"),
    ("attendees", "参加人员", "Persons who come"),
    ("authors", "撰写人", "Who wrote it"),
    (
        "b",
        "正在解决或列入计划件数",
        "Replies of class B, in progress or planned",
    ),
    ("background", "情况和问题", "The situation and the problem"),
    ("by", "可执行者", "Who may take the step"),
    ("by_kind", "分类统计", "The same by kind of activity"),
    ("c", "条件成熟时解决件数", "Replies of class C, later"),
    ("cancel_reason", "取消原因", "Why it was cancelled"),
    ("cancelled_at", "取消时间", "When it was cancelled"),
    ("category", "类别", "Category, in the party's own words"),
    (
        "changed_basis",
        "联系方式有变的分工",
        "Pairs that are common in one scheme and designated in the other",
    ),
    ("closed_at", "办结时间", "When it was closed"),
    (
        "co_hosts",
        "联办党派",
        "Parties that hold it jointly, by code or id",
    ),
    ("code", "代码", "Stable code"),
    ("comment", "评价意见", "Comment; required where dissatisfied"),
    ("common", "共同联系分工数", "How many pairs of common departments"),
    (
        "communications",
        "沟通记录",
        "Communications of the department and the party",
    ),
    ("concluded_at", "办结时间", "When it was concluded"),
    ("contacts", "联络人员", "Contact persons"),
    ("convened_at", "召集时间", "When the invitations went out"),
    ("count", "数量", "How many"),
    ("counted", "计入数", "How many count"),
    (
        "counts",
        "是否计入",
        "Whether it counts towards the activities owed",
    ),
    ("created_at", "创建时间", "When it was created"),
    ("current_password", "当前密码", "The password as it is now"),
    ("d", "留作参考件数", "Replies of class D, for reference"),
    ("day", "日期", "Day in Asia/Shanghai"),
    ("decided_at", "裁定时间", "When it was decided"),
    ("decision", "裁定说明", "What was decided and why"),
    ("decisions", "议定事项", "What was decided"),
    ("declined", "谢绝数", "How many declined"),
    ("definitions", "统计口径", "How each figure is defined"),
    ("departments", "部门", "Departments"),
    ("description", "说明", "Description"),
    ("designated", "指定联系分工数", "How many designated pairs"),
    (
        "detail",
        "具体说明",
        "What is wrong here, in the language of the request",
    ),
    ("display_name", "显示名称", "Name shown to others"),
    ("disputed_at", "异议时间", "When the attendance was disputed"),
    (
        "document_number",
        "文号",
        "Document number, such as 韶教〔2020〕12号",
    ),
    ("done", "已完成数", "How many are done"),
    ("done_at", "完成时间", "When it was done"),
    ("due_after", "调整后的截止日期", "Due day after the change"),
    ("due_before", "调整前的截止日期", "Due day before the change"),
    ("due_on", "截止日期", "Due day in Asia/Shanghai"),
    ("effective_from", "生效日期", "First day on which it holds"),
    ("email", "电子邮箱", "E-mail address"),
    ("en", "英文", "English"),
    ("end_reason", "终止原因", "Why it was merged or abolished"),
    ("ends_at", "结束时间", "When it ends"),
    (
        "errors",
        "逐项错误",
        "Every fault, 100 at most; `errors_omitted` counts the others",
    ),
    ("evaluations", "按评价统计", "Counts by evaluation"),
    ("figures", "指标", "Figures"),
    ("filing_number", "备案号", "Filing number"),
    ("filings", "按备案统计", "Counts by filing"),
    (
        "follow_ups",
        "后续事项",
        "What is to be done afterwards, by whom and by when",
    ),
    ("from", "起始日期", "First day"),
    (
        "from_meeting",
        "来源活动",
        "Meeting that the suggestion comes from, by id",
    ),
    ("fulfilled_at", "兑现时间", "When it was fulfilled"),
    ("gist", "沟通内容", "What was said"),
    ("given", "已提出数", "How many were given"),
    ("given_at", "提出时间", "When it was given"),
    ("granted", "是否同意", "Whether it is granted"),
    ("guests", "特邀人员", "Invited guests"),
    ("handler", "经办人", "Who handles it"),
    ("held_at", "举行登记时间", "When it was recorded as held"),
    ("holiday_count", "放假天数", "Days off"),
    (
        "holidays",
        "放假日期",
        "Days off, weekends among them where the arrangement names them",
    ),
    ("hosts", "举办单位", "Hosts, by code or id"),
    ("id", "标识", "Identifier (UUID)"),
    ("invitation", "邀请", "Invitation, by id"),
    ("invited", "受邀数", "How many were invited"),
    ("issued_on", "印发日期", "Day of issue"),
    ("items", "列表", "The rows"),
    ("joint_departments", "会办单位", "Joint departments"),
    ("joint_parties", "联名党派", "Joint parties"),
    ("kept", "不变的分工", "Pairs that stay as they are"),
    ("keys", "公钥", "Public keys"),
    ("kid", "密钥标识", "Key id"),
    ("late", "是否逾期", "Whether it was late"),
    ("lead_department", "主办单位", "Lead department, by code or id"),
    ("linked", "分工对数", "Pairs of the assignment"),
    ("made_at", "提出时间", "When it was made"),
    ("makeup_day_count", "调休上班天数", "Make-up working days"),
    ("makeup_days", "调休上班日期", "Weekend days that are worked"),
    ("matter", "决策事项", "Matter to be decided"),
    ("meetings", "活动", "Meetings"),
    ("met", "已开展活动的对数", "Pairs that met"),
    ("met_at", "完成时间", "When it was met; null while it is not"),
    (
        "missing_opinions_reason",
        "缺少会办意见的原因",
        "Why a joint opinion is missing",
    ),
    ("month", "月份", "Month, 1 to 12"),
    ("moved_at", "调整时间", "When the due day was moved"),
    ("moves", "期限调整", "How the due day was moved, and why"),
    ("name", "名称", "Name"),
    ("note", "备注", "Note"),
    ("number", "编号", "Number; null until submitted"),
    (
        "numerator",
        "数值",
        "Value, or numerator where there is a denominator",
    ),
    ("occurred_at", "发生时间", "When it happened"),
    ("office", "科室", "Office"),
    ("offices", "受邀办公室", "Invited offices, by code or id"),
    ("on", "日期", "Day in Asia/Shanghai"),
    ("online", "是否线上参加", "Whether it took part online"),
    ("online_address", "线上会议地址", "Address of the online meeting"),
    ("opened_at", "产生时间", "When it was opened"),
    (
        "opinions_due_on",
        "意见截止日期",
        "Day by which parties give their opinions",
    ),
    (
        "organization",
        "所属单位",
        "Organization that the person comes from",
    ),
    (
        "outside_assignment",
        "是否在分工之外",
        "Whether it is outside the assignment",
    ),
    ("overdue", "逾期", "Overdue"),
    ("owed", "应开展次数", "How many are owed"),
    ("pairs", "分工对", "Pairs"),
    ("parties", "党派", "Parties"),
    ("party", "党派", "Party"),
    ("password", "密码", "Password"),
    (
        "password_changed_at",
        "密码修改时间",
        "When the password was last changed",
    ),
    ("pending", "未答复数", "How many have not answered"),
    ("person", "联系人", "Contact person"),
    ("persons", "人员", "Persons, by name"),
    (
        "phone",
        "电话",
        "Telephone number; masked where the caller may not read it whole",
    ),
    ("place", "地点", "Place"),
    ("place_after", "改期后地点", "Place after the postponement"),
    ("place_before", "改期前地点", "Place before the postponement"),
    (
        "planned_on",
        "计划决策日期",
        "Day on which the decision is planned",
    ),
    ("position", "排序", "Position in lists"),
    ("postponed_at", "改期时间", "When it was postponed"),
    ("presenter", "汇报人", "Who presents it"),
    ("proposal", "建议内容", "What is proposed"),
    ("published_at", "发布时间", "When it was published"),
    ("quarter", "季度", "Quarter, 1 to 4"),
    ("quota", "名额", "How many persons may come"),
    ("quotas", "名额", "How many persons each organization may send"),
    ("reason", "原因", "Reason"),
    ("receipt", "征询意见表", "Feedback receipt, by id"),
    ("received", "收到件数", "How many were received"),
    ("recipients", "主送单位", "Recipients"),
    ("recorded", "是否已登记", "Whether it has been recorded"),
    ("recorded_at", "登记时间", "When it was recorded"),
    ("refresh_token", "刷新令牌", "Refresh token, good for one use"),
    ("removed", "取消的分工", "Pairs that are removed"),
    (
        "replaced_at",
        "被取代时间",
        "When the next version took its place",
    ),
    ("replied_at", "答复时间", "When it was answered"),
    (
        "reply_version",
        "答复版本",
        "Version of the reply that was evaluated",
    ),
    ("reported_at", "报送时间", "When it was reported"),
    (
        "request_id",
        "请求标识",
        "Id of the request, also in `X-Request-Id`",
    ),
    ("requested_at", "征求时间", "When it was asked for"),
    ("results", "按办理结果统计", "Counts by class of result"),
    ("return_reason", "退回原因", "Why it was returned"),
    ("returned_at", "退回时间", "When it was returned"),
    ("round", "轮次", "Round of handling, 1 or 2"),
    ("rows", "行", "Rows"),
    ("second_round", "第二轮件数", "How many are in round 2"),
    ("sent_at", "发送时间", "When it was sent"),
    ("serial", "序号", "Serial number in the year"),
    ("settled_at", "完成时间", "When it was settled"),
    ("short_name", "简称", "Short name, of which numbers are made"),
    ("signatory", "签发人", "Who signed it"),
    ("starts_after", "改期后开始时间", "Start after the postponement"),
    ("starts_at", "开始时间", "When it starts"),
    ("starts_before", "改期前开始时间", "Start before the postponement"),
    ("starts_on", "开始日期", "Day on which it starts (Asia/Shanghai)"),
    ("states", "状态", "States"),
    ("status", "状态", "Status"),
    ("steps", "步骤", "Steps"),
    ("subject_id", "对象标识", "Record that it is about, by id"),
    ("subject_type", "对象类型", "Type of the record that it is about"),
    ("submitted_at", "提交时间", "When it was submitted"),
    ("tentative", "待定数", "How many answered tentatively"),
    ("text", "正文", "Text"),
    ("title", "标题", "Title"),
    ("to", "截止日期", "Last day"),
    ("token_type", "令牌类型", "Type of the token"),
    ("told", "已告知数", "How many were told"),
    ("told_at", "告知时间", "When it was told"),
    (
        "total",
        "总数",
        "How many rows there are on all pages; null unless `with_total=true`",
    ),
    (
        "total_is_capped",
        "总数已封顶",
        "Whether there are more than `total` says; null unless `with_total=true`",
    ),
    ("until", "延期至", "The new due day"),
    ("updated_at", "更新时间", "When the answer last changed"),
    ("username", "用户名", "Login name"),
    ("vacant", "是否空缺", "Whether the post is vacant"),
    ("version_number", "版本", "Version, from 1"),
    ("why", "原因", "Why the day does not count"),
    ("withdrawn_at", "撤回时间", "When it was withdrawn"),
    ("working", "是否工作日", "Whether it is a working day"),
    ("working_day_count", "工作日天数", "Working days of the year"),
    ("year", "年度", "Year"),
    ("years", "年份", "Years"),
    ("zh", "中文", "Chinese"),
];

/// Parameter, Chinese, English; in a path and in a query alike.
const PARAMETERS: &[(&str, &str, &str)] = &[
    (
        "id",
        "标识",
        "Identifier (UUID); of a department, party or office its code as well, of an account its login name as well",
    ),
    ("attitude", "办理态度评价", "Evaluation of the attitude"),
    ("basis", "联系方式", "Common or designated"),
    ("category", "类别", "Category"),
    ("due_before", "截止日期上限", "Due on this day or earlier"),
    ("evaluation", "评价状态", "State of the evaluation"),
    ("figure", "指标", "Code of the figure"),
    ("filing", "备案状态", "State of the filing"),
    ("form", "形式", "Meeting or written"),
    ("invitation", "邀请", "Invitation, by id"),
    ("item", "计划项目", "Item of the plan, by id"),
    ("kind", "种类", "Kind"),
    ("late", "是否逾期", "Only those that are, or are not, late"),
    ("name", "状态机名称", "Name of the state machine"),
    ("opinion", "意见", "Opinion, by id"),
    ("outcome", "结果", "Outcome"),
    (
        "outside_assignment",
        "分工之外",
        "Only those that are, or are not, outside the assignment",
    ),
    ("overdue", "逾期", "Only those that are, or are not, overdue now"),
    ("period_kind", "期间种类", "Kind of period"),
    ("quarter", "季度", "Quarter, 1 to 4"),
    ("request_id", "请求标识", "Id of the request"),
    ("result", "办理结果", "Result"),
    ("role", "角色", "Role"),
    ("round", "轮次", "Round of handling, 1 or 2"),
    ("rule", "相关制度", "Rule, by id"),
    ("secret", "订阅密钥", "Secret of the calendar feed"),
    ("sort", "排序", "Order of the rows; `-` in front: descending"),
    ("state", "状态", "State"),
    ("subject_id", "对象标识", "Record that it is about, by id"),
    ("subject_type", "对象类型", "Type of the record"),
    ("vacant", "空缺", "Only those that are, or are not, vacant"),
    ("year", "年度", "Year"),
];

fn said(words: &[(&str, &str, &str)], name: &str) -> Option<String> {
    let (_, zh, en) = words.iter().find(|(known, ..)| *known == name)?;
    Some(format!("{zh} · {en}"))
}

/// Describes every property that does not describe itself. A reference is described by what it refers to.
pub(super) fn describe_properties(schema: &mut Value) {
    match schema {
        Value::Object(keywords) => {
            if let Some(properties) = keywords.get_mut("properties").and_then(Value::as_object_mut) {
                for (name, property) in properties {
                    let refers = ["$ref", "allOf", "oneOf"]
                        .iter()
                        .any(|key| !property[key].is_null());
                    if property["description"].is_null()
                        && !refers
                        && let Some(words) = said(PROPERTIES, name)
                    {
                        property["description"] = words.into();
                    }
                }
            }
            for (keyword, inner) in keywords {
                if !matches!(keyword.as_str(), "example" | "examples" | "default") {
                    describe_properties(inner);
                }
            }
        }
        Value::Array(schemas) => schemas.iter_mut().for_each(describe_properties),
        _ => {}
    }
}

/// Describes the parameters of an operation that do not describe themselves.
pub(super) fn describe_parameters(parameters: &mut [Value]) {
    for parameter in parameters {
        if parameter["description"].is_null()
            && let Some(words) = said(PARAMETERS, parameter["name"].as_str().unwrap_or_default())
        {
            parameter["description"] = words.into();
        }
    }
}
