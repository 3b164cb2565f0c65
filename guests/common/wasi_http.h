// The part of wasi:http 0.2 and wasi:io that our C guests import, written as the canonical ABI's core functions.
// Handles are i32; a result that does not fit one i32 is written to `ret`; strings and lists are (pointer, length).
#pragma once
#include <stddef.h>
#include <stdint.h>

typedef int32_t handle;

#define IMPORT(module, name) __attribute__((import_module(module), import_name(name))) extern
#define EXPORT(name) __attribute__((export_name(name)))

#define HTTP "wasi:http/types@0.2.12"
#define STREAMS "wasi:io/streams@0.2.12"
#define POLL "wasi:io/poll@0.2.12"
#define CLOCK "wasi:clocks/monotonic-clock@0.2.12"

// Shapes of what comes back through `ret`.
struct text { const char *data; size_t size; };
struct field { struct text name, value; };
struct result_handle { uint8_t failed; handle value; };                          // result<own<…>, …>
struct option_text { uint8_t some; struct text value; };                         // option<string>
struct fields_list { struct field *items; size_t count; };                       // list<tuple<string, list<u8>>>
struct result_bytes { uint8_t failed; struct text value; };                      // result<list<u8>, stream-error>
struct result_u64 { uint8_t failed; uint64_t value; };                           // result<u64, stream-error>
struct result_unit { uint32_t words[10]; };                                      // result<_, …>: the first byte tells

IMPORT(HTTP, "[constructor]fields") handle fields_new(void);
IMPORT(HTTP, "[static]fields.from-list") void fields_from_list(const struct field *, size_t, struct result_handle *ret);
IMPORT(HTTP, "[method]fields.entries") void fields_entries(handle, struct fields_list *ret);
IMPORT(HTTP, "[resource-drop]fields") void fields_drop(handle);

IMPORT(HTTP, "[method]incoming-request.method") void request_method(handle, uint32_t ret[3]);
IMPORT(HTTP, "[method]incoming-request.path-with-query") void request_path(handle, struct option_text *ret);
IMPORT(HTTP, "[method]incoming-request.headers") handle request_headers(handle);
IMPORT(HTTP, "[method]incoming-request.consume") void request_consume(handle, struct result_handle *ret);
IMPORT(HTTP, "[resource-drop]incoming-request") void request_drop(handle);
IMPORT(HTTP, "[method]incoming-body.stream") void incoming_body_stream(handle, struct result_handle *ret);
IMPORT(HTTP, "[resource-drop]incoming-body") void incoming_body_drop(handle);

IMPORT(HTTP, "[constructor]outgoing-response") handle response_new(handle headers);
IMPORT(HTTP, "[method]outgoing-response.set-status-code") int32_t response_set_status(handle, int32_t status);
IMPORT(HTTP, "[method]outgoing-response.body") void response_body(handle, struct result_handle *ret);
IMPORT(HTTP, "[method]outgoing-body.write") void outgoing_body_write(handle, struct result_handle *ret);
IMPORT(HTTP, "[static]outgoing-body.finish") void outgoing_body_finish(handle, int32_t some, handle trailers, struct result_unit *ret);
// result<own<outgoing-response>, error-code> flattened: failed, the handle, then six slots that only an error-code fills.
IMPORT(HTTP, "[static]response-outparam.set")
void response_outparam_set(handle, int32_t failed, handle response, int32_t, int64_t, int32_t, int32_t, int32_t, int32_t);

IMPORT(STREAMS, "[method]input-stream.blocking-read") void stream_blocking_read(handle, uint64_t, struct result_bytes *ret);
IMPORT(STREAMS, "[resource-drop]input-stream") void input_stream_drop(handle);
IMPORT(STREAMS, "[method]output-stream.check-write") void stream_check_write(handle, struct result_u64 *ret);
IMPORT(STREAMS, "[method]output-stream.write") void stream_write(handle, const char *, size_t, struct result_unit *ret);
IMPORT(STREAMS, "[method]output-stream.subscribe") handle stream_subscribe(handle);
IMPORT(STREAMS, "[method]output-stream.blocking-flush") void stream_blocking_flush(handle, struct result_unit *ret);
IMPORT(STREAMS, "[method]output-stream.blocking-write-and-flush")
void stream_blocking_write_and_flush(handle, const char *, size_t, struct result_unit *ret);
IMPORT(STREAMS, "[method]output-stream.blocking-splice") void stream_blocking_splice(handle, handle from, uint64_t, struct result_u64 *ret);
IMPORT(STREAMS, "[resource-drop]output-stream") void output_stream_drop(handle);

IMPORT(POLL, "[method]pollable.block") void pollable_block(handle);
IMPORT(POLL, "[resource-drop]pollable") void pollable_drop(handle);
IMPORT(CLOCK, "subscribe-duration") handle clock_subscribe_duration(uint64_t nanoseconds);
