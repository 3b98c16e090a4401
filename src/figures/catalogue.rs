//! THE list of figures: code, label, definition, clause, and what is counted.

use super::suggestions::Counted;
use crate::language::Text;
use crate::vocabulary::enumeration;
use crate::workflow::machine::Label;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// 指标分组
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, strum::EnumIter)]
pub enum Group {
    Activities,
    Coverage,
    Plans,
    Reports,
    Leaders,
    Suggestions,
    Commitments,
    Attendance,
}

/// Whose figure it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    Departments,
    Parties,
    Both,
}

macro_rules! figures {
    ($($name:ident [$zh:literal, $en:literal] $group:ident $of:ident $clause:literal $share:ident
        $(marks [$($mark:literal),*] $(of [$($whole:literal),*])?)?;
        $definition_zh:literal; $definition_en:literal;)*) => {
        enumeration! {
            /// 统计指标
            #[schema(as = FigureCode)]
            pub enum Figure ("figure") { $($name [$zh, $en]),* }
        }

        impl Figure {
            /// What exactly is counted.
            pub fn definition(self) -> Text {
                match self { $(Self::$name => Text::fixed($definition_zh, $definition_en)),* }
            }

            /// Of the notice.
            pub fn clause(self) -> &'static str {
                match self { $(Self::$name => $clause),* }
            }

            pub fn group(self) -> Group {
                match self { $(Self::$name => Group::$group),* }
            }

            pub fn of(self) -> Of {
                match self { $(Self::$name => Of::$of),* }
            }

            /// Whether it is a share of something, and has a denominator.
            pub fn is_share(self) -> bool {
                match self { $(Self::$name => stringify!($share) == "share"),* }
            }

            /// What is counted of suggestions and commitments; none of what is counted from facts.
            pub fn counted(self) -> Option<Counted> {
                match self {
                    $($(Self::$name => Some(Counted {
                        marks: &[$($mark),*],
                        whole: { let whole: &'static [&'static str] = &[$($($whole),*)?]; whole },
                    }),)?)*
                    _ => None,
                }
            }
        }
    };
}

