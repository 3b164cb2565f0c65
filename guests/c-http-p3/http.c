// wasi:http/handler 0.3 in C without libc or generator: an async-lifted function with a callback, so nothing ever blocks.
//
//   GET  /            "Hello from C\n"
//   POST /echo        the body comes back as it arrives, through this guest's memory
//   POST /splice      the request's stream becomes the response's: no byte passes through the guest
//   GET  /headers     the request's headers as lines
//   GET  /status/N    an empty answer with that status
//   GET  /sleep/MS    answers after that many milliseconds; cancels the timer when the host cancels the task
//   GET  /trap        unreachable
//
// A task goes through these stages; every arrow may wait for the host:
//
//   SLEEPING → respond → WRITING ⇄ READING → CONSUMED → TRAILERS → EXIT
#include "arena.h"
#include "host.h"

#define TEXT(s) ((struct text){(s), sizeof(s) - 1})
#define CHUNK 65536

static const struct field text_plain[] = {{TEXT("content-type"), TEXT("text/plain")}};
static const struct field hello_fields[] = {{TEXT("content-type"), TEXT("text/plain")}, {TEXT("content-length"), TEXT("13")}};
static const struct field empty_fields[] = {{TEXT("content-length"), TEXT("0")}};
static const uint64_t ok[8]; // result's ok, without trailers: all zero

enum stage { SLEEPING, WRITING, READING, CONSUMED, TRAILERS };

struct task {
    enum stage stage;
    handle set, timer;
    handle in, out, trailers, consumed; // 0: not there
    struct text rest;                   // still to be written
    char *buffer;
    int ended;                          // `in` has no more
};

static int live; // tasks that run; the arena is emptied when there is none

// Gives the response to the host. What `contents` brings is written afterwards.
static void respond(struct task *t, uint32_t status, const struct field *fields, size_t count, handle contents, handle trailers)
{
    struct result_handle headers;
    struct response_ends ends;
    fields_from_list(fields, count, &headers);
    if (headers.failed) __builtin_trap();
    if (!contents) {
        uint64_t s = contents_new();
        contents = READABLE(s), t->out = WRITABLE(s);
    }
    if (!trailers) {
        uint64_t f = trailers_new();
        trailers = READABLE(f), t->trailers = WRITABLE(f);
    }
    response_new(headers.value, 1, contents, trailers, &ends);
    if (status != 200 && response_set_status(ends.response, status) != 0) __builtin_trap();
    sent_drop(ends.sent);
    handle_return(0, ends.response, 0, 0, 0, 0, 0, 0);
}

static uint32_t wait_on(struct task *t, handle waitable)
{
    if (!t->set) t->set = set_new(), context_set(t);
    return wait_for_one(t->set, waitable);
}

// Goes on with the outcome of the last operation until one blocks or nothing is left.
static uint32_t advance(struct task *t, uint32_t outcome)
{
    for (;;) switch (t->stage) {
    case SLEEPING: __builtin_trap();
    case WRITING:
        if (outcome == BLOCKED) return wait_on(t, t->out);
        t->rest.data += COUNT(outcome), t->rest.size -= COUNT(outcome);
        if (STATE(outcome) == DROPPED) t->rest.size = 0, t->ended = 1; // the client went away
        if (t->rest.size) {
            outcome = contents_write(t->out, t->rest.data, t->rest.size);
            break;
        }
        if (t->in && !t->ended) {
            t->stage = READING;
            outcome = body_read(t->in, t->buffer, CHUNK);
            break;
        }
        if (t->out) contents_close(t->out);
        if (t->in) body_close(t->in);
        t->stage = CONSUMED;
        outcome = t->consumed ? consumed_write(t->consumed, ok) : COMPLETED;
        break;
    case READING:
        if (outcome == BLOCKED) return wait_on(t, t->in);
        t->ended = STATE(outcome) == DROPPED;
        t->rest = (struct text){t->buffer, COUNT(outcome)};
        t->stage = WRITING;
        outcome = 0; // nothing written yet
        break;
    case CONSUMED:
        if (outcome == BLOCKED) return wait_on(t, t->consumed);
        if (t->consumed) consumed_close(t->consumed);
        t->stage = TRAILERS;
        outcome = t->trailers ? trailers_write(t->trailers, ok) : COMPLETED;
        break;
    case TRAILERS:
        if (outcome == BLOCKED) return wait_on(t, t->trailers);
        if (t->trailers) trailers_close(t->trailers);
        if (t->set) set_drop(t->set);
        if (--live == 0) arena_top = (uintptr_t)&__heap_base;
        return EXIT;
    }
}

static uint32_t reply(struct task *t, uint32_t status, const struct field *fields, size_t count, struct text text)
{
    respond(t, status, fields, count, 0, 0);
    t->stage = WRITING;
    t->rest = text;
    return advance(t, 0);
}

