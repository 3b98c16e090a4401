//! Which operation a method and a path name.

use crate::policy::Op;
use crate::problem::{Code, Problem};
use actix_web::http::{Method, header};

/// Paths and what each takes: made once from the matrix.
pub struct Paths(matchit::Router<Vec<(Method, Op)>>);

impl Paths {
    /// # Errors
    /// Where two rows of the matrix clash; a test builds it, so that it is never seen at work.
    pub fn new() -> Result<Self, matchit::InsertError> {
        let mut by_path: Vec<(&str, Vec<(Method, Op)>)> = Vec::new();
        for op in Op::ALL {
            let row = op.row();
            match by_path.iter_mut().find(|(path, _)| *path == row.path) {
                Some((_, methods)) => methods.push((row.method.clone(), *op)),
                None => by_path.push((row.path, vec![(row.method.clone(), *op)])),
            }
        }
        let mut router = matchit::Router::new();
        for (path, methods) in by_path {
            router.insert(path, methods)?;
        }
        Ok(Self(router))
    }

    pub fn find(&self, method: &Method, path: &str) -> Result<Op, Problem> {
        let methods = self.0.at(path).map_err(|_| Problem::not_found())?.value;
        let wanted = if method == Method::HEAD {
            &Method::GET
        } else {
            method
        };
        if let Some((_, op)) = methods.iter().find(|(known, _)| known == wanted) {
            return Ok(*op);
        }
        let mut allow: Vec<&str> = methods.iter().map(|(method, _)| method.as_str()).collect();
        if allow.contains(&"GET") {
            allow.push("HEAD");
        }
        Err(Problem::new(Code::MethodNotAllowed).header(header::ALLOW, &allow.join(", ")))
    }
}
