//! Suggestions on their way: each function takes one as far as its name says.

use super::{TestApp, User};
use serde_json::{Value, json};

pub const SUGGESTIONS: &str = "/api/v1/suggestions";

/// Who takes part in the suggestions of a test: 民盟, 市教育局 as lead, 市卫生健康局 with it, and 市委统战部.
pub struct Table {
    pub party: User,
    pub lead: User,
    pub joint: User,
    pub coordinator: User,
}

impl Table {
    pub async fn new(app: &TestApp) -> Self {
        Self {
            party: app.party("minmeng").await,
            lead: app.department("education").await,
            joint: app.department("health").await,
            coordinator: app.coordinator().await,
        }
    }

    /// Between a party and a department of one's choice; nobody joins in.
    pub async fn of(app: &TestApp, party: &str, lead: &str) -> Self {
        Self {
            party: app.party(party).await,
            lead: app.department(lead).await,
            ..Self::new(app).await
        }
    }

    pub async fn drafted(&self, body: Value) -> String {
        id(&self.party.post(SUGGESTIONS, body).await.expect(201).json)
    }

    pub async fn submitted(&self, body: Value) -> String {
        let id = self.drafted(body).await;
        step(&self.party, &id, "submit", json!({ "no_secrets": true })).await;
        id
    }

    pub async fn accepted(&self, body: Value) -> String {
        let id = self.submitted(body).await;
        step(&self.lead, &id, "accept", acceptance()).await;
        id
    }

    pub async fn talked(&self, body: Value) -> String {
        let id = self.accepted(body).await;
        step(&self.lead, &id, "communicate", communication()).await;
        id
    }

    pub async fn replied(&self, body: Value) -> String {
        let id = self.talked(body).await;
        step(&self.lead, &id, "reply", reply("A")).await;
        id
    }

    /// With an opinion of the department that joins in.
    pub async fn replied_with_opinion(&self, body: Value, opinion: &str) -> String {
        let id = self.talked(body).await;
        step(&self.joint, &id, "opinion", json!({ "text": opinion })).await;
        step(&self.lead, &id, "reply", reply("A")).await;
        id
    }

    pub async fn evaluate(&self, id: &str, result: &str) -> Value {
        let receipt = receipt(id, result);
        self.party
            .post("/api/v1/feedback-receipts", receipt)
            .await
            .expect(201)
            .json
    }

    /// Dissatisfied twice, so that 市委统战部 has to mediate.
    pub async fn dissatisfied_twice(&self, body: Value) -> String {
        let id = self.replied(body).await;
        self.evaluate(&id, "dissatisfied").await;
        step(&self.lead, &id, "communicate", communication()).await;
        step(&self.lead, &id, "reply", reply("C")).await;
        self.evaluate(&id, "dissatisfied").await;
        id
    }
}

pub fn id(value: &Value) -> String {
    value["id"].as_str().expect("an id").to_owned()
}

pub fn path(id: &str) -> String {
    format!("{SUGGESTIONS}/{id}")
}

/// What a party raises with a department.
pub fn raised(title: &str, lead: &str) -> Value {
    json!({
        "title": title,
        "background": "市区部分小学没有食堂，双职工家庭中午接送困难。",
        "proposal": "摸清需求，分批建设中心配餐点。",
        "lead_department": lead,
    })
}

pub fn acceptance() -> Value {
    json!({ "handler": "李秋霞", "office": "基础教育科" })
}

pub fn communication() -> Value {
    json!({ "way": "meeting", "on": "2026-03-02", "persons": ["李秋霞", "陈志远"], "gist": "就试点方案交换意见。" })
}

pub fn reply(result: &str) -> Value {
    let commitments = match result {
        "B" => json!([{ "text": "在市区 6 所小学开展试点。", "due_on": "2026-12-31" }]),
        _ => json!([]),
    };
    json!({
        "text": "建议收悉，现答复如下。", "document_number": "韶教函〔2026〕58号", "signatory": "王建平",
        "result": result, "commitments": commitments,
    })
}

pub fn receipt(id: &str, result: &str) -> Value {
    let comment = (result == "dissatisfied").then_some("没有说明时间表。");
    json!({ "suggestion": id, "attitude": "satisfied", "result": result, "comment": comment, "signatory": "陈志远" })
}

/// A step that is open to the user; the suggestion as it is then.
pub async fn step(user: &User, id: &str, step: &str, body: Value) -> Value {
    user.post(&format!("{}/{step}", path(id)), body)
        .await
        .expect(200)
        .json
}
