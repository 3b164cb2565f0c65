// A reverse proxy on wasi:http 0.3: `/AUTHORITY/PATH…` goes to `http://AUTHORITY/PATH…`. Bodies and trailers are handed on as streams and
// futures, so no byte of them passes through the guest, and the answer's error becomes this handler's own.
#include "arena.h"
#include "async.h"

#define TYPES "wasi:http/types@0.3.0"
#define HANDLER "wasi:http/handler@0.3.0"

struct text { const char *data; size_t size; };
struct option_text { uint8_t some; struct text value; };
struct method { uint8_t tag; struct text other; };
struct body { handle stream, trailers; };
struct request_ends { handle request, sent; };
struct result_unit { uint32_t words[6]; }; // result<_, header-error>: not looked at
// result<response, error-code> in memory. An error-code's case lies at 8, its payload at 16; what lies there depends on the case.
struct answer {
    uint8_t failed;
    alignas(8) union { handle response; uint8_t error; } as;
    uint8_t payload[24];
};

IMPORT(TYPES, "[method]request.get-method") void request_method(handle, struct method *ret);
IMPORT(TYPES, "[method]request.get-path-with-query") void request_path(handle, struct option_text *ret);
IMPORT(TYPES, "[method]request.get-headers") handle request_headers(handle);
IMPORT(TYPES, "[static]request.consume-body") void request_consume_body(handle, handle result, struct body *ret);
IMPORT(TYPES, "[future-new-0][static]request.consume-body") uint64_t consumed_new(void);
IMPORT(TYPES, "[async-lower][future-write-0][static]request.consume-body") uint32_t consumed_write(handle, const void *);
IMPORT(TYPES, "[future-drop-writable-0][static]request.consume-body") void consumed_close(handle);
IMPORT(TYPES, "[static]request.new")
void request_new(handle headers, uint32_t some, handle contents, handle trailers, uint32_t some_options, handle options, struct request_ends *ret);
IMPORT(TYPES, "[future-drop-readable-2][static]request.new") void sent_drop(handle);
IMPORT(TYPES, "[method]request.set-method") uint32_t request_set_method(handle, uint32_t tag, const char *, size_t);
IMPORT(TYPES, "[method]request.set-scheme") uint32_t request_set_scheme(handle, uint32_t some, uint32_t tag, const char *, size_t);
IMPORT(TYPES, "[method]request.set-authority") uint32_t request_set_authority(handle, uint32_t some, const char *, size_t);
IMPORT(TYPES, "[method]request.set-path-with-query") uint32_t request_set_path(handle, uint32_t some, const char *, size_t);
IMPORT(TYPES, "[resource-drop]request") void request_drop(handle);
IMPORT(TYPES, "[method]fields.clone") handle fields_clone(handle);
IMPORT(TYPES, "[method]fields.delete") void fields_delete(handle, const char *, size_t, struct result_unit *ret);
IMPORT(TYPES, "[resource-drop]fields") void fields_drop(handle);
IMPORT("wasi:http/client@0.3.0", "[async-lower]send") uint32_t client_send(handle request, struct answer *ret);
IMPORT("[export]" HANDLER, "[task-return]handle")
void handle_return(uint32_t failed, uint32_t, uint32_t, uint64_t, uint32_t, uint32_t, uint32_t, uint32_t);

enum error { HTTP_REQUEST_URI_INVALID = 19 }; // the position of the case in error-code
static const uint64_t ok[8];

struct task { handle set, subtask, consumed; int answered, read; struct answer answer; };
static int live;

static uint32_t end(struct task *t)
{
    if (t->set) set_drop(t->set);
    if (--live == 0) arena_top = (uintptr_t)&__heap_base;
    return EXIT;
}

// Errors keep their case, not their payload.
static void answered(struct task *t)
{
    t->answered = 1;
    handle_return(t->answer.failed, t->answer.failed ? t->answer.as.error : t->answer.as.response, 0, 0, 0, 0, 0, 0);
}

static void body_read(struct task *t)
{
    t->read = 1;
    consumed_close(t->consumed);
}

static handle onward_headers(handle request)
{
    static const struct text left_out[] = {{"host", 4}, {"connection", 10}, {"transfer-encoding", 17}, {"keep-alive", 10}, {"upgrade", 7}};
    struct result_unit ignored;
    handle theirs = request_headers(request), ours = fields_clone(theirs);
    fields_drop(theirs);
    for (size_t i = 0; i < sizeof left_out / sizeof *left_out; i++) fields_delete(ours, left_out[i].data, left_out[i].size, &ignored);
    return ours;
}

// The request for the other side, or 0 when the path names none.
static handle onward(struct task *t, handle request)
{
    struct option_text path;
    struct method method;
    struct body body;
    struct request_ends ends;
    request_path(request, &path);
    request_method(request, &method);
    handle headers = onward_headers(request);
    uint64_t consumed = consumed_new();
    t->consumed = WRITABLE(consumed);
    request_consume_body(request, READABLE(consumed), &body);
    request_new(headers, 1, body.stream, body.trailers, 0, 0, &ends);
    sent_drop(ends.sent);

    const char *authority = path.value.data + 1, *end = path.some ? path.value.data + path.value.size : authority, *rest = authority;
    while (rest < end && *rest != '/') rest++;
    enum { HTTP = 0 };
    int refused = rest >= end || request_set_method(ends.request, method.tag, method.other.data, method.other.size) ||
                  request_set_scheme(ends.request, 1, HTTP, 0, 0) ||
                  request_set_authority(ends.request, 1, authority, (size_t)(rest - authority)) ||
                  request_set_path(ends.request, 1, rest, (size_t)(end - rest));
    if (refused) request_drop(ends.request);
    return refused ? 0 : ends.request;
}

EXPORT("[async-lift]" HANDLER "#handle") uint32_t handle_request(handle request)
{
    live++;
    struct task *t = arena_alloc(sizeof *t, alignof(struct task));
    *t = (struct task){};
    context_set(t);
    handle out = onward(t, request);
    if (!out) {
        t->answer.failed = 1, t->answer.as.error = HTTP_REQUEST_URI_INVALID;
        answered(t);
    } else {
        uint32_t state = client_send(out, &t->answer);
        if (STATE(state) == RETURNED) answered(t);
        else t->subtask = state >> 4;
    }
    if (consumed_write(t->consumed, ok) != BLOCKED) body_read(t);
    if (t->answered && t->read) return end(t);
    t->set = set_new();
    if (!t->answered) join(t->subtask, t->set);
    if (!t->read) join(t->consumed, t->set);
    return WAIT | t->set << 4;
}

EXPORT("[callback][async-lift]" HANDLER "#handle") uint32_t handle_callback(uint32_t event, handle waitable, uint32_t outcome)
{
    struct task *t = context_get();
    if (event == EVENT_FUTURE_WRITE) {
        join(waitable, 0);
        body_read(t);
    } else if (event == EVENT_SUBTASK && outcome == RETURNED) {
        join(waitable, 0);
        subtask_drop(t->subtask);
        answered(t);
    }
    return t->answered && t->read ? end(t) : WAIT | t->set << 4;
}
