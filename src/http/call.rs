//! A request as handlers take it: who asks, when, over which connections; and how they answer.

use super::etag;
use super::extract;
use super::idempotency::{Answer, Keyed};
use super::negotiate::Format;
use super::page::{Page, Paging, Position};
use super::request::RequestInfo;
use crate::db::connect::Shared;
use crate::directory::Directory;
use crate::directory::answers::{self, Kept};
use crate::language::Language;
use crate::policy::{Caller, Op, Operation, Permit, Reach};
use crate::problem::{Problem, Result};
use crate::state::Worker;
use crate::work::record;
use crate::work::{Origin, Precondition, Tx};
use crate::workflow::step::{self, Aggregate, Context, Step};
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::future::{Ready, ready};
use std::rc::Rc;
use std::sync::Arc;
use uuid::Uuid;

pub struct Call {
    pub worker: web::Data<Worker>,
    pub caller: Arc<Caller>,
    pub now: DateTime<Utc>,
    pub op: Op,
    pub request: HttpRequest,
    info: Rc<RequestInfo>,
}

impl FromRequest for Call {
    type Error = Problem;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request))
    }
}

/// Of a public operation, whose caller the gate does not know.
///
/// # Errors
/// 500 outside `observe`.
pub fn origin_of_public(request: &HttpRequest, caller: Arc<Caller>, now: DateTime<Utc>) -> Result<Origin> {
    let info = RequestInfo::of(request).ok_or_else(|| Problem::internal("a request outside `observe`"))?;
    Ok(Origin {
        caller,
        request_id: info.id.clone(),
        address: info.address.map(|address| address.to_string()),
        now,
        clock: None,
        precondition: Precondition::default(),
    })
}

impl Call {
    fn of(request: &HttpRequest) -> Result<Self> {
        extract::refuse_unknown_query(request)?;
        let outside = || Problem::internal("a call outside the gate");
        let worker = request
            .app_data::<web::Data<Worker>>()
            .cloned()
            .ok_or_else(outside)?;
        let info = RequestInfo::of(request).ok_or_else(outside)?;
        let caller = info.caller.get().cloned().ok_or_else(outside)?;
        let op = info.op.get().copied().ok_or_else(outside)?;
        Ok(Self {
            now: worker.clock.now(),
            worker,
            caller,
            op,
            request: request.clone(),
            info,
        })
    }

    /// Today in Asia/Shanghai.
    pub fn today(&self) -> NaiveDate {
        crate::clock::shanghai_day(self.now)
    }

    /// The directory as the caller reads it: to an account of an organization that has ended, that still acts for itself.
    ///
    /// # Errors
    /// `database_unavailable`.
    pub async fn directory(&self) -> Result<Arc<Directory>> {
        match self.info.directory.get() {
            Some(directory) => Ok(directory.clone()),
            None => self.worker.directory().await,
        }
    }

    /// A shared connection for short reads.
    pub async fn reads(&self) -> Result<Shared> {
        self.worker.reads.get_for(self.op.resource()).await
    }

    pub fn origin(&self) -> Origin {
        Origin {
            caller: self.caller.clone(),
            request_id: self.info.id.clone(),
            address: self.info.address.map(|address| address.to_string()),
            now: self.now,
            clock: Some(self.worker.clock.clone()),
            precondition: etag::precondition(&self.request, self.op),
        }
    }