static uint32_t echo(struct task *t, handle request, int splice)
{
    uint64_t consumed = consumed_new();
    struct body_ends body;
    request_consume_body(request, READABLE(consumed), &body);
    t->consumed = WRITABLE(consumed);
    if (splice) respond(t, 200, text_plain, 1, body.stream, body.trailers);
    else {
        request_trailers_drop(body.trailers);
        t->in = body.stream;
        t->buffer = arena_alloc(CHUNK, 1);
        respond(t, 200, text_plain, 1, 0, 0);
    }
    t->stage = WRITING;
    return advance(t, 0);
}

static char *append(char *to, struct text text)
{
    __builtin_memcpy(to, text.data, text.size);
    return to + text.size;
}

static uint32_t headers(struct task *t, handle request)
{
    handle fields = request_headers(request);
    struct fields_list list;
    fields_copy_all(fields, &list);
    fields_drop(fields);
    size_t size = 0;
    for (size_t i = 0; i < list.count; i++) size += list.items[i].name.size + list.items[i].value.size + 3;
    char *text = arena_alloc(size, 1), *to = text;
    for (size_t i = 0; i < list.count; i++)
        to = append(append(append(append(to, list.items[i].name), TEXT(": ")), list.items[i].value), TEXT("\n"));
    request_drop(request);
    return reply(t, 200, text_plain, 1, (struct text){text, size});
}

static uint32_t sleep_ms(struct task *t, uint32_t ms)
{
    uint32_t outcome = clock_wait_for((uint64_t)ms * 1000000);
    if (STATE(outcome) == RETURNED) return reply(t, 200, text_plain, 1, TEXT("slept\n"));
    t->stage = SLEEPING;
    t->timer = outcome >> 4;
    return wait_on(t, t->timer);
}

// True when the path starts with `prefix`; `number` is what follows it (digits only, at most nine), or -1.
static int matches(struct text path, struct text prefix, int32_t *number)
{
    if (path.size < prefix.size) return 0;
    for (size_t i = 0; i < prefix.size; i++)
        if (path.data[i] != prefix.data[i]) return 0;
    int32_t n = path.size == prefix.size || path.size > prefix.size + 9 ? -1 : 0;
    for (size_t i = prefix.size; n >= 0 && i < path.size; i++) {
        uint8_t digit = (uint8_t)(path.data[i] - '0');
        n = digit < 10 ? n * 10 + digit : -1;
    }
    *number = n;
    return 1;
}

static int is(struct text path, struct text whole)
{
    int32_t ignored;
    return path.size == whole.size && matches(path, whole, &ignored);
}

EXPORT("[async-lift]" HANDLER "#handle") uint32_t handle_request(handle request)
{
    live++;
    struct task *t = arena_alloc(sizeof *t, alignof(struct task));
    *t = (struct task){};
    struct option_text option;
    request_path(request, &option);
    struct text path = option.some ? option.value : TEXT("/");
    for (size_t i = 0; i < path.size; i++)
        if (path.data[i] == '?') path.size = i;

    int32_t n;
    if (is(path, TEXT("/echo"))) return echo(t, request, 0);
    if (is(path, TEXT("/splice"))) return echo(t, request, 1);
    if (is(path, TEXT("/headers"))) return headers(t, request);
    request_drop(request);
    if (path.size <= 1) return reply(t, 200, hello_fields, 2, TEXT("Hello from C\n"));
    if (matches(path, TEXT("/status/"), &n) && n >= 200 && n < 600) return reply(t, (uint32_t)n, empty_fields, 1, TEXT(""));
    if (matches(path, TEXT("/sleep/"), &n) && n >= 0) return sleep_ms(t, (uint32_t)n);
    if (is(path, TEXT("/trap"))) __builtin_trap();
    return reply(t, 404, text_plain, 1, TEXT("not found\n"));
}

// Before the response is out: the timer fired, or the host cancelled the task and then the timer followed.
static uint32_t sleeping(struct task *t, uint32_t event, uint32_t state)
{
    static const char cancelled = 0;
    if (event == EVENT_TASK_CANCELLED) {
        t->rest.data = &cancelled; // remembers it until the timer has ended
        state = subtask_cancel(t->timer);
        if (state == BLOCKED) return wait_on(t, t->timer);
    } else if (state < RETURNED) return wait_on(t, t->timer);
    subtask_drop(t->timer);
    if (!t->rest.data) return reply(t, 200, text_plain, 1, TEXT("slept\n"));
    task_cancel();
    set_drop(t->set);
    if (--live == 0) arena_top = (uintptr_t)&__heap_base;
    return EXIT;
}

EXPORT("[callback][async-lift]" HANDLER "#handle") uint32_t handle_callback(uint32_t event, handle waitable, uint32_t outcome)
{
    struct task *t = context_get();
    if (t->stage == SLEEPING) return sleeping(t, event, outcome);
    join(waitable, 0);
    return advance(t, outcome);
}
