// wasi:http/incoming-handler in C without libc, generator or adapter: what the hello road costs is what the host costs.
//
//   GET  /            "Hello from C\n", ten host calls, one page of memory
//   POST /echo        the body comes back as it arrives (check-write, write, pollable)
//   POST /splice      the same by output-stream.blocking-splice
//   GET  /headers     the request's headers as lines
//   GET  /status/N    an empty answer with that status
//   GET  /sleep/MS    answers after that many milliseconds
//   GET  /memory/MIB  touches that much memory; 507 if the host refuses
//   GET  /trap        unreachable
//   GET  /spin        never ends
#include "arena.h"
#include "wasi_http.h"

#define TEXT(s) ((struct text){(s), sizeof(s) - 1})
#define MIB ((size_t)1 << 20)

static const struct field text_plain[] = {{TEXT("content-type"), TEXT("text/plain")}};
static const struct field hello_fields[] = {{TEXT("content-type"), TEXT("text/plain")}, {TEXT("content-length"), TEXT("13")}};
static const struct field empty_fields[] = {{TEXT("content-length"), TEXT("0")}};

struct reply { handle body, stream; };

// Sends status and headers; the body is written after that, while the client already reads.
static struct reply start(handle out, int status, const struct field *fields, size_t count)
{
    struct result_handle r;
    fields_from_list(fields, count, &r);
    if (r.failed) __builtin_trap();
    handle response = response_new(r.value);
    if (status != 200 && response_set_status(response, status) != 0) __builtin_trap();
    response_body(response, &r);
    struct reply reply = {r.value, 0};
    response_outparam_set(out, 0, response, 0, 0, 0, 0, 0, 0);
    outgoing_body_write(reply.body, &r);
    reply.stream = r.value;
    return reply;
}

static void finish(struct reply reply)
{
    struct result_unit r;
    output_stream_drop(reply.stream);
    outgoing_body_finish(reply.body, 0, 0, &r);
}

// blocking-write-and-flush takes at most 4096 bytes; nothing longer comes here.
static void write_small(struct reply reply, struct text text)
{
    struct result_unit r;
    stream_blocking_write_and_flush(reply.stream, text.data, text.size, &r);
}

// Writes as much as the host has room for, and sleeps on its pollable when there is none. False when the client went away.
static int write_all(handle stream, struct text text)
{
    while (text.size) {
        struct result_u64 room;
        stream_check_write(stream, &room);
        if (room.failed) return 0;
        if (room.value == 0) {
            handle ready = stream_subscribe(stream);
            pollable_block(ready);
            pollable_drop(ready);
            continue;
        }
        struct result_unit r;
        size_t n = room.value < text.size ? (size_t)room.value : text.size;
        stream_write(stream, text.data, n, &r);
        if ((uint8_t)r.words[0]) return 0;
        text.data += n, text.size -= n;
    }
    return 1;
}

static void reply_empty(handle out, int status) { finish(start(out, status, empty_fields, 1)); }

static void reply_text(handle out, int status, struct text text)
{
    struct reply reply = start(out, status, text_plain, 1);
    write_small(reply, text);
    finish(reply);
}

static void echo(handle request, handle out, int splice)
{
    struct result_handle r;
    request_consume(request, &r);
    handle body = r.value;
    incoming_body_stream(body, &r);
    handle in = r.value;
    struct reply reply = start(out, 200, text_plain, 1);
    uintptr_t mark = arena_top; // each chunk lands in the same place
    for (int open = 1; open; arena_top = mark) {
        if (splice) {
            struct result_u64 moved;
            stream_blocking_splice(reply.stream, in, 65536, &moved);
            open = !moved.failed;
        } else {
            struct result_bytes chunk;
            stream_blocking_read(in, 65536, &chunk);
            open = !chunk.failed && write_all(reply.stream, chunk.value);
        }
    }
    struct result_unit flushed;
    stream_blocking_flush(reply.stream, &flushed);
    input_stream_drop(in);
    incoming_body_drop(body);
    finish(reply);
}

static void headers(handle request, handle out)
{
    handle fields = request_headers(request);
    struct fields_list list;
    fields_entries(fields, &list);
    fields_drop(fields);
    struct reply reply = start(out, 200, text_plain, 1);
    for (size_t i = 0; i < list.count; i++) {
        struct field f = list.items[i];
        if (!write_all(reply.stream, f.name) || !write_all(reply.stream, TEXT(": ")) ||
            !write_all(reply.stream, f.value) || !write_all(reply.stream, TEXT("\n"))) break;
    }
    struct result_unit r;
    stream_blocking_flush(reply.stream, &r);
    finish(reply);
}

static void sleep_ms(uint32_t ms)
{
    handle timer = clock_subscribe_duration((uint64_t)ms * 1000000);
    pollable_block(timer);
    pollable_drop(timer);
}

static void touch_memory(handle out, uint32_t mib)
{
    char *p = mib < 4096 ? arena_try_alloc(mib * MIB, 16) : 0;
    if (!p) return reply_text(out, 507, TEXT("no memory\n"));
    for (size_t i = 0; i < mib * MIB; i += 4096) ((volatile char *)p)[i] = 1;
    reply_text(out, 200, TEXT("touched\n"));
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

EXPORT("wasi:http/incoming-handler@0.2.12#handle") void handle_request(handle request, handle out)
{
    arena_top = (uintptr_t)&__heap_base; // an instance that serves again starts from the same place
    struct option_text option;
    request_path(request, &option);
    struct text path = option.some ? option.value : TEXT("/");
    for (size_t i = 0; i < path.size; i++)
        if (path.data[i] == '?') path.size = i;

    int32_t n;
    if (path.size <= 1) {
        struct reply reply = start(out, 200, hello_fields, 2);
        write_small(reply, TEXT("Hello from C\n"));
        finish(reply);
    } else if (is(path, TEXT("/echo"))) echo(request, out, 0);
    else if (is(path, TEXT("/splice"))) echo(request, out, 1);
    else if (is(path, TEXT("/headers"))) headers(request, out);
    else if (matches(path, TEXT("/status/"), &n) && n >= 200 && n < 600) reply_empty(out, n);
    else if (matches(path, TEXT("/sleep/"), &n) && n >= 0) sleep_ms((uint32_t)n), reply_text(out, 200, TEXT("slept\n"));
    else if (matches(path, TEXT("/memory/"), &n) && n >= 0) touch_memory(out, (uint32_t)n);
    else if (is(path, TEXT("/trap"))) __builtin_trap();
    else if (is(path, TEXT("/spin"))) for (volatile int i = 0;; i++) {}
    else reply_text(out, 404, TEXT("not found\n"));
    request_drop(request);
}
