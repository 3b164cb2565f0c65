//! `wasi:http/incoming-handler` in Rust, with the `wasi` crate's bindings.
//!
//! - `GET /` — a greeting
//! - `POST /echo` — the body comes back as it arrives
//! - `GET /headers` — the request's headers as lines
//! - `POST /words` — how often each word occurs, most frequent first
//! - `GET /primes/N` — how many primes are below N: work for the processor

use std::collections::HashMap;
use wasi::exports::http::incoming_handler::Guest;
use wasi::http::types::{Fields, IncomingBody, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam};
use wasi::io::streams::{InputStream, OutputStream, StreamError};

struct Handler;

impl Guest for Handler {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let path = request.path_with_query().unwrap_or_default();
        let path = path.split('?').next().unwrap_or_default();
        match path {
            "/" => text(out, 200, "Hello from Rust\n"),
            "/echo" => with_body(request, |input| {
                respond(out, 200, |output| {
                    while let Some(chunk) = next(input) {
                        if write_all(output, &chunk).is_err() {
                            break;
                        }
                    }
                })
            }),
            "/headers" => {
                let lines: Vec<_> = request.headers().entries();
                let lines = lines.iter().map(|(name, value)| format!("{name}: {}\n", String::from_utf8_lossy(value)));
                text(out, 200, &lines.collect::<String>())
            }
            "/words" => {
                let counted = with_body(request, |input| {
                    let mut all = Vec::new();
                    while let Some(chunk) = next(input) {
                        all.extend(chunk);
                    }
                    words(&String::from_utf8_lossy(&all))
                });
                text(out, 200, &counted)
            }
            _ => match path.strip_prefix("/primes/").and_then(|n| n.parse().ok()) {
                Some(n) if n <= 100_000_000 => text(out, 200, &format!("{}\n", primes_below(n))),
                _ => text(out, 404, "not found\n"),
            },
        }
    }
}

fn words(text: &str) -> String {
    let mut counts = HashMap::<&str, usize>::new();
    for word in text.split_whitespace() {
        *counts.entry(word).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    counts.iter().map(|(word, n)| format!("{n} {word}\n")).collect()
}

fn primes_below(n: usize) -> usize {
    let mut composite = vec![false; n.max(2)];
    let mut count = 0;
    for i in 2..n {
        if !composite[i] {
            count += 1;
            (i.saturating_mul(i)..n).step_by(i).for_each(|k| composite[k] = true);
        }
    }
    count
}

/// Hands the body's stream to `read`, then drops both in the order that the interface asks for.
fn with_body<T>(request: IncomingRequest, read: impl FnOnce(&InputStream) -> T) -> T {
    let body: IncomingBody = request.consume().expect("a body is consumed once");
    let stream = body.stream().expect("a body has one stream");
    let result = read(&stream);
    drop(stream);
    drop(body);
    result
}

/// The next chunk, or nothing at the end or when the client went away.
fn next(input: &InputStream) -> Option<Vec<u8>> {
    input.blocking_read(64 * 1024).ok()
}

fn write_all(output: &OutputStream, mut bytes: &[u8]) -> Result<(), StreamError> {
    while !bytes.is_empty() {
        output.subscribe().block();
        let room = output.check_write()? as usize;
        let (now, later) = bytes.split_at(room.min(bytes.len()));
        output.write(now)?;
        bytes = later;
    }
    Ok(())
}

fn respond(out: ResponseOutparam, status: u16, write: impl FnOnce(&OutputStream)) {
    let headers = Fields::from_list(&[("content-type".into(), b"text/plain".to_vec())]).expect("the header is valid");
    let response = OutgoingResponse::new(headers);
    response.set_status_code(status).expect("the status is valid");
    let body = response.body().expect("a response has one body");
    ResponseOutparam::set(out, Ok(response));
    let stream = body.write().expect("a body has one stream");
    write(&stream);
    let _ = stream.blocking_flush();
    drop(stream);
    let _ = OutgoingBody::finish(body, None);
}

fn text(out: ResponseOutparam, status: u16, text: &str) {
    respond(out, status, |output| {
        let _ = write_all(output, text.as_bytes());
    });
}

wasi::http::proxy::export!(Handler);
