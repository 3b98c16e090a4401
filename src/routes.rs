//! The table of contents: one line a resource. Registering a handler is documenting it.

use crate::http::openapi;
use crate::http::registry::Registry;
use crate::resources;
use actix_web::web;
use serde_json::Value;
use utoipa_actix_web::AppExt;

/// In the order of the document.
fn documented(registry: &mut Registry) {
    registry.configure(before).configure(often).configure(behind);
}

/// In the order in which they are tried: the router compares a path with one resource after the other.
fn served(registry: &mut Registry) {
    registry.configure(often).configure(before).configure(behind);
}

/// What is asked for most.
fn often(registry: &mut Registry) {
    registry.configure(resources::suggestions::routes::configure);
}

fn before(registry: &mut Registry) {
    registry
        .configure(resources::health::routes::configure)
        .configure(resources::meta::routes::configure)
        .configure(resources::users::session::routes::configure)
        .configure(resources::users::routes::configure)
        .configure(resources::organizations::departments::routes::configure)
        .configure(resources::organizations::parties::routes::configure)
        .configure(resources::organizations::offices::routes::configure)
        .configure(resources::schemes::routes::configure)
        .configure(resources::schemes::assignments::routes::configure)
        .configure(resources::liaison_leaders::routes::configure)
        .configure(resources::liaison_leaders::confirmations::routes::configure)
        .configure(resources::liaison_leaders::rules::routes::configure)
        .configure(resources::working_days::routes::configure)
        .configure(resources::settings::routes::configure)
        .configure(resources::problem_reports::routes::configure)
        .configure(resources::bulletins::routes::configure)
        .configure(resources::meetings::feeds::routes::configure)
        .configure(resources::meetings::routes::configure)
        .configure(resources::meetings::invitations::routes::configure)
        .configure(resources::meetings::attendance::routes::configure)
        .configure(resources::meetings::minutes::routes::configure)
        .configure(resources::meetings::opinions::routes::configure)
        .configure(resources::meetings::follow_ups::routes::configure);
}

fn behind(registry: &mut Registry) {
    registry
        .configure(resources::suggestions::receipts::routes::configure)
        .configure(resources::suggestions::commitments::routes::configure)
        .configure(resources::reporting::duties::routes::configure)
        .configure(resources::reporting::plans::routes::configure)
        .configure(resources::reporting::reports::routes::configure)
        .configure(resources::annual_summaries::routes::configure)
        .configure(resources::todos::routes::configure)
        .configure(resources::notifications::routes::configure)
        .configure(resources::attachments::routes::configure)
        .configure(resources::statistics::routes::configure)
        .configure(resources::audit_log::routes::configure)
        .configure(resources::search::routes::configure);
}

/// Everything that is served.
pub fn configure(config: &mut web::ServiceConfig) {
    served(&mut Registry::Served(config));
    docs(config);
}

/// The interactive page, which loads nothing from outside the server.
fn docs(config: &mut web::ServiceConfig) {
    let page = utoipa_swagger_ui::Config::new(["/openapi.json"])
        .try_it_out_enabled(true)
        .persist_authorization(false)
        .validator_url("none");
    config
        .service(web::redirect("/docs", "/docs/"))
        .service(utoipa_swagger_ui::SwaggerUi::new("/docs/{_:.*}").config(page));
}

/// The finished OpenAPI document.
pub fn document() -> Value {
    let (_, collected) = actix_web::App::new()
        .into_utoipa_app()
        .configure(|config| documented(&mut Registry::Documented(config)))
        .split_for_parts();
    openapi::finish(
        collected,
        resources::machines::MACHINES,
        &resources::enumerations::ENUMS,
    )
}
