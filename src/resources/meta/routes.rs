use crate::http::registry::Registry;
use crate::resources::enumerations::ENUMS;
use crate::workflow::machine::Label;
use actix_web::http::header;
use actix_web::{HttpResponse, get};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

pub fn configure(registry: &mut Registry) {
    registry
        .service(get_enums)
        .service(super::machines::get_state_machine);
}

/// 枚举值
#[derive(Serialize, ToSchema)]
pub struct EnumValue {
    #[schema(example = "common", max_length = 64)]
    code: &'static str,
    label: Label,
}

/// Every enumeration with its labels
///
/// By name: the values, in their order, with Chinese and English labels.
#[utoipa::path(tag = "meta", responses((status = 200, body = BTreeMap<String, Vec<EnumValue>>)))]
#[get("/api/v1/meta/enums")]
async fn get_enums() -> HttpResponse {
    let enums: BTreeMap<_, Vec<_>> = ENUMS
        .iter()
        .map(|labels| {
            let values = labels.values.iter().map(|(code, label)| EnumValue {
                code,
                label: Label::from(*label),
            });
            (&labels.name, values.collect())
        })
        .collect();
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
        .json(enums)
}
