//! Attached files, from the first byte of an upload to the sweep.

mod inspection;
mod names;
mod packages;
mod store;
mod sweep;
mod transfer;

use crate::support::{Answer, Form, TestApp, User};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use liaison::db::schema::attachments;
use reqwest::Method;
use serde_json::{Value, json};
use std::path::PathBuf;

pub const PATH: &str = "/api/v1/attachments";

/// A service, somebody who attaches, and the scheme that is in force.
pub struct Desk {
    pub app: TestApp,
    pub coordinator: User,
    pub scheme: Value,
}

impl Desk {
    pub async fn new() -> Self {
        Self::with(&[]).await
    }

    pub async fn with(settings: &[&str]) -> Self {
        let app = TestApp::with(settings).await;
        let coordinator = app.coordinator().await;
        let schemes = coordinator.get("/api/v1/schemes").await.expect(200);
        Self {
            scheme: schemes.items()[0]["id"].clone(),
            coordinator,
            app,
        }
    }

    /// A scheme that is not published yet, and lets go of its papers.
    pub async fn draft(&self) -> Value {
        let draft = json!({ "title": "草案", "effective_from": "2027-01-01" });
        let made = self.coordinator.post("/api/v1/schemes", draft).await;
        made.expect(201).json["id"].clone()
    }

    pub fn form(&self) -> Form {
        Form::of(&self.scheme)
    }

    pub async fn send(&self, form: Form) -> Answer {
        self.send_raw(form.body()).await
    }

    pub async fn send_raw(&self, body: (String, Vec<u8>)) -> Answer {
        self.coordinator.send_raw(Method::POST, PATH, Some(body)).await
    }

    pub async fn upload(&self, name: &str, bytes: &[u8]) -> Answer {
        self.send(self.form().file(name, bytes)).await
    }

    /// All files under the data folder: those that are coming in, and those that are kept; not what the store is known by.
    pub fn files(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut folders = vec![self.app.data.path().join("attachments")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                if entry.path().is_dir() {
                    folders.push(entry.path());
                } else if entry.file_name() != "store-id" {
                    found.push(entry.path());
                }
            }
        }
        found
    }

    /// Nothing was written anywhere.
    pub async fn assert_untouched(&self) {
        assert_eq!(self.files(), Vec::<PathBuf>::new());
        let rows: i64 = attachments::table
            .count()
            .get_result(&mut self.app.database.connect().await)
            .await
            .expect("attachments");
        assert_eq!(rows, 0);
    }
}
