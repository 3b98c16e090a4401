//! Notices by e-mail, where a server is set: one message a notice, to the contacts of the organization's appointment in
//! office. A notice is claimed for a while and then sent, so that of several instances one does it and one that is killed
//! leaves it to the next; a message that goes out twice for that has the same `Message-ID`.

use crate::clock::Clock;
use crate::clock::shanghai_day;
use crate::config::Mail;
use crate::db::Db;
use crate::db::schema::{liaison_contacts, liaison_leaders, notices};
use crate::problem::{Problem, Result};
use crate::text::form;
use crate::work::{Origin, Tx};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use lettre::address::Envelope;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::Error as SmtpError;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use std::collections::BTreeSet;
use std::time::Duration;
use uuid::Uuid;

/// Notices a turn; more wait for the next. Sent one after the other, within the time of their claim.
const BATCH: i64 = 5;

/// How long a notice is its sender's.
const CLAIM: TimeDelta = TimeDelta::minutes(2);

/// Longest that one message may take.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Times that a message is tried; the pause after each is twice the one before.
const ATTEMPTS: i32 = 8;

/// Days after which a notice is no news any more: those from before a server was set are not sent at all.
const NEWS_DAYS: i64 = 3;

/// The way to the server, and on whose behalf.
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

/// A notice on its way out.
struct Letter {
    id: Uuid,
    title: String,
    text: String,
    created_at: DateTime<Utc>,
    attempts: i32,
    to: Vec<Address>,
}

/// What came of one address.
enum Reached {
    Yes,
    /// Never: the server, or what is known of the address, says so.
    Never,
    /// Not this time.
    NotYet(String),
}

/// What came of one try.
enum Outcome {
    /// Taken by the server, but for so many addresses that it refused for good.
    Sent {
        refused: usize,
    },
    Failed(String),
    /// Taken for some; these it still has to reach.
    Partly {
        left: Vec<Address>,
        failure: String,
    },
}

impl Mailer {
    /// None where no server is set.
    ///
    /// # Errors
    /// A text for the person who starts the program, without the password.
    pub fn new(mail: &Mail) -> std::result::Result<Option<Self>, String> {
        let (url, from) = match (&mail.smtp_url, &mail.mail_from) {
            (None, _) => return Ok(None),
            (Some(_), None) => return Err("smtp-url needs mail-from, the sender's address".to_owned()),
            (Some(url), Some(from)) => (url, from),
        };
        let from = from
            .parse()
            .map_err(|_| "mail-from is no address such as 对口联系 <liaison@example.gov.cn>".to_owned())?;
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
            .map_err(|_| "smtp-url is none such as smtps://user:password@host:465".to_owned())?
            .timeout(Some(TIMEOUT))
            .build();
        Ok(Some(Self { transport, from }))
    }

    fn message(&self, letter: &Letter, service: &str) -> Result<Message> {
        let host = self.from.email.domain();
        let mut message = Message::builder()
            .from(self.from.clone())
            .subject(one_line(&letter.title))
            .message_id(Some(format!("<{}@{host}>", letter.id)))
            .date(letter.created_at.into());
        for address in &letter.to {
            message = message.to(Mailbox::new(None, address.clone()));
        }
        let body = format!(
            "{}\n\n{service}\n\n本邮件由系统自动发送，请勿直接回复。",
            letter.text
        );
        let mut message = message
            .header(ContentType::TEXT_PLAIN)
            .body(body)
            .map_err(Problem::internal)?;
        // RFC 3834: no out-of-office answers.
        let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
        message
            .headers_mut()
            .insert_raw(HeaderValue::new(automatic, "auto-generated".to_owned()));
        Ok(message)
    }

    /// To all at once; one by one where that fails by any answer of the server, so that one wrong or busy address does not
    /// keep the others from reading.
    async fn send(&self, letter: &Letter, service: &str) -> Result<Outcome> {
        let message = self.message(letter, service)?;
        let bytes = message.formatted();
        let whole = match self.transport.send_raw(message.envelope(), &bytes).await {
            Ok(_) => return Ok(Outcome::Sent { refused: 0 }),
            Err(error) => error,
        };
        let answered = whole.status().is_some() || whole.is_client();
        if !answered || letter.to.len() < 2 {
            return Ok(Outcome::Failed(described(&whole)));
        }
        let (mut reached, mut refused, mut left, mut last) = (0, 0, Vec::new(), None);
        for address in &letter.to {
            match self.hand_over(address, &bytes).await? {
                Reached::Yes => reached += 1,
                Reached::Never => refused += 1,
                Reached::NotYet(failure) => {
                    left.push(address.clone());
                    last = Some(failure);
                }
            }
        }
        Ok(match last {
            // Where it takes none, the fault is hardly the addresses'.
            _ if reached == 0 => Outcome::Failed(described(&whole)),
            Some(failure) => Outcome::Partly { left, failure },
            None => Outcome::Sent { refused },
        })
    }

    async fn hand_over(&self, address: &Address, bytes: &[u8]) -> Result<Reached> {
        let envelope =
            Envelope::new(Some(self.from.email.clone()), vec![address.clone()]).map_err(Problem::internal)?;
        Ok(match self.transport.send_raw(&envelope, bytes).await {
            Ok(_) => Reached::Yes,
            Err(error) if error.is_permanent() || error.is_client() => Reached::Never,
            Err(error) => Reached::NotYet(described(&error)),
        })
    }
}

