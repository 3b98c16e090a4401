//! The one integration-test binary: every test of the package.

mod accounts;
mod auth;
mod embedded;
mod faults;
mod files;
mod house;
mod http;
mod load;
mod machines;
mod mail;
mod migrations;
mod negotiate;
mod notice;
mod openapi;
mod policy;
mod program;
mod resources;
mod runner;
mod schema;
mod search;
mod seeding;
mod support;
mod workflow_calendar;
mod working_day_data;
