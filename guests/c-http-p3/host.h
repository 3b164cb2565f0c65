// The part of wasi:http 0.3 that the guest imports. The number in a stream's or future's import counts the streams and futures
// in that function's parameters and results, from 0.
#pragma once
#include "async.h"

#define TYPES "wasi:http/types@0.3.0"
#define CLOCK "wasi:clocks/monotonic-clock@0.3.0"
#define HANDLER "wasi:http/handler@0.3.0"

struct text { const char *data; size_t size; };
struct field { struct text name, value; };
struct fields_list { struct field *items; size_t count; };
struct option_text { uint8_t some; struct text value; };
struct result_handle { uint8_t failed; handle value; };
struct response_ends { handle response, sent; };          // tuple<response, future<result<_, error-code>>>
struct body_ends { handle stream, trailers; };            // tuple<stream<u8>, future<result<option<trailers>, error-code>>>

IMPORT(TYPES, "[static]fields.from-list") void fields_from_list(const struct field *, size_t, struct result_handle *ret);
IMPORT(TYPES, "[method]fields.copy-all") void fields_copy_all(handle, struct fields_list *ret);
IMPORT(TYPES, "[resource-drop]fields") void fields_drop(handle);
IMPORT(TYPES, "[method]request.get-path-with-query") void request_path(handle, struct option_text *ret);
IMPORT(TYPES, "[method]request.get-headers") handle request_headers(handle);
IMPORT(TYPES, "[resource-drop]request") void request_drop(handle);
IMPORT(TYPES, "[method]response.set-status-code") uint32_t response_set_status(handle, uint32_t);

IMPORT(TYPES, "[static]response.new")
void response_new(handle headers, uint32_t some, handle contents, handle trailers, struct response_ends *ret);
IMPORT(TYPES, "[stream-new-0][static]response.new") uint64_t contents_new(void);
IMPORT(TYPES, "[async-lower][stream-write-0][static]response.new") uint32_t contents_write(handle, const void *, size_t);
IMPORT(TYPES, "[stream-drop-writable-0][static]response.new") void contents_close(handle);
IMPORT(TYPES, "[future-new-1][static]response.new") uint64_t trailers_new(void);
IMPORT(TYPES, "[async-lower][future-write-1][static]response.new") uint32_t trailers_write(handle, const void *);
IMPORT(TYPES, "[future-drop-writable-1][static]response.new") void trailers_close(handle);
IMPORT(TYPES, "[future-drop-readable-2][static]response.new") void sent_drop(handle);

IMPORT(TYPES, "[static]request.consume-body") void request_consume_body(handle, handle result, struct body_ends *ret);
IMPORT(TYPES, "[future-new-0][static]request.consume-body") uint64_t consumed_new(void);
IMPORT(TYPES, "[async-lower][future-write-0][static]request.consume-body") uint32_t consumed_write(handle, const void *);
IMPORT(TYPES, "[future-drop-writable-0][static]request.consume-body") void consumed_close(handle);
IMPORT(TYPES, "[async-lower][stream-read-1][static]request.consume-body") uint32_t body_read(handle, void *, size_t);
IMPORT(TYPES, "[stream-drop-readable-1][static]request.consume-body") void body_close(handle);
IMPORT(TYPES, "[future-drop-readable-2][static]request.consume-body") void request_trailers_drop(handle);

IMPORT(CLOCK, "[async-lower]wait-for") uint32_t clock_wait_for(uint64_t nanoseconds);

// result<response, error-code> flattened: failed, the handle, then six slots that only an error-code fills.
IMPORT("[export]" HANDLER, "[task-return]handle")
void handle_return(uint32_t failed, handle response, uint32_t, uint64_t, uint32_t, uint32_t, uint32_t, uint32_t);
