//! `liaison`: a city's counterpart-liaison scheme (对口联系方案) as a JSON REST API.
//!
//! The rooms and the floors that they stand on are drawn in `docs/architecture.md`.

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
