use crate::language::Text;
use crate::policy::Op;
use crate::vocabulary::meetings::MeetingState;
use crate::workflow::TermKey;
use crate::workflow::machine::{Actor, Machine, Step, states};

const CREATE: Step = Step {
    code: "create",
    label: Text::fixed("起草", "Draft"),
    op: Some(Op::CreateMeeting),
    from: &[],
    to: Some("draft"),
    by: &[Actor::Host],
    required: &["kind", "title", "starts_at"],
    starts: &[],
};
const CONVENE: Step = Step {
    code: "convene",
    label: Text::fixed("召集", "Convene"),
    op: Some(Op::ConveneMeeting),
    from: &["draft"],
    to: Some("convened"),
    by: &[Actor::Host],
    required: &[],
    starts: &[TermKey::MeetingAnswer],
};
const fn postpone(starts: &'static [TermKey]) -> Step {
    Step {
        code: "postpone",
        label: Text::fixed("改期", "Postpone"),
        op: Some(Op::PostponeMeeting),
        from: &["convened"],
        to: None,
        by: &[Actor::Host],
        required: &["starts_at"],
        starts,
    }
}
const CANCEL: Step = Step {
    code: "cancel",
    label: Text::fixed("取消", "Cancel"),
    op: Some(Op::CancelMeeting),
    from: &["convened"],
    to: Some("cancelled"),
    by: &[Actor::Host],
    required: &["reason"],
    starts: &[],
};
const HOLD: Step = Step {
    code: "hold",
    label: Text::fixed("登记举行", "Hold"),
    op: Some(Op::HoldMeeting),
    from: &["convened"],
    to: Some("held"),
    by: &[Actor::Host],
    required: &[],
    starts: &[],
};
const fn conclude(from: &'static [&'static str], starts: &'static [TermKey]) -> Step {
    Step {
        code: "conclude",
        label: Text::fixed("办结", "Conclude"),
        op: Some(Op::ConcludeMeeting),
        from,
        to: Some("concluded"),
        by: &[Actor::Host],
        required: &[],
        starts,
    }
}

/// Of consultations and briefings.
const fn record_decision(from: &'static [&'static str]) -> Step {
    Step {
        code: "record-decision",
        label: Text::fixed("登记决策", "Record the decision"),
        op: Some(Op::RecordDecision),
        from,
        to: None,
        by: &[Actor::Host],
        required: &["decided_on", "text"],
        starts: &[],
    }
}

pub static MACHINE: Machine = Machine {
    name: "meeting",
    title: Text::fixed("对口联系活动", "Meeting"),
    states: states!(MeetingState: Draft, Convened, Held, Concluded end, Cancelled end),
    steps: &[
        CREATE,
        CONVENE,
        postpone(&[TermKey::MeetingAnswer]),
        CANCEL,
        HOLD,
        conclude(&["held"], &[TermKey::AttendanceDispute]),
        record_decision(&["convened", "held", "concluded"]),
    ],
};

/// What is asked or told in writing is not held.
pub static WRITTEN: Machine = Machine {
    name: "written_consultation",
    title: Text::fixed("书面征求意见和通报", "Consultation or briefing in writing"),
    states: states!(MeetingState: Draft, Convened, Concluded end, Cancelled end),
    steps: &[
        CREATE,
        CONVENE,
        postpone(&[]),
        CANCEL,
        conclude(&["convened"], &[]),
        record_decision(&["convened", "concluded"]),
    ],
};
