//! What is known of a request beside its body: made by `observe`, filled in by the gate, read by handlers and the log.

use super::accept;
use crate::directory::Directory;
use crate::language::Language;
use crate::limits;
use crate::policy::{Caller, Op};
use actix_web::HttpMessage;
use actix_web::HttpRequest;
use actix_web::dev::ServiceRequest;
use actix_web::http::header::HeaderMap;
use ipnet::IpNet;
use std::cell::{Cell, OnceCell};
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;
use std::sync::Arc;
use uuid::Uuid;

/// Where proxies say for whom they ask.
const FORWARDED_FOR: &str = "x-forwarded-for";

pub struct RequestInfo {
    /// `X-Request-Id` as it came, or a new one.
    pub id: String,
    /// Trace of the caller's `traceparent` (W3C Trace Context).
    pub trace_id: Option<String>,
    pub language: Language,
    pub path: String,
    /// Address of the client, as trusted proxies tell it.
    pub address: Option<IpAddr>,
    /// It says that it comes from elsewhere than that, which is not believed.
    pub is_forwarded: bool,
    pub op: OnceCell<Op>,
    pub caller: OnceCell<Arc<Caller>>,
    /// As the caller reads it.
    pub directory: OnceCell<Arc<Directory>>,
    pub rate: Cell<Option<Rate>>,
}

/// State of a rate limit after this request.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    pub limit: u32,
    pub remaining: u32,
}

impl RequestInfo {
    pub fn of_service(request: &ServiceRequest, trusted: &[IpNet]) -> Self {
        let headers = request.headers();
        let address = client_address(request, trusted);
        let peer = request.peer_addr().map(|peer| peer.ip().to_canonical());
        Self {
            id: text(headers, "x-request-id")
                .filter(|id| is_plain_id(id))
                .map_or_else(|| Uuid::now_v7().to_string(), str::to_owned),
            trace_id: text(headers, "traceparent").and_then(trace_id).map(str::to_owned),
            language: accept::language(headers),
            path: told(request.path()),
            address,
            is_forwarded: address == peer && headers.contains_key(FORWARDED_FOR),
            op: OnceCell::new(),
            caller: OnceCell::new(),
            directory: OnceCell::new(),
            rate: Cell::new(None),
        }
    }

    pub fn of(request: &HttpRequest) -> Option<Rc<Self>> {
        request.extensions().get::<Rc<Self>>().cloned()
    }
}

/// What logs and answers tell of a path: where it holds a secret, all but that.
fn told(path: &str) -> String {
    const CALENDAR: &str = "/api/v1/calendar/";
    match path.starts_with(CALENDAR) {
        true => format!("{CALENDAR}***"),
        false => limits::clipped(path, limits::PATH).into_owned(),
    }
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

/// What may go into logs and headers as it is.
fn is_plain_id(id: &str) -> bool {
    (1..=128).contains(&id.len())
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

/// `version-traceid-parentid-flags`; an all-zero trace is none.
fn trace_id(traceparent: &str) -> Option<&str> {
    let mut parts = traceparent.split('-');
    let (version, trace) = (parts.next()?, parts.next()?);
    let is_hex = |text: &str| {
        text.bytes()
            .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    };
    (version.len() == 2 && version != "ff" && is_hex(version) && trace.len() == 32 && is_hex(trace))
        .then_some(trace)
        .filter(|trace| trace.bytes().any(|byte| byte != b'0'))
}

/// The last address in `X-Forwarded-For` that no trusted proxy stands behind; what stands before one that cannot be read is
/// not believed.
fn client_address(request: &ServiceRequest, trusted: &[IpNet]) -> Option<IpAddr> {
    let peer = request.peer_addr()?.ip().to_canonical();
    let is_trusted = |address: &IpAddr| trusted.iter().any(|network| network.contains(address));
    let headers = request.headers().get_all(FORWARDED_FOR).collect::<Vec<_>>();
    let mut hops = headers
        .into_iter()
        .rev()
        .flat_map(|header| header.to_str().unwrap_or_default().rsplit(','));
    let mut client = peer;
    while is_trusted(&client) {
        let Some(before) = hops.next().and_then(hop) else {
            break;
        };
        client = before;
    }
    Some(client)
}

/// The address of a hop, which some proxies write with its port, and IPv6 in brackets then.
fn hop(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    let address = bare
        .unwrap_or(text)
        .parse::<IpAddr>()
        .or_else(|_| text.parse::<SocketAddr>().map(|address| address.ip()));
    address.ok().map(|address| address.to_canonical())
}

/// Whether an address is of a machine itself or of its own network, as proxies and gateways are.
pub fn is_local(address: &IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_private() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}
