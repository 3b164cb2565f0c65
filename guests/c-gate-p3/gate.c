// A gate in front of a service on wasi:http 0.3: a request without the field `x-token` is answered with 401, others go to the next component, whose response
// goes back as it is.
#include "arena.h"
#include "async.h"

#define TYPES "wasi:http/types@0.3.0"
#define HANDLER "wasi:http/handler@0.3.0"

struct response_ends { handle response, sent; };
// result<response, error-code> in memory, see c-proxy-p3.
struct answer {
    uint8_t failed;
    alignas(8) union { handle response; uint8_t error; } as;
    uint8_t payload[24];
};

IMPORT(TYPES, "[method]request.get-headers") handle request_headers(handle);
IMPORT(TYPES, "[resource-drop]request") void request_drop(handle);
IMPORT(TYPES, "[constructor]fields") handle fields_new(void);
IMPORT(TYPES, "[method]fields.has") uint32_t fields_has(handle, const char *, size_t);
IMPORT(TYPES, "[resource-drop]fields") void fields_drop(handle);
IMPORT(TYPES, "[static]response.new") void response_new(handle headers, uint32_t some, handle contents, handle trailers, struct response_ends *ret);
IMPORT(TYPES, "[future-new-1][static]response.new") uint64_t trailers_new(void);
IMPORT(TYPES, "[async-lower][future-write-1][static]response.new") uint32_t trailers_write(handle, const void *);
IMPORT(TYPES, "[future-drop-writable-1][static]response.new") void trailers_close(handle);
IMPORT(TYPES, "[future-drop-readable-2][static]response.new") void sent_drop(handle);
IMPORT(TYPES, "[method]response.set-status-code") uint32_t response_set_status(handle, uint32_t);
IMPORT(HANDLER, "[async-lower]handle") uint32_t next_handle(handle request, struct answer *ret);
IMPORT("[export]" HANDLER, "[task-return]handle")
void handle_return(uint32_t failed, uint32_t, uint32_t, uint64_t, uint32_t, uint32_t, uint32_t, uint32_t);

static const uint64_t no_trailers[8];

struct task { handle set, waited; struct answer answer; };
static int live;

static uint32_t end(struct task *t)
{
    if (t->set) set_drop(t->set);
    if (--live == 0) arena_top = (uintptr_t)&__heap_base;
    return EXIT;
}

static uint32_t wait_for(struct task *t, handle waitable)
{
    t->waited = waitable;
    t->set = set_new();
    join(waitable, t->set);
    return WAIT | t->set << 4;
}

// Errors keep their case, not their payload.
static uint32_t answered(struct task *t)
{
    handle_return(t->answer.failed, t->answer.failed ? t->answer.as.error : t->answer.as.response, 0, 0, 0, 0, 0, 0);
    return end(t);
}

static uint32_t refuse(struct task *t, handle request)
{
    struct response_ends ends;
    uint64_t trailers = trailers_new();
    request_drop(request);
    response_new(fields_new(), 0, 0, READABLE(trailers), &ends);
    sent_drop(ends.sent);
    response_set_status(ends.response, 401);
    handle_return(0, ends.response, 0, 0, 0, 0, 0, 0);
    if (trailers_write(WRITABLE(trailers), no_trailers) == BLOCKED) return wait_for(t, WRITABLE(trailers));
    trailers_close(WRITABLE(trailers));
    return end(t);
}

EXPORT("[async-lift]" HANDLER "#handle") uint32_t handle_request(handle request)
{
    live++;
    struct task *t = arena_alloc(sizeof *t, alignof(struct task));
    *t = (struct task){};
    context_set(t);
    handle headers = request_headers(request);
    uint32_t allowed = fields_has(headers, "x-token", 7);
    fields_drop(headers);
    if (!allowed) return refuse(t, request);
    uint32_t state = next_handle(request, &t->answer);
    return STATE(state) == RETURNED ? answered(t) : wait_for(t, state >> 4);
}

EXPORT("[callback][async-lift]" HANDLER "#handle") uint32_t handle_callback(uint32_t event, handle waitable, uint32_t outcome)
{
    struct task *t = context_get();
    if (event == EVENT_FUTURE_WRITE) {
        join(waitable, 0);
        trailers_close(waitable);
        return end(t);
    }
    if (event == EVENT_SUBTASK && outcome == RETURNED) {
        join(waitable, 0);
        subtask_drop(t->waited);
        return answered(t);
    }
    return WAIT | t->set << 4;
}
