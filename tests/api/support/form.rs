//! `multipart/form-data` as clients send it, and as they should not.

use serde_json::Value;

pub const BOUNDARY: &str = "a-boundary-that-no-file-holds";

/// The parts of an upload, in the order in which they are added.
#[derive(Clone, Default)]
pub struct Form(Vec<u8>);

impl Form {
    /// What has to be said of a file that hangs on a scheme.
    pub fn of(scheme: &Value) -> Self {
        Self::new("scheme", scheme)
    }

    /// The same of another record.
    pub fn new(subject_type: &str, id: &Value) -> Self {
        Self::default()
            .text("subject_type", subject_type)
            .text("subject_id", id.as_str().expect("an id"))
            .text("no_secrets", "true")
    }

    pub fn text(self, name: &str, text: &str) -> Self {
        self.part(&format!("form-data; name=\"{name}\""), text.as_bytes())
    }

    pub fn file(self, name: &str, bytes: &[u8]) -> Self {
        self.part(&format!("form-data; name=\"file\"; filename=\"{name}\""), bytes)
    }

    /// With its `Content-Disposition` as it is given.
    pub fn part(mut self, disposition: &str, bytes: &[u8]) -> Self {
        let head = format!("--{BOUNDARY}\r\nContent-Disposition: {disposition}\r\n\r\n");
        self.0.extend(head.bytes());
        self.0.extend(bytes);
        self.0.extend(b"\r\n");
        self
    }

    pub fn body(self) -> (String, Vec<u8>) {
        let (media_type, mut bytes) = self.unfinished();
        bytes.extend(format!("--{BOUNDARY}--\r\n").bytes());
        (media_type, bytes)
    }

    /// Without the boundary that ends it.
    pub fn unfinished(self) -> (String, Vec<u8>) {
        (format!("multipart/form-data; boundary={BOUNDARY}"), self.0)
    }
}
