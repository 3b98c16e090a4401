//! Users as values that make requests.

use super::conformance;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, StatusCode};
use serde_json::Value;

#[derive(Clone)]
pub struct User {
    base: String,
    client: reqwest::Client,
    pub token: Option<String>,
    headers: Vec<(String, String)>,
}

/// What came back; its body is JSON where it says so.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub json: Value,
    pub bytes: Vec<u8>,
}

impl Answer {
    /// Asserts the status; the answer is in the message where it is another.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(
            self.status.as_u16(),
            status,
            "{}",
            String::from_utf8_lossy(&self.bytes)
        );
        self
    }

    /// Asserts status and `code` of a problem.
    #[track_caller]
    pub fn problem(self, status: u16, code: &str) -> Self {
        let this = self.expect(status);
        assert_eq!(this.json["code"], code, "{}", this.json);
        this
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    #[track_caller]
    pub fn etag(&self) -> String {
        self.header("etag").expect("an ETag").to_owned()
    }

    /// The places of a 422's faults with their codes: `/name blank`.
    pub fn faults(&self) -> Vec<String> {
        let place = |fault: &Value| {
            ["pointer", "parameter", "header"]
                .iter()
                .find_map(|key| fault[key].as_str())
                .unwrap_or("?")
                .to_owned()
        };
        let mut faults: Vec<String> = self.json["errors"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|fault| format!("{} {}", place(fault), fault["code"].as_str().unwrap_or("?")))
            .collect();
        faults.sort();
        faults
    }

    pub fn id(&self) -> String {
        self.json["id"].as_str().expect("an id").to_owned()
    }

    /// Of the items of a list.
    pub fn titles(&self) -> Vec<String> {
        let titles = self.items().iter().map(|item| item["title"].as_str());
        titles.map(|title| title.expect("a title").to_owned()).collect()
    }

    pub fn items(&self) -> &[Value] {
        self.json["items"].as_array().map_or(&[], Vec::as_slice)
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

impl User {
    pub fn new(base: &str, client: reqwest::Client, token: Option<String>) -> Self {
        Self {
            base: base.to_owned(),
            client,
            token,
            headers: Vec::new(),
        }
    }

    /// The same user with a further header.
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut other = self.clone();
        other.headers.push((name.to_owned(), value.to_owned()));
        other
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, Some(body)).await
    }

    /// With `If-Match` from a reading just before.
    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.matching(path)
            .await
            .send(Method::PATCH, path, Some(body))
            .await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PUT, path, Some(body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.matching(path).await.send(Method::DELETE, path, None).await
    }

    /// The same user with `If-Match` of what the path holds now, where it holds anything.
    pub async fn matching(&self, path: &str) -> Self {
        match self.get(path).await.header("etag") {
            Some(etag) => self.with("If-Match", etag),
            None => self.clone(),
        }
    }

    pub async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let body = body.map(|body| ("application/json".to_owned(), body.to_string().into_bytes()));
        self.send_raw(method, path, body).await
    }

    /// A body as it is: media type and bytes. Every answer is held against the document.
    pub async fn send_raw(&self, method: Method, path: &str, body: Option<(String, Vec<u8>)>) -> Answer {
        let mut request = self
            .client
            .request(method.clone(), format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            let name = HeaderName::from_bytes(name.as_bytes()).expect("a header's name");
            headers.append(name, HeaderValue::from_str(value).expect("a header's value"));
        }
        if let Some((media_type, bytes)) = body {
            request = request.header("content-type", media_type).body(bytes);
        }
        let response = request.headers(headers).send().await.expect("an answer");
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = response.bytes().await.expect("a body").to_vec();
        let media_type = headers
            .get("content-type")
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let json = if media_type.contains("json") && !bytes.is_empty() {
            serde_json::from_slice(&bytes).expect("JSON")
        } else {
            Value::Null
        };
        let answer = Answer {
            status,
            headers,
            json,
            bytes,
        };
        conformance::check(&method, path, &answer);
        answer
    }
}
