//! The one assembly of the service, for `main` and for the tests.

use crate::http::accept::always_served;
use crate::http::gate::gate;
use crate::http::observe::observe;
use crate::http::references::Resolver;
use crate::http::representation::{encoded, tagged};
use crate::policy::Op;
use crate::problem::Problem;
use crate::state::{Instance, Worker};
use crate::{resources, routes};
use actix_cors::Cors;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::http::{Method, header};
use actix_web::middleware::{Compress, Condition, from_fn};
use actix_web::{App, Error, web};
use std::sync::Arc;

/// The service of one worker.
pub fn build_app(
    instance: Arc<Instance>,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody>,
        Error = Error,
        InitError = (),
    >,
> {
    let worker = web::Data::new(Worker::new(instance.clone()));
    App::new()
        .app_data(worker)
        .app_data(Resolver(resources::references::resolve))
        .configure(routes::configure)
        .default_service(web::to(async || {
            Err::<actix_web::HttpResponse, _>(Problem::not_found())
        }))
        .wrap(from_fn(gate))
        .wrap(from_fn(tagged))
        .wrap(Condition::new(
            instance.demo || !instance.http.cors_origins.is_empty(),
            cors(&instance),
        ))
        .wrap(from_fn(observe))
        .wrap(Compress::default())
        .wrap(from_fn(encoded))
        .wrap(from_fn(always_served))
}

fn cors(instance: &Arc<Instance>) -> Cors {
    let http = &instance.http;
    let cors = Cors::default()
        .allowed_methods(
            Op::ALL
                .iter()
                .map(|op| op.row().method.clone())
                .chain([Method::HEAD]),
        )
        .allowed_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::ACCEPT,
            header::ACCEPT_LANGUAGE,
            header::IF_MATCH,
            header::IF_NONE_MATCH,
            header::IF_RANGE,
            header::RANGE,
            header::HeaderName::from_static("idempotency-key"),
            header::HeaderName::from_static("x-request-id"),
            header::HeaderName::from_static("traceparent"),
        ])
        .expose_headers([
            "Accept-Ranges",
            "Allow",
            "Content-Disposition",
            "Content-Language",
            "Content-Range",
            "ETag",
            "Idempotent-Replayed",
            "Link",
            "Location",
            "RateLimit",
            "RateLimit-Policy",
            "Repr-Digest",
            "Retry-After",
            "X-Request-Id",
        ])
        .max_age(600);
    let cors = match instance.demo {
        true => cors.allowed_origin_fn(|origin, _| origin.to_str().is_ok_and(is_local)),
        false => cors,
    };
    http.cors_origins
        .iter()
        .fold(cors, |cors, origin| cors.allowed_origin(origin))
}

/// Whether a page comes from the machine itself, from whatever port.
fn is_local(origin: &str) -> bool {
    let host = ["http://", "https://"]
        .iter()
        .find_map(|scheme| origin.strip_prefix(scheme));
    host.is_some_and(|host| {
        let (name, port) = host
            .split_once(':')
            .map_or((host, None), |(name, port)| (name, Some(port)));
        ["localhost", "127.0.0.1"].contains(&name) && port.is_none_or(|port| port.parse::<u16>().is_ok())
    })
}