/// Without the server's words, which may hold addresses.
fn described(error: &SmtpError) -> String {
    match error.status() {
        Some(status) => format!("refused with {status}"),
        None if error.is_timeout() => "timeout".to_owned(),
        None if error.is_tls() => "no TLS".to_owned(),
        None => "no connection".to_owned(),
    }
}

/// As a header takes it.
fn one_line(text: &str) -> String {
    text.split(char::is_control).collect::<Vec<_>>().join(" ")
}

/// Sends what has not been sent, with links that begin with `address`; answers how many notices were dealt with.
///
/// # Errors
/// `database_unavailable`; that a message could not be sent is none: it is tried again later.
pub async fn send_due(db: &Db, clock: &Clock, mailer: &Mailer, address: &str) -> Result<usize> {
    let origin = Origin::command_line(clock.now());
    let letters = db
        .transaction(&origin, async |tx| {
            tx.changes_nothing();
            claim(tx).await
        })
        .await?;
    for letter in &letters {
        deliver(db, clock, (mailer, address), letter).await?;
    }
    Ok(letters.len())
}

async fn claim(tx: &mut Tx<'_>) -> Result<Vec<Letter>> {
    let now = tx.now();
    type Due = (
        (Uuid, Uuid, String, String, DateTime<Utc>, i32),
        Option<Vec<String>>,
    );
    let due: Vec<Due> = notices::table
        .filter(notices::mailed_at.is_null())
        .filter(notices::organization_id.is_not_null())
        .filter(notices::created_at.gt(now - TimeDelta::days(NEWS_DAYS)))
        .filter(notices::mail_attempts.lt(ATTEMPTS))
        .filter(
            notices::mail_claimed_until
                .is_null()
                .or(notices::mail_claimed_until.le(now)),
        )
        .order((notices::created_at, notices::id))
        .limit(BATCH)
        .select((
            (
                notices::id,
                notices::organization_id.assume_not_null(),
                notices::title,
                notices::text,
                notices::created_at,
                notices::mail_attempts,
            ),
            notices::mail_left,
        ))
        .for_update()
        .skip_locked()
        .load(tx.conn)
        .await?;
    let ids: Vec<Uuid> = due.iter().map(|((id, ..), _)| *id).collect();
    diesel::update(notices::table.filter(notices::id.eq_any(ids)))
        .set((
            notices::mail_claimed_until.eq(now + CLAIM),
            notices::mail_attempts.eq(notices::mail_attempts + 1),
        ))
        .execute(tx.conn)
        .await?;
    let mut letters = Vec::with_capacity(due.len());
    for ((id, organization, title, text, created_at, attempts), left) in due {
        letters.push(Letter {
            id,
            title,
            text,
            created_at,
            attempts: attempts + 1,
            to: match left {
                Some(left) => usable(left),
                None => addresses(tx, organization).await?,
            },
        });
    }
    Ok(letters)
}

/// Of the contacts of the appointment that is in office today.
async fn addresses(tx: &mut Tx<'_>, organization: Uuid) -> Result<Vec<Address>> {
    let today = shanghai_day(tx.now());
    let emails: Vec<String> = liaison_contacts::table
        .inner_join(liaison_leaders::table.on(liaison_leaders::id.eq(liaison_contacts::liaison_leader_id)))
        .filter(liaison_leaders::department_id.eq(organization))
        .filter(liaison_leaders::effective_from.le(today))
        .filter(
            liaison_leaders::effective_until
                .is_null()
                .or(liaison_leaders::effective_until.gt(today)),
        )
        .filter(liaison_contacts::email.is_not_null())
        .select(liaison_contacts::email.assume_not_null())
        .load(tx.conn)
        .await?;
    Ok(usable(emails))
}

/// What is no address was refused when it was reported, or is from before it was looked at closely.
fn usable(emails: Vec<String>) -> Vec<Address> {
    let known: BTreeSet<Address> = emails
        .into_iter()
        .filter_map(|email| form::email(&email).ok()?.parse().ok())
        .collect();
    known.into_iter().collect()
}

async fn deliver(db: &Db, clock: &Clock, (mailer, address): (&Mailer, &str), letter: &Letter) -> Result<()> {
    // Whom nobody can write to has been told all the same.
    let outcome = match letter.to.is_empty() {
        true => Outcome::Sent { refused: 0 },
        false => tokio::time::timeout(TIMEOUT, mailer.send(letter, address))
            .await
            .unwrap_or_else(|_| Ok(Outcome::Failed("timeout".to_owned())))?,
    };
    let now = clock.now();
    let mut connection = db.get().await?;
    let (notice, attempt) = (letter.id, letter.attempts);
    let again = notices::mail_claimed_until.eq(now + CLAIM * (1 << attempt.clamp(0, ATTEMPTS)));
    match outcome {
        Outcome::Sent { refused } => {
            if refused > 0 {
                tracing::warn!(%notice, refused, "mail: some addresses were refused");
            }
            diesel::update(notices::table.find(notice))
                .set(notices::mailed_at.eq(now))
                .execute(&mut connection)
                .await?;
        }
        Outcome::Partly { left, failure } => {
            tracing::warn!(%notice, attempt, left = left.len(), failure, "mail: some addresses are tried again");
            let left: Vec<String> = left.iter().map(Address::to_string).collect();
            diesel::update(notices::table.find(notice))
                .set((notices::mail_left.eq(left), again))
                .execute(&mut connection)
                .await?;
        }
        Outcome::Failed(failure) => {
            tracing::warn!(%notice, attempt, failure, "mail: a notice could not be sent");
            diesel::update(notices::table.find(notice))
                .set(again)
                .execute(&mut connection)
                .await?;
        }
    }
    Ok(())
}
