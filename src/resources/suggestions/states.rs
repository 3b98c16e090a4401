use super::model::SuggestionState;
use crate::language::Text;
use crate::policy::Op;
use crate::workflow::TermKey::{self, *};
use crate::workflow::machine::Actor::{self, *};
use crate::workflow::machine::{Machine, Step, states};

/// One row a step: code, label, operation, from which states to which, by whom, what the body must have, what it starts.
macro_rules! steps {
    ($($code:literal [$zh:literal, $en:literal] $op:expr; $from:expr => $to:expr;
        by $by:expr; needs $required:expr; starts $starts:expr;)*) => {
        &[$(Step {
            code: $code,
            label: Text::fixed($zh, $en),
            op: $op,
            from: &$from,
            to: $to,
            by: { const BY: &[Actor] = &$by; BY },
            required: &$required,
            starts: { const STARTS: &[TermKey] = &$starts; STARTS },
        }),*]
    };
}

#[rustfmt::skip]
pub static MACHINE: Machine = Machine {
    name: "suggestion",
    title: Text::fixed("意见建议", "Suggestion"),
    states: states!(SuggestionState: Draft, Submitted, Returned, Accepted, Replied, Withdrawn end, Concluded end),
    steps: steps! {
        "create" ["起草", "Draft"] Some(Op::CreateSuggestion); [] => Some("draft");
            by [Party]; needs ["title", "background", "proposal", "lead_department"]; starts [];
        "edit" ["修改", "Edit"] Some(Op::UpdateSuggestion); ["draft"] => None;
            by [Party]; needs []; starts [];
        "delete" ["删除", "Delete"] Some(Op::DeleteSuggestion); ["draft"] => None;
            by [Party]; needs []; starts [];
        "request-signatures" ["征求联名", "Ask for signatures"] Some(Op::RequestSuggestionSignatures); ["draft"] => None;
            by [Party]; needs []; starts [];
        "co-sign" ["联名", "Co-sign"] Some(Op::CoSignSuggestion); ["draft"] => None;
            by [JointParty]; needs []; starts [];
        "decline-to-sign" ["谢绝联名", "Decline to sign"] Some(Op::DeclineToSignSuggestion); ["draft"] => None;
            by [JointParty]; needs []; starts [];
        "submit" ["提交", "Submit"] Some(Op::SubmitSuggestion); ["draft"] => Some("submitted");
            by [Party]; needs ["no_secrets"]; starts [SuggestionAcceptance];
        "accept" ["签收", "Accept"] Some(Op::AcceptSuggestion); ["submitted", "returned"] => Some("accepted");
            by [Lead]; needs ["handler", "office"]; starts [SuggestionReply, SuggestionSecondRound, SuggestionOpinion];
        "return" ["申退", "Ask for a return"] Some(Op::ReturnSuggestion); ["submitted"] => Some("returned");
            by [Lead]; needs ["reason", "proposed_department"]; starts [SuggestionReturnDecision];
        "deny-return" ["不准退办", "Deny the return"] Some(Op::DenySuggestionReturn); ["returned"] => Some("submitted");
            by [Coordinator]; needs ["reason"]; starts [SuggestionAcceptance];
        "reassign" ["改派", "Reassign"] Some(Op::ReassignSuggestion); ["submitted", "returned", "accepted"] => Some("submitted");
            by [Coordinator]; needs ["lead_department", "reason"]; starts [SuggestionAcceptance];
        "withdraw" ["撤回", "Withdraw"] Some(Op::WithdrawSuggestion); ["submitted", "returned", "accepted"] => Some("withdrawn");
            by [Party]; needs ["reason"]; starts [];
        "communicate" ["沟通", "Record a communication"] Some(Op::CommunicateOnSuggestion); ["accepted"] => None;
            by [Lead, Party]; needs ["way", "on", "persons", "gist"]; starts [];
        "opinion" ["提出会办意见", "Give a joint opinion"] Some(Op::GiveSuggestionOpinion); ["accepted"] => None;
            by [Joint]; needs ["text"]; starts [];
        "interim-reply" ["阶段性答复", "Interim reply"] Some(Op::GiveSuggestionInterimReply); ["accepted"] => None;
            by [Lead]; needs ["text", "next_on"]; starts [];
        "request-extension" ["申请延期", "Ask for an extension"] Some(Op::RequestSuggestionExtension); ["accepted"] => None;
            by [Lead]; needs ["reason", "until"]; starts [];
        "decide-extension" ["审核延期", "Decide on the extension"] Some(Op::DecideSuggestionExtension); ["accepted"] => None;
            by [Coordinator]; needs ["granted", "reason"]; starts [];
        "reply" ["答复", "Reply"] Some(Op::ReplyToSuggestion); ["accepted"] => Some("replied");
            by [Lead]; needs ["text", "document_number", "signatory", "result"]; starts [SuggestionFeedback];
        "feedback-receipts" ["反馈回执", "Evaluate"] Some(Op::CreateFeedbackReceipt); ["replied"] => None;
            by [Party]; needs ["suggestion", "attitude", "result", "signatory"]; starts [];
        "second-round" ["第二轮办理", "Second round"] None; ["replied"] => Some("accepted");
            by [System]; needs []; starts [SuggestionSecondRound];
        "lapse" ["逾期未评价", "Not evaluated in time"] None; ["replied"] => None;
            by [System]; needs []; starts [];
        "file" ["备案", "File"] Some(Op::FileSuggestion); ["replied"] => None;
            by [Coordinator]; needs []; starts [];
        "return-filing" ["退回补报", "Return the filing"] Some(Op::ReturnSuggestionFiling); ["replied"] => None;
            by [Coordinator]; needs ["reason"]; starts [];
        "report-filing" ["补报备案", "Report for filing again"] Some(Op::ReportSuggestionFiling); ["replied"] => None;
            by [Lead]; needs ["text"]; starts [];
        "mediate" ["协商会", "Mediate"] Some(Op::MediateSuggestion); ["replied"] => None;
            by [Coordinator]; needs ["text"]; starts [];
        "conclude" ["办结", "Conclude"] None; ["replied"] => Some("concluded");
            by [System]; needs []; starts [];
        "correct" ["更正答复", "Correct the reply"] Some(Op::CorrectSuggestionReply); ["replied", "concluded"] => None;
            by [Lead]; needs ["text", "reason"]; starts [];
        "urge" ["催办", "Urge"] Some(Op::UrgeSuggestion); ["submitted", "returned", "accepted", "replied"] => None;
            by [Coordinator, Party]; needs ["text"]; starts [];
    },
};

/// What a step is called in the timeline, where the calendar's moves of deadlines stand, too.
pub fn label(code: &str) -> Text {
    match MACHINE.steps.iter().find(|step| step.code == code) {
        Some(step) => step.label.clone(),
        None => Text::fixed("期限调整", "Deadline moved"),
    }
}