    /// Carries out a write: one transaction with what it changes, its audit record, its event, and its answer where the
    /// client gave an `Idempotency-Key`.
    pub async fn write(&self, work: impl AsyncFn(&mut Tx<'_>) -> Result<Answer>) -> Result<HttpResponse> {
        let keyed = Keyed::of(&self.request, self.op, &self.caller)?;
        let origin = self.origin();
        let db = &self.worker.db;
        let thing = self.request.match_info().iter().next().map(|(_, value)| value);
        let _turn = db.turns().take(self.op.id(), thing).await?;
        let Some(keyed) = keyed else {
            return db.transaction(&origin, work).await.map(Answer::into_response);
        };
        db.transaction(&origin, async |tx| {
            if let Some(response) = keyed.find(tx).await? {
                tx.answers_again();
                return Ok(Err(response));
            }
            let answer = work(tx).await?;
            keyed.keep(tx, &answer).await?;
            Ok(Ok(answer))
        })
        .await
        .map(|outcome| outcome.map_or_else(|replayed| replayed, Answer::into_response))
    }

    /// Carries out a write that relies on directory and calendar.
    ///
    /// # Errors
    /// Those of the work.
    pub async fn write_in(
        &self,
        work: impl AsyncFn(&mut Tx<'_>, Context<'_>) -> Result<Answer>,
    ) -> Result<HttpResponse> {
        self.write(async |tx| {
            let directory = self.worker.directory_in(tx).await?;
            let timing = self.worker.timing.in_transaction(tx).await?;
            let context = Context {
                directory: &directory,
                timing: &timing,
            };
            work(tx, context).await
        })
        .await
    }

    /// Takes a step: 200 with the thing as it is then.
    ///
    /// # Errors
    /// 404, 403, 428, 412 and 409 in this order, and those of the work.
    pub async fn step<O: Operation, T: Aggregate>(
        &self,
        id: T::Id,
        event: &'static str,
        work: impl AsyncFn(&mut Tx<'_>, &Permit<O>, &Step<'_, T>) -> Result<()>,
    ) -> Result<HttpResponse> {
        self.write_in(async |tx, context| {
            let after = step::take::<O, T>(tx, context, (&id, event), &work).await?;
            let view = {
                let today = tx.today();
                after
                    .shown(tx.conn, &self.caller, context.directory, today)
                    .await?
            };
            Answer::ok(after.version(), &view)
        })
        .await
    }

    /// Takes the step that deletes a thing: 204.
    ///
    /// # Errors
    /// As `step`.
    pub async fn delete<O: Operation, T: Aggregate>(
        &self,
        id: T::Id,
        event: &'static str,
        work: impl AsyncFn(&mut Tx<'_>, &Permit<O>, &Step<'_, T>) -> Result<()>,
    ) -> Result<HttpResponse> {
        self.write_in(async |tx, context| {
            step::delete::<O, T>(tx, context, (&id, event), &work).await?;
            Ok(Answer::nothing())
        })
        .await
    }

    /// In which language the client reads.
    pub fn language(&self) -> Language {
        self.info.language
    }

    /// How far the caller reaches with what it calls.
    pub fn reach(&self) -> Reach {
        self.op.reach(&self.caller)
    }

    /// 200 with one thing, or 304.
    pub fn one<V: Serialize>(&self, version: i64, view: &V) -> Result<HttpResponse> {
        Ok(self.respond(&written(Some(version), view)?))
    }

    /// 200 with a table, a figure or another thing that has no version, or 304.
    pub fn unversioned<V: Serialize>(&self, view: &V) -> Result<HttpResponse> {
        Ok(self.respond(&written(None, view)?))
    }

    /// 200 with one page and the link to the next, or 304.
    pub fn page<V: Serialize>(&self, page: &Page<V>) -> Result<HttpResponse> {
        Ok(self.respond(&self.written_page(None, page)?))
    }

    /// The same for a page that has more beside its rows.
    pub fn listing<V: Serialize>(&self, next_cursor: Option<&str>, view: &V) -> Result<HttpResponse> {
        let link = next_cursor.and_then(|cursor| self.next_link(cursor));
        Ok(self.respond(&Kept {
            link,
            ..written(None, view)?
        }))
    }

    /// The same for a list that is part of a thing, and shares its version.
    pub fn page_of<V: Serialize>(&self, version: i64, page: &Page<V>) -> Result<HttpResponse> {
        Ok(self.respond(&self.written_page(Some(version), page)?))
    }

    /// A page that follows from the directory, the day and the query alone: made once for each revision.
    pub fn kept_page<V: Serialize>(
        &self,
        directory: &Directory,
        make: impl FnOnce() -> Result<Page<V>>,
    ) -> Result<HttpResponse> {
        self.kept(directory, || self.written_page(None, &make()?))
    }

    /// The same for what is no page.
    pub fn kept_view<V: Serialize>(
        &self,
        directory: &Directory,
        make: impl FnOnce() -> Result<V>,
    ) -> Result<HttpResponse> {
        self.kept(directory, || written(None, &make()?))
    }

    fn kept(&self, directory: &Directory, make: impl FnOnce() -> Result<Kept>) -> Result<HttpResponse> {
        let query = extract::query_without(&self.request, &[])?;
        let key = answers::key(self.op.id(), self.reach(), self.today(), &query);
        if let Some(kept) = directory.answers.get(&key) {
            return Ok(self.respond(&kept));
        }
        let answer = make()?;
        directory.answers.keep(key, answer.clone());
        Ok(self.respond(&answer))
    }

    /// Where in its list the client wants to go on; nowhere but the beginning, and to the end, in an export.
    pub fn position<K: Serialize + DeserializeOwned>(&self, paging: &Paging) -> Result<Position<'_, K>> {
        match self.format() {
            Format::Json => Position::new(&self.worker.cursors, &self.request, paging),
            Format::Csv | Format::Xlsx => Ok(Position::everything(&self.worker.cursors)),
        }
    }

