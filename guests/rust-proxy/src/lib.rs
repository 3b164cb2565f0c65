//! A reverse proxy: `wasi:http/incoming-handler` in front, `wasi:http/outgoing-handler` behind.
//! `/AUTHORITY/PATH…` goes to `http://AUTHORITY/PATH…` with the same method, headers and body; what comes back is handed on as it comes.
//! When the other side cannot be asked, the answer is 502 and names the error.

use wasi::exports::http::incoming_handler::Guest;
use wasi::http::outgoing_handler;
use wasi::http::types::{
    ErrorCode, Fields, Headers, IncomingRequest, IncomingResponse, OutgoingBody, OutgoingRequest, OutgoingResponse, ResponseOutparam, Scheme,
};
use wasi::io::streams::{InputStream, OutputStream, StreamError};

struct Proxy;

impl Guest for Proxy {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        match forward(request) {
            Ok(answer) => hand_on(answer, out),
            Err(error) => refuse(out, &format!("{error:?}\n")),
        }
    }
}

/// These belong to one connection, or are set by the host.
const OF_THE_CONNECTION: [&str; 7] = ["connection", "host", "http2-settings", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"];

fn end_to_end(headers: &Headers) -> Fields {
    let kept = Fields::new();
    for (name, value) in headers.entries() {
        if !OF_THE_CONNECTION.contains(&name.to_ascii_lowercase().as_str()) {
            let _ = kept.append(&name, &value);
        }
    }
    kept
}

/// Moves all bytes. Not by `splice`, which jco 1.35.0 does not count against the content-length of a request.
fn pour(from: &InputStream, to: &OutputStream) {
    while let Ok(chunk) = from.blocking_read(64 * 1024) {
        if write_all(to, &chunk).is_err() {
            break;
        }
    }
    let _ = to.blocking_flush();
}

fn write_all(to: &OutputStream, mut bytes: &[u8]) -> Result<(), StreamError> {
    while !bytes.is_empty() {
        to.subscribe().block();
        let (now, later) = bytes.split_at(bytes.len().min(to.check_write()? as usize));
        to.write(now)?;
        bytes = later;
    }
    Ok(())
}

fn forward(request: IncomingRequest) -> Result<IncomingResponse, ErrorCode> {
    let path = request.path_with_query().unwrap_or_default();
    let (authority, rest) = path.trim_start_matches('/').split_once('/').ok_or(ErrorCode::HttpRequestUriInvalid)?;

    let onward = OutgoingRequest::new(end_to_end(&request.headers()));
    onward.set_method(&request.method()).map_err(|()| ErrorCode::HttpRequestMethodInvalid)?;
    onward.set_scheme(Some(&Scheme::Http)).map_err(|()| ErrorCode::HttpRequestUriInvalid)?;
    onward.set_authority(Some(authority)).map_err(|()| ErrorCode::HttpRequestUriInvalid)?;
    onward.set_path_with_query(Some(&format!("/{rest}"))).map_err(|()| ErrorCode::HttpRequestUriInvalid)?;

    let outgoing = onward.body().expect("a request has one body");
    let answer = outgoing_handler::handle(onward, None)?;
    let body = request.consume().expect("a body is consumed once");
    {
        let from = body.stream().expect("a body has one stream");
        let to = outgoing.write().expect("a body has one stream");
        pour(&from, &to);
    }
    OutgoingBody::finish(outgoing, None)?;
    answer.subscribe().block();
    answer.get().expect("it is ready").expect("it is taken once")
}

fn hand_on(answer: IncomingResponse, out: ResponseOutparam) {
    let response = OutgoingResponse::new(end_to_end(&answer.headers()));
    response.set_status_code(answer.status()).expect("the status came from a response");
    let to = response.body().expect("a response has one body");
    ResponseOutparam::set(out, Ok(response));
    let from = answer.consume().expect("a body is consumed once");
    pour(&from.stream().expect("a body has one stream"), &to.write().expect("a body has one stream"));
    let _ = OutgoingBody::finish(to, None);
}

fn refuse(out: ResponseOutparam, reason: &str) {
    let response = OutgoingResponse::new(Fields::new());
    response.set_status_code(502).expect("the status is valid");
    let body = response.body().expect("a response has one body");
    ResponseOutparam::set(out, Ok(response));
    let _ = body.write().expect("a body has one stream").blocking_write_and_flush(&reason.as_bytes()[..reason.len().min(4096)]);
    let _ = OutgoingBody::finish(body, None);
}

wasi::http::proxy::export!(Proxy);
