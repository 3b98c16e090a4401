//! `liaison`: a city's counterpart-liaison scheme (对口联系方案) as a JSON REST API.
//!
//! | module | what is in it |
//! | --- | --- |
//! | [`app`], [`routes`] | the assembly, and the table of contents |
//! | [`config`], [`clock`] | settings and time |
//! | [`policy`] | who may do what: matrix, gate, permits |
//! | [`http`] | what every route shares: problems, extractors, pages, ETags, idempotency |
//! | [`db`] | PostgreSQL: connections, transactions, migrations, the embedded cluster |
//! | [`auth`] | passwords, tokens, keys |
//! | [`commands`], [`accounts`] | what the command line can do; accounts as it manages them |
//! | [`directory`] | organizations, schemes and assignments, kept in memory |
//! | [`events`] | the audit log and the outbox |
//! | [`workflow`] | state machines, to-dos and deadlines, working days |
//! | [`text`] | what is blank, invisible, of one line, the same, found: text as one place |
//! | [`search`] | Chinese full text |
//! | [`files`] | attached files: received, inspected, stored, swept |
//! | [`figures`] | every figure: definition, computation, the records behind it |
//! | [`resources`] | one folder a resource |
//! | [`seeding`] | what a fresh database is given |
//! | [`memory`] | the allocator |
//! | [`housekeeping`] | what an instance does beside requests |

pub mod accounts;
pub mod app;
pub mod auth;
pub mod clock;
pub mod commands;
pub mod config;
pub mod db;
pub mod directory;
pub mod events;
pub mod figures;
pub mod files;
pub mod health;
pub mod housekeeping;
pub mod http;
pub mod language;
pub mod limits;
pub mod memory;
pub mod policy;
pub mod problem;
pub mod resources;
pub mod routes;
pub mod runner;
pub mod search;
pub mod seeding;
pub mod state;
pub mod text;
pub mod vocabulary;
pub mod work;
pub mod workflow;
