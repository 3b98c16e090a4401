//! `Idempotency-Key`: the effect and the kept answer are one transaction, so that a retry finds both or neither.

use super::extract::RequestDigest;
use crate::db::schema::idempotency_keys as keys;
use crate::language::Text;
use crate::policy::{Caller, Op};
use crate::problem::{Code, Fault, Place, Problem, Result};
use crate::work::Tx;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, HttpResponseBuilder};
use aws_lc_rs::digest;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel::upsert::excluded;
use diesel_async::RunQueryDsl;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub const HEADER: &str = "Idempotency-Key";

/// Hours that an answer is kept.
pub const KEPT_HOURS: i64 = 24;

/// What a write answers, in the form in which it can be kept.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: Headers,
    pub body: Vec<u8>,
    /// The body as it is kept, where it holds a secret that nobody shall read twice.
    pub kept_body: Option<Vec<u8>>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Headers {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
}

impl Answer {
    /// 200 with the thing as it is now.
    pub fn ok<V: Serialize>(version: i64, view: &V) -> Result<Self> {
        Self::with_body(StatusCode::OK, version, view)
    }

    /// 201 with the thing and where it is.
    pub fn created<V: Serialize>(location: String, version: i64, view: &V) -> Result<Self> {
        let mut answer = Self::with_body(StatusCode::CREATED, version, view)?;
        answer.headers.location = Some(location);
        Ok(answer)
    }

    /// 204.
    pub fn nothing() -> Self {
        Self {
            status: StatusCode::NO_CONTENT,
            headers: Headers::default(),
            body: Vec::new(),
            kept_body: None,
        }
    }

    fn with_body<V: Serialize>(status: StatusCode, version: i64, view: &V) -> Result<Self> {
        let body = serde_json::to_vec(view).map_err(Problem::internal)?;
        let etag = Some(super::etag::tag(Some(version), &body));
        Ok(Self {
            status,
            headers: Headers { location: None, etag },
            body,
            kept_body: None,
        })
    }

    /// Blanks a secret in what is kept of the answer.
    pub fn keep_without<V: Serialize>(mut self, view_without_secret: &V) -> Result<Self> {
        self.kept_body = Some(serde_json::to_vec(view_without_secret).map_err(Problem::internal)?);
        Ok(self)
    }

    pub fn into_response(self) -> HttpResponse {
        let mut response = HttpResponseBuilder::new(self.status);
        response.insert_header((header::CACHE_CONTROL, "no-store"));
        if let Some(location) = self.headers.location {
            response.insert_header((header::LOCATION, location));
        }
        if let Some(etag) = self.headers.etag {
            response.insert_header((header::ETAG, etag));
        }
        if self.body.is_empty() {
            return response.finish();
        }
        response.insert_header((header::CONTENT_TYPE, "application/json"));
        response.body(self.body)
    }
}

/// One call under a key.
pub struct Keyed {
    principal: Uuid,
    op: Op,
    key: String,
    digest: Vec<u8>,
}

impl Keyed {
    /// None without the header, and for what is no `POST`.
    ///
    /// # Errors
    /// 422 for a key that is no printable ASCII of 1 to 255 characters.
    pub fn of(request: &HttpRequest, op: Op, caller: &Caller) -> Result<Option<Self>> {
        let Some((header, principal)) = request.headers().get(HEADER).zip(caller.user_id()) else {
            return Ok(None);
        };
        if request.method() != actix_web::http::Method::POST {
            return Ok(None);
        }
        let key = header.to_str().unwrap_or_default();
        if key.is_empty() || key.len() > 255 {
            let detail = Text::fixed(
                "应为 1 至 255 个可见 ASCII 字符。",
                "1 to 255 printable ASCII characters.",
            );
            return Err(Problem::invalid(vec![Fault {
                place: Place::Header(HEADER),
                code: "malformed",
                detail,
            }]));
        }
        let digest = request
            .extensions()
            .get::<RequestDigest>()
            .copied()
            .unwrap_or(RequestDigest([0; 32]));
        Ok(Some(Self {
            principal,
            op,
            key: key.to_owned(),
            digest: in_the_name_of(caller, digest),
        }))
    }

