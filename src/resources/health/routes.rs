use crate::auth::keys::Jwks;
use crate::clock::shanghai_day;
use crate::events::jobs::LATE;
use crate::health::{CLOCK, LAG, Report};
use crate::http::accept::language;
use crate::http::extract::Path;
use crate::http::registry::Registry;
use crate::language::Text;
use crate::problem::{Code, Problem, Result};
use crate::state::Worker;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, get, web};
use chrono::Datelike;
use serde::Serialize;
use std::time::Duration;
use tokio::time::timeout;
use utoipa::ToSchema;

/// Longer than this nobody waits for a warning.
const CALENDAR: Duration = Duration::from_secs(1);

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
/// 503 with the reason while the instance is on its way out, or the database cannot be read or written: the detail says which of
/// them, and why. Warns of what does not hold up requests: working days that are not loaded, this year's or the next's, so that
/// deadlines are counted in plain weeks; a store of attached files that is not this database's; jobs and events that lag behind; a
/// clock that is wrong.
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
    let report = worker.look().await;
    if let Some(text) = report.refusal() {
        return Err(Problem::new(Code::DatabaseUnavailable)
            .detail(text.zh, text.en)
            .retry_after(2));
    }
    let language = language(request.headers());
    let mut warnings = not_loaded(&worker).await;
    warnings.extend(lagging(&worker, &report));
    let warnings = warnings
        .iter()
        .map(|warning| warning.get(language).to_owned())
        .collect();
    let body = Readiness {
        status: "ready",
        warnings,
    };
    Ok(HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(body))
}

/// Years without working days; none where they cannot be looked up at once: that is no reason to keep others waiting.
async fn not_loaded(worker: &Worker) -> Vec<Text> {
    let Ok(Ok(timing)) = timeout(CALENDAR, worker.timing()).await else {
        return Vec::new();
    };
    let year = shanghai_day(worker.clock.now()).year();
    let missing = [year, year + 1]
        .into_iter()
        .filter(|year| !timing.calendar.is_loaded(*year));
    let text = |year| {
        Text::new(
            format!("{year} 年工作日安排尚未载入，暂按周一至周五计算。"),
            format!("The working days of {year} are not loaded; Monday to Friday are counted meanwhile."),
        )
    };
    missing.map(text).collect()
}

/// What is late, missing or wrong without holding up requests.
fn lagging(worker: &Worker, report: &Report) -> Vec<Text> {
    let mut warnings = Vec::new();
    if report.files_missing {
        warnings.push(Text::fixed(
            "附件存储不属于本数据库或未挂载，附件暂停读写。",
            "The store of attached files is not mounted or not this database's; files are neither kept nor read.",
        ));
    }
    if report.events_wait > LAG {
        let seconds = report.events_wait.as_secs();
        warnings.push(Text::new(
            format!("事件排序已滞后 {seconds} 秒。"),
            format!("Events have been waiting for their positions for {seconds} s."),
        ));
    }
    for (job, due) in worker.jobs.late(LATE) {
        let seconds = due.as_secs();
        warnings.push(Text::new(
            format!("后台任务“{job}”已 {seconds} 秒未能完成。"),
            format!("The job \"{job}\" has not been done for {seconds} s."),
        ));
    }
    if report.clock_ahead.abs() >= CLOCK {
        let seconds = report.clock_ahead.num_milliseconds() as f64 / 1_000.0;
        warnings.push(Text::new(
            format!("本机时钟与数据库相差 {seconds:+.1} 秒，已采用数据库的时间。"),
            format!("The clock of this machine is {seconds:+.1} s off the database's, whose time is used."),
        ));
    }
    warnings
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
pub fn metrics_response(instance: &crate::state::Instance) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/openmetrics-text; version=1.0.0; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(instance.metrics.text(&instance.jobs))
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
    let language = language(request.headers());
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
