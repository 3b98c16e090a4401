//! How a problem becomes the answer to a request.

use crate::language::Language;
use crate::problem::{MEDIA_TYPE, Problem};
use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, ResponseError};

/// The answer, for the request that it belongs to.
pub fn render(problem: &Problem, language: Language, instance: &str, request_id: &str) -> HttpResponse {
    let status = problem.code().status();
    let mut builder = HttpResponse::build(status);
    for (name, value) in problem.headers() {
        builder.insert_header((name.clone(), value.clone()));
    }
    if status == StatusCode::UNAUTHORIZED {
        // RFC 9110 §11.6.1; no error attribute, since all bad tokens get one answer.
        builder.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
    }
    builder
        .insert_header((header::CONTENT_TYPE, MEDIA_TYPE))
        .insert_header((header::CONTENT_LANGUAGE, language.tag()))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(problem.document(language, instance, request_id).to_string())
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.code().status()
    }

    /// Without a body: `observe` renders it, since it knows the request.
    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status_code())
    }
}