    /// The first answer to the same call, where there was one.
    ///
    /// # Errors
    /// 409 while the same call is still running, 422 where the key stands for another.
    pub async fn find(&self, tx: &mut Tx<'_>) -> Result<Option<HttpResponse>> {
        let since = tx.now() - chrono::TimeDelta::hours(KEPT_HOURS);
        // Sent together; the second still looks when the first is done.
        let (mut first, mut second) = (&*tx.conn, &*tx.conn);
        let lock = diesel::select(try_lock(self.lock_id())).get_result::<bool>(&mut first);
        let kept = keys::table
            .find((self.principal, self.op.id(), &self.key))
            .filter(keys::created_at.gt(since))
            .select((keys::request_digest, keys::status, keys::headers, keys::body))
            .first::<(Vec<u8>, i16, serde_json::Value, Vec<u8>)>(&mut second);
        let (locked, kept) = futures_util::join!(lock, kept);
        // The lock ends with the transaction; who does not get it knows that another is at it.
        if !locked? {
            return Err(Problem::new(Code::IdempotencyKeyInUse).retry_after(1));
        }
        let kept = kept.optional()?;
        let Some((digest, status, headers, body)) = kept else {
            return Ok(None);
        };
        if digest != self.digest {
            return Err(Problem::new(Code::IdempotencyKeyReused));
        }
        let answer = Answer {
            status: u16::try_from(status)
                .ok()
                .and_then(|s| StatusCode::from_u16(s).ok())
                .unwrap_or(StatusCode::OK),
            headers: serde_json::from_value(headers).map_err(Problem::internal)?,
            body,
            kept_body: None,
        };
        let mut response = answer.into_response();
        let name = header::HeaderName::from_static("idempotent-replayed");
        response
            .headers_mut()
            .insert(name, header::HeaderValue::from_static("true"));
        Ok(Some(response))
    }

    /// Keeps the answer.
    pub async fn keep(&self, tx: &mut Tx<'_>, answer: &Answer) -> Result<()> {
        let headers = serde_json::to_value(&answer.headers).map_err(Problem::internal)?;
        let row = (
            keys::principal_id.eq(self.principal),
            keys::operation.eq(self.op.id()),
            keys::key.eq(&self.key),
            keys::request_digest.eq(&self.digest),
            keys::status.eq(answer.status.as_u16() as i16),
            keys::headers.eq(headers),
            keys::body.eq(answer.kept_body.as_ref().unwrap_or(&answer.body)),
            keys::created_at.eq(tx.now()),
        );
        // One that has outlived its hours may still lie there. Another cannot: it would have been found, under the lock.
        diesel::insert_into(keys::table)
            .values(row)
            .on_conflict((keys::principal_id, keys::operation, keys::key))
            .do_update()
            .set((
                keys::request_digest.eq(excluded(keys::request_digest)),
                keys::status.eq(excluded(keys::status)),
                keys::headers.eq(excluded(keys::headers)),
                keys::body.eq(excluded(keys::body)),
                keys::created_at.eq(excluded(keys::created_at)),
            ))
            .execute(tx.conn)
            .await?;
        Ok(())
    }

    fn lock_id(&self) -> i64 {
        let text = format!("{}\n{}\n{}", self.principal, self.op.id(), self.key);
        let hash = digest::digest(&digest::SHA256, text.as_bytes());
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&hash.as_ref()[..8]);
        i64::from_be_bytes(bytes)
    }
}

/// The digest of a call together with the role and organization that it was made for: an account that has another since does
/// not make the same call again, and is not shown what it was answered.
fn in_the_name_of(caller: &Caller, call: RequestDigest) -> Vec<u8> {
    let role = caller.role.map_or("", |role| role.as_str());
    let organization = caller.organization.as_ref().map(|own| own.id).unwrap_or_default();
    let whole = [&call.0[..], organization.as_bytes(), role.as_bytes()].concat();
    digest::digest(&digest::SHA256, &whole).as_ref().to_vec()
}

#[diesel::declare_sql_function]
extern "SQL" {
    #[sql_name = "pg_try_advisory_xact_lock"]
    fn try_lock(id: BigInt) -> diesel::sql_types::Bool;
}
