use crate::app::Worker;
use crate::auth::keys::Jwks;
use crate::clock::shanghai_day;
use crate::http::catalogue::Code;
use crate::http::extract::Path;
use crate::http::language::{Language, Text};
use crate::http::problem::{Problem, Result};
use crate::routes::Registry;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, get, web};
use chrono::Datelike;
use serde::Serialize;
use utoipa::ToSchema;

pub fn configure(registry: &mut Registry) {
    registry
        .service(get_liveness)
        .service(get_readiness)
        .service(get_metrics)
        .service(get_openapi)
        .service(get_problem)
        .service(get_jwks);
}

/// 运行状态
#[derive(Serialize, ToSchema)]
pub struct Health {
    #[schema(example = "ok", max_length = 20)]
    status: &'static str,
}

/// 就绪状态
#[derive(Serialize, ToSchema)]
pub struct Readiness {
    #[schema(example = "ready", max_length = 20)]
    status: &'static str,
    /// What an operator should know although the service is ready.
    #[schema(example = json!([]), max_items = 100)]
    warnings: Vec<String>,
}

/// Is the process alive
///
/// Answers as long as the process does, whatever becomes of its database.
#[utoipa::path(tag = "operations", responses((status = 200, body = Health)))]
#[get("/livez")]
async fn get_liveness() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(Health { status: "ok" })
}

/// Is the service ready
///
/// 503 with the reason while the database is away or the instance is on its way out. Warns of working days that are not
/// loaded, this year's or the next's: deadlines are counted in plain weeks then.
#[utoipa::path(tag = "operations", responses((status = 200, body = Readiness)))]
#[get("/readyz")]
async fn get_readiness(worker: web::Data<Worker>, request: HttpRequest) -> Result<HttpResponse> {
    if !worker.is_prepared() {
        let problem = Problem::new(Code::DatabaseUnavailable);
        return Err(problem
            .detail("数据库尚未就绪。", "The database is not ready yet.")
            .retry_after(2));
    }
    if worker.is_stopping() {
        return Err(Problem::new(Code::DatabaseUnavailable)
            .detail("正在停止。", "Stopping.")
            .retry_after(5));
    }
    // Asks the database for the revision, each time.
    let timing = worker.timing().await?;
    let (year, language) = (
        shanghai_day(worker.clock.now()).year(),
        Language::of(request.headers()),
    );
    let warnings = [year, year + 1]
        .into_iter()
        .filter(|year| !timing.calendar.is_loaded(*year))
        .map(|year| not_loaded(year).get(language).to_owned())
        .collect();
    let body = Readiness {
        status: "ready",
        warnings,
    };
    Ok(HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(body))
}

fn not_loaded(year: i32) -> Text {
    Text::new(
        format!("{year} 年工作日安排尚未载入，暂按周一至周五计算。"),
        format!("The working days of {year} are not loaded; Monday to Friday are counted meanwhile."),
    )
}

/// Metrics for Prometheus
///
/// In OpenMetrics text. Where a listen address of its own is set for it, this path answers there alone.
#[utoipa::path(tag = "operations", responses((status = 200, content_type = "application/openmetrics-text", body = String)))]
#[get("/metrics")]
async fn get_metrics(worker: web::Data<Worker>) -> Result<HttpResponse> {
    if worker.http.metrics_listen.is_some() {
        return Err(Problem::not_found());
    }
    Ok(metrics_response(&worker))
}

/// The same for the listen address of its own.
pub fn metrics_response(instance: &crate::app::Instance) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/openmetrics-text; version=1.0.0; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(instance.metrics.text())
}

/// This document
///
/// The OpenAPI 3.1 document of the service.
#[utoipa::path(tag = "operations", responses((status = 200, body = serde_json::Value)))]
#[get("/openapi.json")]
async fn get_openapi(worker: web::Data<Worker>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .insert_header((header::CACHE_CONTROL, "public, max-age=60"))
        .body(worker.published.openapi.clone())
}

/// What a problem means
///
/// The page that the `type` of a problem document leads to, in Chinese or English by `Accept-Language`.
#[utoipa::path(
    tag = "operations",
    params(("code" = String, Path, description = "`code` of the problem", example = "not_found", max_length = 64)),
    responses((status = 200, content_type = "text/html", body = String))
)]
#[get("/problems/{code}")]
async fn get_problem(request: HttpRequest, code: Path<String>) -> Result<HttpResponse> {
    let code = Code::parse(&code.0).ok_or_else(Problem::not_found)?;
    let language = Language::of(request.headers());
    let (title, page) = (code.title(), code.explanation());
    let html = format!(
        "<!DOCTYPE html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\"><title>{title}</title></head>\n\
         <body><h1>{title}</h1><p>{page}</p><p><code>{} {}</code></p></body></html>\n",
        language.tag(),
        code.status().as_u16(),
        code.as_str(),
        title = title.get(language),
        page = page.get(language),
    );
    Ok(HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "public, max-age=3600"))
        .insert_header((header::VARY, "Accept-Language"))
        .body(html))
}

/// Public keys
///
/// The keys that verify the service's access tokens (RFC 7517).
#[utoipa::path(tag = "operations", responses((status = 200, body = Jwks)))]
#[get("/.well-known/jwks.json")]
async fn get_jwks(worker: web::Data<Worker>) -> Result<HttpResponse> {
    let ring = worker.keys.fresh_ring(&worker.reads, worker.clock.now()).await?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "public, max-age=60"))
        .json(ring.jwks()))
}