    fn respond(&self, answer: &Kept) -> HttpResponse {
        let tag = answer.etag.to_str().unwrap_or_default();
        let known = etag::is_known(&self.request, tag);
        let mut response = if known {
            HttpResponse::NotModified()
        } else {
            HttpResponse::Ok()
        };
        // For the asker alone, and only after asking again whether it still holds.
        response
            .insert_header((header::ETAG, answer.etag.clone()))
            .insert_header((header::CACHE_CONTROL, "private, no-cache"))
            .insert_header((header::VARY, "Authorization, Accept"));
        if let Some(link) = &answer.link {
            response.insert_header((header::LINK, link.clone()));
        }
        if known {
            response.finish()
        } else {
            response
                .content_type("application/json")
                .body(answer.body.clone())
        }
    }

    fn written_page<V: Serialize>(&self, version: Option<i64>, page: &Page<V>) -> Result<Kept> {
        let link = page
            .next_cursor
            .as_deref()
            .and_then(|cursor| self.next_link(cursor));
        Ok(Kept {
            link,
            ..written(version, page)?
        })
    }

    fn next_link(&self, cursor: &str) -> Option<header::HeaderValue> {
        let mut pairs: Vec<(String, String)> =
            serde_urlencoded::from_str(self.request.query_string()).ok()?;
        pairs.retain(|(name, _)| name != "cursor");
        pairs.push(("cursor".into(), cursor.into()));
        let query = serde_urlencoded::to_string(pairs).ok()?;
        header::HeaderValue::from_str(&format!("<{}?{query}>; rel=\"next\"", self.request.path())).ok()
    }

    /// Puts a read of personal data on record.
    pub async fn record_read(&self, subject_type: &str, subject_ids: &[Uuid]) -> Result<()> {
        if subject_ids.is_empty() {
            return Ok(());
        }
        let mut connection = self.worker.db.get().await?;
        record::record_read(
            &mut connection,
            &self.origin(),
            self.op,
            subject_type,
            subject_ids,
        )
        .await
    }

    /// The same of one thing that is read over and over: soon after the answer, and once where it is read again meanwhile.
    pub fn note_read(&self, subject_type: &'static str, subject_id: Uuid) {
        let origin = self.origin();
        self.worker
            .reads_noted
            .note(origin, self.op, subject_type, subject_id);
    }
}

/// A body with its tag.
fn written<V: Serialize>(version: Option<i64>, view: &V) -> Result<Kept> {
    let body = serde_json::to_vec(view).map_err(Problem::internal)?;
    let tag = etag::tag(version, &body);
    Ok(Kept {
        etag: header::HeaderValue::from_str(&tag).map_err(Problem::internal)?,
        body: body.into(),
        link: None,
    })
}
