//! What happens without a request, and what is kept until it can be written: mails and reminders, the order of the outbox,
//! invitations that end, records that are counted first.

pub mod ends;
pub mod jobs;
pub mod mail;
pub mod positions;
pub mod reminders;
pub mod tally;
