//! On the wire: limits, slowness, broken bodies, ranges.

use super::{Desk, PATH};
use crate::support::Form;
use crate::support::form::BOUNDARY;
use crate::support::samples::{archive_as, pdf};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use zip::CompressionMethod;

/// The head of an upload, with headers that say how its body comes.
async fn begin(desk: &Desk, headers: &str) -> TcpStream {
    let host = desk.app.base.trim_start_matches("http://");
    let token = desk.coordinator.token.as_deref().expect("a token");
    let mut stream = TcpStream::connect(host).await.expect("a connection");
    let head = format!(
        "POST {PATH} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n{headers}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.expect("sent");
    stream
}

/// All that comes back until the server closes or the answer is whole.
async fn answer(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4_096];
    while let Ok(Ok(read)) = tokio::time::timeout(Duration::from_secs(20), stream.read(&mut buffer)).await {
        bytes.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&bytes);
        if read == 0 || text.contains("\"request_id\"") {
            break;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn assert_problem(answer: &str, status: &str, code: &str) {
    assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
    assert!(answer.contains(&format!("\"code\":\"{code}\"")), "{answer}");
}

#[tokio::test]
async fn ten_gigabytes_are_refused_before_they_come() {
    let desk = Desk::new().await;
    let mut stream = begin(&desk, "Content-Length: 10737418240").await;
    assert_problem(&answer(&mut stream).await, "413", "body_too_large");
    desk.assert_untouched().await;
}

#[tokio::test]
async fn the_limit_holds_while_a_body_comes() {
    let desk = Desk::with(&["--attachment-limit", "2048"]).await;
    let mut most = pdf();
    most.resize(2_048, b' ');
    desk.upload("a.pdf", &most).await.expect(201);
    most.push(b' ');
    desk.upload("a.pdf", &most).await.problem(413, "body_too_large");
    assert_eq!(desk.files().len(), 1);

    let chunk = |bytes: &[u8]| [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat();
    // In the file, and where nobody would look: in a part of text.
    for part in [
        desk.form().file("a.pdf", &vec![b' '; 100_000]),
        desk.form().text("note", &" ".repeat(200_000)),
    ] {
        let mut stream = begin(&desk, "Transfer-Encoding: chunked").await;
        let (_, body) = part.unfinished();
        for piece in body.chunks(10_000) {
            // It may close before it has all.
            if stream.write_all(&chunk(piece)).await.is_err() {
                break;
            }
        }
        assert_problem(&answer(&mut stream).await, "413", "body_too_large");
    }
    assert_eq!(desk.files().len(), 1);
}

#[tokio::test]
async fn an_upload_by_drips_is_cut_off_and_leaves_nothing() {
    let desk = Desk::with(&["--upload-patience-ms", "300"]).await;
    let mut stream = begin(&desk, "Content-Length: 100000").await;
    let (_, body) = desk.form().file("a.pdf", b"%PDF-").unfinished();
    stream.write_all(&body[..body.len() - 2]).await.expect("sent");
    let began = Instant::now();
    let (mut reader, mut writer) = stream.split();
    let drips = async {
        let mut ticks = tokio::time::interval(Duration::from_millis(50));
        loop {
            ticks.tick().await;
            if writer.write_all(b".").await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    };
    let mut text = vec![0; 4_096];
    let read = tokio::select! {
        () = drips => 0,
        read = reader.read(&mut text) => read.expect("an answer"),
    };
    assert_problem(&String::from_utf8_lossy(&text[..read]), "408", "upload_too_slow");
    assert!(began.elapsed() < Duration::from_secs(10));
    desk.assert_untouched().await;
}

#[tokio::test]
async fn silence_is_cut_off_and_leaves_nothing() {
    let desk = Desk::with(&["--upload-patience-ms", "300"]).await;
    for sent in [
        Form::default().text("subject_type", "scheme"),
        desk.form().file("a.pdf", &[b'x'; 50_000]),
    ] {
        let mut stream = begin(&desk, "Content-Length: 100000").await;
        stream.write_all(&sent.unfinished().1).await.expect("sent");
        assert_problem(&answer(&mut stream).await, "408", "upload_too_slow");
    }
    desk.assert_untouched().await;
}

#[tokio::test]
async fn an_upload_may_take_longer_than_another_request() {
    let desk = Desk::with(&["--request-timeout-ms", "200"]).await;
    let (_, body) = desk.form().file("a.pdf", &pdf()).body();
    let mut stream = begin(&desk, &format!("Content-Length: {}", body.len())).await;
    let (first, last) = body.split_at(body.len() - 100);
    stream.write_all(first).await.expect("sent");
    // The limit of other requests passes.
    let mut nothing = [0; 1];
    let early = tokio::time::timeout(Duration::from_millis(500), stream.read(&mut nothing)).await;
    assert!(early.is_err(), "answered before it was sent");
    stream.write_all(last).await.expect("sent");
    let mut text = vec![0; 4_096];
    let read = stream.read(&mut text).await.expect("an answer");
    assert!(String::from_utf8_lossy(&text[..read]).starts_with("HTTP/1.1 201 "));

    let desk = Desk::with(&["--request-timeout-ms", "200", "--transfer-seconds", "1"]).await;
    let mut stream = begin(&desk, "Content-Length: 100000").await;
    stream.write_all(first).await.expect("sent");
    assert_problem(&answer(&mut stream).await, "503", "timed_out");
    desk.assert_untouched().await;
}

#[tokio::test]
async fn a_client_that_goes_away_leaves_nothing() {
    let desk = Desk::new().await;
    let mut stream = begin(&desk, "Content-Length: 100000").await;
    let (_, body) = desk.form().file("a.pdf", &[b'x'; 50_000]).unfinished();
    stream.write_all(&body).await.expect("sent");
    until("the file is coming in", || desk.files().len() == 1).await;
    drop(stream);
    until("it is gone", || desk.files().is_empty()).await;
    desk.assert_untouched().await;
}

async fn until(what: &str, holds: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(20);
    while !holds() {
        assert!(Instant::now() < end, "{what}");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn only_so_many_uploads_at_once() {
    let desk = Desk::with(&["--uploads-at-once", "1"]).await;
    let mut stream = begin(&desk, "Content-Length: 100000").await;
    let (_, body) = desk.form().file("a.pdf", &[b'x'; 50_000]).unfinished();
    stream.write_all(&body).await.expect("sent");
    until("the file is coming in", || desk.files().len() == 1).await;
    let busy = desk.upload("b.pdf", &pdf()).await.problem(503, "uploads_busy");
    assert!(busy.header("retry-after").is_some());
    drop(stream);
    until("it is gone", || desk.files().is_empty()).await;
    desk.upload("b.pdf", &pdf()).await.expect(201);
}

/// Refused before its file is read: the client hears why although it is still sending.
#[tokio::test]
async fn a_refusal_reaches_a_client_that_is_still_sending() {
    let desk = Desk::new().await;
    let nowhere = serde_json::json!("0193d2a4-5c00-7000-8000-00000000ffff");
    let large = vec![b' '; 15_000_000];
    for _ in 0..5 {
        let answer = desk.send(Form::of(&nowhere).file("a.pdf", &large)).await;
        assert_eq!(
            answer.problem(422, "invalid").faults(),
            ["/subject_id unknown_reference"]
        );
        let department = desk.app.department("education").await;
        let body = Some(desk.form().file("a.pdf", &large).body());
        department
            .send_raw(reqwest::Method::POST, PATH, body)
            .await
            .problem(403, "not_yours");
        let admin = desk.app.admin().await;
        let body = Some(desk.form().file("a.pdf", &large).body());
        admin
            .send_raw(reqwest::Method::POST, PATH, body)
            .await
            .problem(403, "role_not_allowed");
    }
    desk.assert_untouched().await;
}

#[tokio::test]
async fn forms_that_are_none() {
    let desk = Desk::new().await;
    let multipart = format!("multipart/form-data; boundary={BOUNDARY}");
    let whole = desk.form().file("a.pdf", &pdf()).body().1;
    desk.send_raw(("application/json".into(), b"{}".to_vec()))
        .await
        .problem(415, "unsupported_media_type");
    desk.send_raw(("multipart/mixed; boundary=x".into(), whole.clone()))
        .await
        .problem(415, "unsupported_media_type");
    for (media_type, body) in [
        ("multipart/form-data", whole.clone()),
        ("multipart/form-data; boundary=another", whole.clone()),
        (&multipart, whole[..whole.len() - 30].to_vec()),
        (&multipart, whole[..whole.len() - BOUNDARY.len() - 20].to_vec()),
        (&multipart, whole[..whole.len() / 2].to_vec()),
        (&multipart, b"nothing of the kind".to_vec()),
        (&multipart, Vec::new()),
        (&multipart, Form::default().part("attachment", b"x").body().1),
        (&multipart, Form::default().part("form-data", b"x").body().1),
    ] {
        let answer = desk.send_raw((media_type.to_owned(), body)).await;
        assert!(matches!(answer.status.as_u16(), 400 | 422), "{}", answer.text());
    }
    desk.assert_untouched().await;
}

#[tokio::test]
async fn parts_that_are_missing_too_many_or_in_the_wrong_place() {
    let desk = Desk::new().await;
    let scheme = desk.scheme.as_str().expect("an id");
    for (form, faults) in [
        (desk.form(), vec!["/file required"]),
        (Form::default().file("a.pdf", &pdf()), vec!["/file misplaced"]),
        (
            Form::default()
                .file("a.pdf", &pdf())
                .text("subject_type", "scheme")
                .text("subject_id", scheme)
                .text("no_secrets", "true"),
            vec!["/file misplaced"],
        ),
        (
            desk.form().text("subject_id", scheme).file("a.pdf", &pdf()),
            vec!["/subject_id repeated"],
        ),
        (
            desk.form().text("x", "y").file("a.pdf", &pdf()),
            vec!["/x unknown_field"],
        ),
        (
            desk.form().file("a.pdf", &pdf()).file("b.pdf", &pdf()),
            vec!["/file repeated"],
        ),
        (
            desk.form().file("a.pdf", &pdf()).text("replaces", scheme),
            vec!["/replaces misplaced"],
        ),
    ] {
        let answer = desk.send(form).await.problem(422, "invalid");
        assert_eq!(answer.faults(), faults);
    }
    desk.assert_untouched().await;
}

#[tokio::test]
async fn a_part_of_a_file() {
    let desk = Desk::new().await;
    // Longer than the store reads at once, and no two places alike.
    let numbers: Vec<u8> = (0..50_000_u32).flat_map(u32::to_be_bytes).collect();
    let bytes = archive_as(CompressionMethod::Stored, &[("numbers", &numbers)]);
    let size = bytes.len();
    let made = desk.upload("材料.zip", &bytes).await.expect(201);
    let path = format!("{PATH}/{}/content", made.json["id"].as_str().expect("an id"));
    let get = async |range: &str| desk.coordinator.with("Range", range).get(&path).await;
    for (range, from, to) in [
        ("bytes=0-99", 0, 100),
        ("bytes=70000-140000", 70_000, 140_001),
        ("bytes=-10", size - 10, size),
        (&format!("bytes=-{}", size * 2), 0, size),
        ("bytes=100-", 100, size),
        ("bytes=0-0", 0, 1),
        (
            &format!("bytes={}-99999999999999999999999", size - 1),
            size - 1,
            size,
        ),
    ] {
        let part = get(range).await.expect(206);
        assert_eq!(part.bytes, &bytes[from..to], "{range}");
        let place = format!("bytes {from}-{}/{size}", to - 1);
        assert_eq!(part.header("content-range"), Some(place.as_str()));
        assert_eq!(
            part.header("content-length"),
            Some((to - from).to_string().as_str())
        );
    }
    for range in [
        format!("bytes={size}-"),
        "bytes=-0".into(),
        "bytes=5-2".into(),
        "bytes=a-b".into(),
        "bytes=-".into(),
    ] {
        let answer = get(&range).await.problem(416, "range_not_satisfiable");
        assert_eq!(
            answer.header("content-range"),
            Some(format!("bytes */{size}").as_str()),
            "{range}"
        );
    }
    for range in ["bytes=0-1,5-6", "lines=1-2", "bytes"] {
        assert_eq!(get(range).await.expect(200).bytes, bytes, "{range}");
    }
    let whole = desk.coordinator.get(&path).await.expect(200);
    let etag = whole.etag();
    let ranged = desk.coordinator.with("Range", "bytes=0-9");
    assert_eq!(
        ranged
            .with("If-Range", &etag)
            .get(&path)
            .await
            .expect(206)
            .bytes
            .len(),
        10
    );
    for other in ["\"other\"", &format!("W/{etag}"), "Wed, 25 Nov 2026 00:00:00 GMT"] {
        assert_eq!(
            ranged
                .with("If-Range", other)
                .get(&path)
                .await
                .expect(200)
                .bytes
                .len(),
            size
        );
    }
    for known in [&etag, "*", &format!("\"x\", W/{etag}")] {
        let answer = desk
            .coordinator
            .with("If-None-Match", known)
            .get(&path)
            .await
            .expect(304);
        assert!(answer.bytes.is_empty());
        assert_eq!(answer.etag(), etag);
    }
}

#[tokio::test]
async fn a_download_is_never_a_page() {
    let desk = Desk::new().await;
    let made = desk.upload("a.pdf", &pdf()).await.expect(201);
    let path = format!("{PATH}/{}/content", made.json["id"].as_str().expect("an id"));
    let reader = desk.coordinator.with("Accept-Encoding", "gzip");
    let got = reader.get(&path).await.expect(200);
    let head = reader.send(reqwest::Method::HEAD, &path, None).await.expect(200);
    assert!(head.bytes.is_empty());
    let expected = [
        ("content-type", "application/pdf"),
        ("content-length", &*pdf().len().to_string()),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "sandbox; default-src 'none'"),
        ("cache-control", "private, no-cache"),
        ("accept-ranges", "bytes"),
    ];
    for answer in [&got, &head] {
        for (name, value) in expected {
            assert_eq!(answer.header(name), Some(value), "{name}");
        }
        assert_eq!(repr_digest(answer), made.json["sha256"]);
        assert!(
            answer
                .header("content-disposition")
                .is_some_and(|value| value.starts_with("attachment; "))
        );
    }
}

fn repr_digest(answer: &crate::support::Answer) -> String {
    use base64::Engine;
    let value = answer.header("repr-digest").expect("a digest");
    let text = value.trim_start_matches("sha-256=:").trim_end_matches(':');
    let bytes = base64::engine::general_purpose::STANDARD
        .decode(text)
        .expect("base64");
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