figures! {
    // 三(四)1
    ActivitiesOwed ["应开展活动", "Activities owed"] Activities Departments "三(四)1" count;
        "期末（期间未完的，统计日）有对口联系分工的部门，每年应开展两次以上；按部门计，不按结对计。每个部门记 2。";
        "Two a year from each department with an assignment on the last day of the period, or on the day asked for while it runs; per department, not per pair.";
    ActivitiesCounted ["计入的活动", "Activities that count"] Activities Departments "三(四)1" share;
        "期间内开始、已办结、由本部门举办（联合举办的各部门各计一次），至少一个党派团体有具名人员到场的活动。分母为本部门召集的全部活动，未计入的注明原因。";
        "Starting in the period, concluded, held by the department (each of several hosts counts it once), with at least one party present in person by somebody named. Of all activities that it convened; those that do not count say why.";
    ActivitiesLiaisonMeeting ["对口联系工作会议", "Liaison meetings"] Activities Departments "三(三)" share;
        "计入的活动中的对口联系工作会议，分母为本部门召集的全部此类活动。"; "Of that kind that count, of all of that kind that the department convened.";
    ActivitiesImportantMeeting ["重要会议", "Important meetings"] Activities Departments "三(三)" share;
        "计入的活动中的重要会议，分母为本部门召集的全部此类活动。"; "Of that kind that count, of all of that kind that the department convened.";
    ActivitiesMajorEvent ["重大活动", "Major events"] Activities Departments "三(三)" share;
        "计入的活动中的重大活动，分母为本部门召集的全部此类活动。"; "Of that kind that count, of all of that kind that the department convened.";
    ActivitiesDecisionConsultation ["重大事项决策前咨询", "Consultations before decisions"] Activities Departments "三(三)" share;
        "计入的活动中的重大事项决策前咨询，书面的不计入，分母为本部门召集的全部此类活动。"; "Of that kind that count (in writing does not), of all of that kind that the department convened.";
    ActivitiesDecisionBriefing ["重大事项通报", "Briefings on decisions"] Activities Departments "三(三)" share;
        "计入的活动中的重大事项通报，书面的不计入，分母为本部门召集的全部此类活动。"; "Of that kind that count (in writing does not), of all of that kind that the department convened.";
    ActivitiesJointResearch ["调研", "Joint research"] Activities Departments "三(三)" share;
        "计入的活动中的调研，分母为本部门召集的全部此类活动。"; "Of that kind that count, of all of that kind that the department convened.";
    ActivitiesForeignAffairsEvent ["外事活动", "Foreign affairs events"] Activities Departments "三(四)1" share;
        "计入的活动中的外事活动，分母为本部门召集的全部此类活动。"; "Of that kind that count, of all of that kind that the department convened.";
    ActivitiesVisit ["走访", "Visits"] Activities Departments "三(三)" share;
        "计入的活动中的走访，分母为本部门召集的全部此类活动。"; "Of that kind that count, of all of that kind that the department convened.";
    ActivitiesSocialService ["社会服务", "Social services"] Activities Departments "三(四)1" share;
        "计入的活动中的社会服务，分母为本部门召集的全部此类活动。"; "Of that kind that count, of all of that kind that the department convened.";
    ActivitiesOther ["其他对口联系活动", "Other liaison activities"] Activities Departments "三(四)1" share;
        "计入的活动中的其他对口联系活动，分母为本部门召集的全部此类活动。"; "Of that kind that count, of all of that kind that the department convened.";
    PairsMet ["已联系的结对", "Pairs that met"] Coverage Both "三(四)1" share;
        "期间内，党派团体有具名人员到场参加过该部门举办的已办结活动的结对。分母为期末（期间未完的，统计日）的结对。";
        "Pairs in which the party was present in person, by somebody named, at a concluded activity of the department in the period. Of the pairs on the last day of the period, or on the day asked for while it runs.";

    // 三(四)3
    PlanInTime ["按时报送工作计划", "Work plan in time"] Plans Departments "三(四)3" share;
        "始于期间内的年度工作计划，报送不晚于期限的，年初之前报送的同样计入；退回后按重新报送的期限。分母为已报送和已到期未报送的。";
        "Yearly plans that begin in the period and were submitted by their due day, also before the year; once returned, by the day for submitting again. Of those submitted, and those past due.";
    PlanItemsDone ["已完成计划项目", "Planned items done"] Plans Departments "三(四)3" share;
        "期间内年度工作计划（已报送的现行版本）中，有已办结活动的项目。分母为全部项目。";
        "Items of the yearly plans in the period (the current submitted version) that have a concluded activity. Of all items.";
    ReportsInTime ["按时报送工作情况", "Work reports in time"] Reports Departments "三(四)3" share;
        "报告期终于期间内的半年、年度工作情况报告，报送不晚于期限的，报告期结束之前报送的同样计入；退回后按重新报送的期限。分母为已报送和已到期未报送的。";
        "Half-yearly and yearly reports whose own period ends in the period, submitted by their due day, also before their period's end; once returned, by the day for submitting again. Of those submitted, and those past due.";
    ReportsMissing ["逾期未报的计划和报告", "Plans and reports not sent"] Reports Departments "三(四)3" count;
        "工作计划、工作情况报告已到期、至统计日仍未报送的。"; "Plans and reports past due and not submitted by the day asked for.";

    // 三(二)
    LeaderCurrent ["有分管领导在任", "Leader in office"] Leaders Departments "三(二)" share;
        "期末（期间未完的，统计日）有分管领导在任且非空缺的部门。分母为有对口联系分工的部门。";
        "Departments with a leader in office, and no vacancy, on the last day of the period or on the day asked for while it runs. Of those with an assignment.";
    LeaderChangesLate ["迟报的人员变动", "Changes reported late"] Leaders Departments "三(二)" share;
        "生效日期在期间内的任命中，超过期限报送的。分母为全部任命。"; "Of appointments that take effect in the period, those reported after their due day.";

    // 三(四)4
    SuggestionsRaised ["提出意见建议", "Suggestions raised"] Suggestions Both "三(四)4" count marks ["raised"];
        "期间内提交的意见建议，每件计一次，计在首个提出单位；按部门统计时计在首个主办部门。";
        "Submitted in the period, each once: for the party that raised it, and for the department that led first.";
    SuggestionsReceived ["承办意见建议", "Suggestions received"] Suggestions Both "三(四)4" count marks ["received"];
        "期间内转到本部门主办的意见建议。改派的，原主办部门和现主办部门各计一次，各有各的期限。以下办理指标均以此为范围。";
        "That came to the department as lead in the period. One that was reassigned counts for both leads, each with its own clocks. All figures of handling below are of these.";
    SuggestionsAcceptedInTime ["按时签收", "Accepted in time"] Suggestions Both "三(四)4" share
        marks ["accepted_in_time"] of ["accepted_in_time", "accepted_late", "acceptance_only_overdue"];
        "签收不晚于期限的。分母为已签收的、逾期后才了结的和逾期仍未签收的。";
        "Accepted by the due day. Of those accepted, ended otherwise after it, and overdue now.";
    SuggestionsAcceptedLate ["逾期签收", "Accepted late"] Suggestions Both "三(四)4" count marks ["accepted_late"];
        "签收晚于期限，或逾期未签收即改派、撤回的；补办后仍保留记录。"; "Accepted after the due day, or reassigned or withdrawn after it without; stays on record.";
    SuggestionsAcceptanceOverdue ["逾期未签收", "Acceptance overdue"] Suggestions Both "三(四)4" count marks ["acceptance_overdue"];
        "至统计日已过签收期限仍未签收的。"; "Not accepted by the day asked for, and past the due day.";
    SuggestionsAnsweredInTime ["按时答复", "Answered in time"] Suggestions Both "三(四)4" share
        marks ["answered_in_time"] of ["answered_in_time", "answered_late", "answer_only_overdue"];
        "各轮答复均不晚于期限的（含批准的延期）；第二轮逾期仍未答复的，计为逾期未答复，不再计入。分母为已答复的、逾期后才了结的和逾期仍未答复的。";
        "Each round answered by its due day, extensions included; overdue in the second round, it is overdue and no longer in time. Of those answered, ended otherwise after it, and overdue now.";
    SuggestionsAnsweredLate ["逾期答复", "Answered late"] Suggestions Both "三(四)4" count marks ["answered_late"];
        "任一轮答复晚于期限，或逾期未答复即改派、撤回的；补办后仍保留记录。"; "A round answered after its due day, or ended otherwise after it; stays on record.";
    SuggestionsAnswerOverdue ["逾期未答复", "Answer overdue"] Suggestions Both "三(四)4" count marks ["answer_overdue"];
        "至统计日已过答复期限仍未答复的（含第二轮）。"; "Not answered by the day asked for, and past the due day; second rounds included.";
    ResultA ["已解决（A）", "Solved (A)"] Suggestions Both "三(四)4" share marks ["result_a"] of ["answered"];
        "最近一次答复结果为 A 的。分母为已答复的。"; "Whose last reply says A. Of those answered.";
    ResultB ["正在解决或列入计划（B）", "In progress or planned (B)"] Suggestions Both "三(四)4" share marks ["result_b"] of ["answered"];
        "最近一次答复结果为 B 的。分母为已答复的。"; "Whose last reply says B. Of those answered.";
    ResultC ["条件成熟时解决（C）", "Later (C)"] Suggestions Both "三(四)4" share marks ["result_c"] of ["answered"];
        "最近一次答复结果为 C 的。分母为已答复的。"; "Whose last reply says C. Of those answered.";
    ResultD ["留作参考（D）", "For reference (D)"] Suggestions Both "三(四)4" share marks ["result_d"] of ["answered"];
        "最近一次答复结果为 D 的。分母为已答复的。"; "Whose last reply says D. Of those answered.";
    AttitudeSatisfied ["态度：满意", "Attitude: satisfied"] Suggestions Both "三(四)4" share
        marks ["attitude_satisfied"] of ["attitude_satisfied", "attitude_mostly_satisfied", "attitude_dissatisfied", "unevaluated"];
        "最近一次回执对办理态度评为满意的。分母为已评价的和逾期未评价的；未评价从不算作满意。";
        "Whose last receipt is satisfied with the attitude. Of those evaluated, and those never evaluated in time: silence is never satisfied.";
    AttitudeMostlySatisfied ["态度：基本满意", "Attitude: mostly satisfied"] Suggestions Both "三(四)4" share
        marks ["attitude_mostly_satisfied"] of ["attitude_satisfied", "attitude_mostly_satisfied", "attitude_dissatisfied", "unevaluated"];
        "最近一次回执对办理态度评为基本满意的。分母为已评价的和逾期未评价的。"; "Whose last receipt is mostly satisfied with the attitude. Of those evaluated, and those never evaluated in time.";
    AttitudeDissatisfied ["态度：不满意", "Attitude: dissatisfied"] Suggestions Both "三(四)4" share
        marks ["attitude_dissatisfied"] of ["attitude_satisfied", "attitude_mostly_satisfied", "attitude_dissatisfied", "unevaluated"];
        "最近一次回执对办理态度评为不满意的。分母为已评价的和逾期未评价的；第二轮未评价的，保留第一轮的评价。";
        "Whose last receipt is dissatisfied with the attitude; silence in the second round leaves the first one's. Of those evaluated, and those never evaluated in time.";
    OutcomeSatisfied ["结果：满意", "Result: satisfied"] Suggestions Both "三(四)4" share
        marks ["outcome_satisfied"] of ["outcome_satisfied", "outcome_mostly_satisfied", "outcome_dissatisfied", "unevaluated"];
        "最近一次回执对办理结果评为满意的。分母为已评价的和逾期未评价的；未评价从不算作满意。";
        "Whose last receipt is satisfied with the result. Of those evaluated, and those never evaluated in time: silence is never satisfied.";
    OutcomeMostlySatisfied ["结果：基本满意", "Result: mostly satisfied"] Suggestions Both "三(四)4" share
        marks ["outcome_mostly_satisfied"] of ["outcome_satisfied", "outcome_mostly_satisfied", "outcome_dissatisfied", "unevaluated"];
        "最近一次回执对办理结果评为基本满意的。分母为已评价的和逾期未评价的。"; "Whose last receipt is mostly satisfied with the result. Of those evaluated, and those never evaluated in time.";
    OutcomeDissatisfied ["结果：不满意", "Result: dissatisfied"] Suggestions Both "三(四)4" share
        marks ["outcome_dissatisfied"] of ["outcome_satisfied", "outcome_mostly_satisfied", "outcome_dissatisfied", "unevaluated"];
        "最近一次回执对办理结果评为不满意的。分母为已评价的和逾期未评价的；第二轮未评价的，保留第一轮的评价。";
        "Whose last receipt is dissatisfied with the result; silence in the second round leaves the first one's. Of those evaluated, and those never evaluated in time.";
    Unevaluated ["逾期未评价", "Never evaluated"] Suggestions Both "三(四)4" share
        marks ["unevaluated"] of ["outcome_satisfied", "outcome_mostly_satisfied", "outcome_dissatisfied", "unevaluated"];
        "反馈期限已过、没有任何一轮回执的。分母为已评价的和逾期未评价的。"; "Without any receipt when the feedback deadline had passed. Of those evaluated, and these.";
    EvaluationAwaited ["等待评价", "Evaluation awaited"] Suggestions Both "三(四)4" count marks ["evaluation_awaited"];
        "已答复、反馈期限未过、尚无回执的。"; "Answered, without a receipt yet, before the feedback deadline.";
    SecondRounds ["第二轮办理", "Second rounds"] Suggestions Both "三(四)4" share marks ["second_round"] of ["answered"];
        "因对结果不满意而重新办理并再次答复的。分母为已答复的。"; "Handled and answered again after dissatisfaction with the result. Of those answered.";
    SuggestionsOutsideAssignment ["分工之外", "Outside the assignment"] Suggestions Both "三(四)2" share
        marks ["outside_assignment"] of ["received"];
        "提交之日提出单位与该主办部门没有结对的；改派的，各主办部门按各自的结对计。分母为承办的。"; "From a party that the department did not liaise with on the day of submission; each lead by its own pair. Of those received.";
    ReceiptsInTime ["按时反馈", "Receipts in time"] Suggestions Parties "三(四)4" share
        marks ["receipt_in_time"] of ["receipt_in_time", "receipt_late", "receipt_missing"];
        "应由本党派团体评价的答复，各轮回执均按时的。分母为已反馈的和逾期未反馈的。";
        "Replies that the party was to evaluate, each round in time. Of those evaluated, and those that never were.";
    ReceiptsLate ["逾期反馈", "Receipts late"] Suggestions Parties "三(四)4" count marks ["receipt_late"];
        "有回执晚于期限、但各轮均有回执的。"; "With a receipt after its due day, but one in each round.";
    ReceiptsMissing ["未反馈", "Receipts missing"] Suggestions Parties "三(四)4" count marks ["receipt_missing"];
        "有一轮反馈期限已过仍无回执的。"; "With a round past its feedback deadline and no receipt.";
    CommitmentsKept ["兑现的承诺", "Commitments kept"] Commitments Both "三(四)4" share
        marks ["commitment_kept"] of ["commitment_kept", "commitment_late", "commitment_overdue"];
        "期间内到期的办理承诺中按期兑现的。分母为已兑现的和逾期未兑现的；经同意终止的不计。";
        "Of commitments due in the period, those fulfilled by their day. Of those fulfilled, and those overdue; given up with consent are left out.";
    CommitmentsLate ["逾期兑现的承诺", "Commitments fulfilled late"] Commitments Both "三(四)4" count marks ["commitment_late"];
        "期间内到期的办理承诺中晚于到期日兑现的。"; "Due in the period, and fulfilled after their day.";
    CommitmentsOverdue ["逾期未兑现的承诺", "Commitments overdue"] Commitments Both "三(四)4" count marks ["commitment_overdue"];
        "期间内到期、至统计日仍未兑现的办理承诺。"; "Due in the period, past it, and not fulfilled by the day asked for.";
    CommitmentsAbandoned ["经同意终止的承诺", "Commitments given up"] Commitments Both "三(四)4" count marks ["commitment_abandoned"];
        "期间内到期、经市委统战部同意终止的办理承诺。"; "Due in the period, and given up with the coordinator's consent.";

    // 三(三)
    InvitationsAttended ["应邀出席", "Invitations attended"] Attendance Parties "三(三)" share;
        "期间内开始、已举行的活动中，本党派团体应邀到场或线上参加的。分母为收到的全部邀请（书面征询不计）。";
        "Of invitations to activities held in the period, those that the party came to, in person or online; consultations in writing aside.";
    InvitationsUnanswered ["未答复的邀请", "Invitations never answered"] Attendance Parties "三(三)" share;
        "期间内开始、未取消的活动中，本党派团体在活动开始前始终没有答复的邀请。分母为活动开始前请其答复的全部邀请（书面征询、事后补登的不计）。";
        "Of invitations to activities that began in the period and were not cancelled, those that the party had not answered when they began. Of all that it was asked to answer before; what goes in writing or was recorded afterwards aside.";
}

impl Figure {
    /// Of several groups, in the order of the list.
    pub fn in_groups(groups: &[Group]) -> impl Iterator<Item = Self> {
        use strum::IntoEnumIterator;
        Self::iter().filter(|figure| groups.contains(&figure.group()))
    }

    pub fn is_of_departments(self) -> bool {
        self.of() != Of::Parties
    }

    pub fn is_of_parties(self) -> bool {
        self.of() != Of::Departments
    }
}

/// 指标定义
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = FigureDefinition)]
pub struct Definition {
    pub code: Figure,
    pub label: Label,
    /// What exactly is counted, and of what.
    pub definition: Label,
    /// Of the notice.
    #[schema(example = "三(四)1", max_length = 20)]
    pub clause: String,
    /// Whether it has a denominator.
    pub share: bool,
}

impl From<Figure> for Definition {
    fn from(figure: Figure) -> Self {
        Self {
            code: figure,
            label: Label::from(figure.label()),
            definition: Label::from(&figure.definition()),
            clause: figure.clause().to_owned(),
            share: figure.is_share(),
        }
    }
}
