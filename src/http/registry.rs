//! Where handlers are registered: to be served, or to be documented.

use actix_web::dev::HttpServiceFactory;
use actix_web::web;
use utoipa_actix_web::OpenApiFactory;
use utoipa_actix_web::service_config::ServiceConfig;

/// Where handlers are registered: to be served, or to be written down. Whoever serves does not describe each schema again, for
/// every worker: that took most of a start.
pub enum Registry<'c, 'd> {
    Served(&'c mut web::ServiceConfig),
    Documented(&'c mut ServiceConfig<'d>),
}

impl Registry<'_, '_> {
    pub fn service(&mut self, handler: impl HttpServiceFactory + OpenApiFactory + 'static) -> &mut Self {
        match self {
            Self::Served(config) => {
                config.service(handler);
            }
            Self::Documented(config) => {
                config.service(handler);
            }
        }
        self
    }

    pub fn configure(&mut self, part: impl FnOnce(&mut Self)) -> &mut Self {
        part(self);
        self
    }
}
