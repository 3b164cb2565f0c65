// A guest that attacks its host: GET /NAME makes one attack. What must happen stands in docs/hostile.md.
// An attack that the interface refuses as it should answers 200 "refused"; one that got through answers 200 "through"; the rest do not come back.
#include <stdint.h>
#include <stddef.h>

extern char __heap_base;
static uintptr_t top = (uintptr_t)&__heap_base;
static enum { HONEST, SPIN, OUTSIDE, ODD, SAME, TRAP, CALLS, GROWS } realloc_mood;

#include "../common/wasi_http.h"

IMPORT(HTTP, "[method]fields.append") void fields_append(handle, const char *, size_t, const char *, size_t, uint8_t *ret);
IMPORT(HTTP, "[constructor]outgoing-request") handle outgoing_request_new(handle fields);
IMPORT(HTTP, "[method]outgoing-request.set-scheme") int32_t outgoing_request_set_scheme(handle, int32_t some, int32_t kind, const char *, size_t);
IMPORT(HTTP, "[method]outgoing-request.set-authority") int32_t outgoing_request_set_authority(handle, int32_t some, const char *, size_t);
IMPORT(HTTP, "[method]outgoing-request.set-path-with-query") int32_t outgoing_request_set_path(handle, int32_t some, const char *, size_t);
IMPORT(HTTP, "[method]future-incoming-response.subscribe") handle future_subscribe(handle);
IMPORT(HTTP, "[method]future-incoming-response.get") void future_get(handle, void *ret);
IMPORT(HTTP, "[resource-drop]outgoing-body") void outgoing_body_drop(handle);
IMPORT(HTTP, "[resource-drop]response-outparam") void outparam_drop(handle);
IMPORT(HTTP, "[method]outgoing-response.headers") handle response_headers(handle);
IMPORT("wasi:http/outgoing-handler@0.2.12", "handle") void outgoing_handle(handle, int32_t some, handle options, void *ret);
IMPORT("wasi:cli/environment@0.2.12", "get-environment") void get_environment(struct fields_list *ret);
IMPORT("wasi:random/random@0.2.12", "get-random-bytes") void get_random_bytes(uint64_t, struct text *ret);
IMPORT("wasi:cli/stdout@0.2.12", "get-stdout") handle get_stdout(void);
IMPORT(HTTP, "[method]fields.clone") handle fields_clone(handle);
IMPORT(POLL, "poll") void poll(const handle *, size_t, struct text *ret);

static void spin(void) { for (volatile int i = 0;; i++) {} }

EXPORT("cabi_realloc") void *cabi_realloc(void *old, size_t old_size, size_t align, size_t size)
{
    (void)old, (void)old_size;
    switch (realloc_mood) {
    case SPIN: spin();
    case OUTSIDE: return (void *)0xfffffff0;
    case ODD: return (void *)((top | 7) - 2);
    case SAME: return (void *)(((uintptr_t)&__heap_base + align - 1) & -align);
    case TRAP: __builtin_trap();
    case CALLS: fields_new(); break;
    case GROWS: __builtin_wasm_memory_grow(0, 16); break;
    case HONEST: break;
    }
    uintptr_t start = (top + align - 1) & -align, end = start + size, have = (uintptr_t)__builtin_wasm_memory_size(0) << 16;
    if (end > have && __builtin_wasm_memory_grow(0, (end - have + 0xffff) >> 16) == SIZE_MAX) __builtin_trap();
    top = end;
    return (void *)start;
}

#define LENGTH(s) (sizeof(s) - 1)
#define AT(address) ((void *)(uintptr_t)(address))
#define FOREVER for (;;)

static struct field list[20000];
static char block[65536];
static handle incoming, outparam;
static uint8_t scratch[64];

struct reply { handle body, stream; };

static struct reply start(handle fields)
{
    struct result_handle r;
    handle response = response_new(fields);
    response_body(response, &r);
    struct reply reply = {r.value, 0};
    response_outparam_set(outparam, 0, response, 0, 0, 0, 0, 0, 0);
    outgoing_body_write(reply.body, &r);
    reply.stream = r.value;
    return reply;
}

static void answer(const char *text, size_t size)
{
    struct result_unit r;
    struct reply reply = start(fields_new());
    stream_blocking_write_and_flush(reply.stream, text, size, &r);
    output_stream_drop(reply.stream);
    outgoing_body_finish(reply.body, 0, 0, &r);
}

static void refused(int is) { is ? answer("refused", 7) : answer("through", 7); }

// ---- time
static int recurse(int n) { volatile char frame[256]; frame[n & 255] = 1; return n < 0 ? n : recurse(n + 1) + frame[0]; }
static int noop(int n) { return n + 1; }
static int (*volatile indirect)(int) = noop;
static void spin_memory(void) { for (uint32_t i = 0;; i += 64) ((volatile char *)block)[i & 65535]++; }
static void spin_calls(void) { for (int n = 0;;) n = indirect(n); }
static void spin_float(void) { for (volatile double d = 1;; d = d * 1.0000001 + 1e-9) {} }
static void spin_host(void) { FOREVER fields_drop(fields_new()); }
static void spin_copy(void) { FOREVER __builtin_memset(block, 1, sizeof block); }
static void sleep_forever(void) { pollable_block(clock_subscribe_duration(~0ull)); }
static void spin_poll(void) { handle p = clock_subscribe_duration(0); FOREVER pollable_block(p); }
static void random_forever(void) { FOREVER { struct text t; uintptr_t mark = top; get_random_bytes(1 << 20, &t); top = mark; } }
static void recursion(void) { recurse(0); }
static void entries_with(int mood) {
    handle f = request_headers(incoming);
    struct fields_list all;
    realloc_mood = mood;
    fields_entries(f, &all);
    realloc_mood = HONEST;
    answer("through", 7);
}
static void realloc_spins(void) { entries_with(SPIN); }
static void realloc_outside(void) { entries_with(OUTSIDE); }
static void realloc_odd(void) { entries_with(ODD); }
static void realloc_same(void) { entries_with(SAME); }
static void realloc_traps(void) { entries_with(TRAP); }
static void realloc_calls(void) { entries_with(CALLS); }
static void realloc_grows(void) { entries_with(GROWS); }

// ---- memory and handles
static void memory_bomb(void) { while (__builtin_wasm_memory_grow(0, 1) != SIZE_MAX) {} refused(1); }
static void memory_leap(void) { refused(__builtin_wasm_memory_grow(0, 65000) == SIZE_MAX); }
static void memory_touch(void) {
    size_t at;
    while ((at = __builtin_wasm_memory_grow(0, 16)) != SIZE_MAX) __builtin_memset((char *)(at << 16), 1, 1 << 20);
    refused(1);
}
static void handle_bomb(void) { FOREVER fields_new(); }
static void pollable_bomb(void) { FOREVER clock_subscribe_duration(~0ull); }
static void fields_bomb(void) { FOREVER { uint8_t r[8]; fields_append(fields_new(), "a", 1, block, 60000, r); } }
static void fields_dropped(void) {
    FOREVER {
        uint8_t r[8];
        handle f = fields_new();
        fields_append(f, "a", 1, block, 60000, r);
        fields_drop(response_headers(response_new(f)));
    }
}
static void fields_clones(void) { handle f = fields_new(); uint8_t r[8]; fields_append(f, "a", 1, block, 60000, r); FOREVER fields_clone(f); }
static void fields_size(void) { handle f = fields_new(); FOREVER { uint8_t r[8]; fields_append(f, "a", 1, block, 1000, r); } }
static void body_bomb(void) {
    FOREVER {
        struct result_handle r;
        struct result_unit u;
        struct result_u64 room;
        response_body(response_new(fields_new()), &r);
        outgoing_body_write(r.value, &r);
        stream_check_write(r.value, &room);
        stream_write(r.value, block, 1000, &u);
    }
}
static void forged_handle(void) { fields_drop(12345); }
static void zero_handle(void) { fields_drop(0); }
static void negative_handle(void) { fields_drop(-1); }
static void stale_handle(void) { handle f = fields_new(); fields_drop(f); fields_drop(f); }
static void mistyped_handle(void) { fields_drop(incoming); }
static void used_after_drop(void) { request_drop(incoming); request_headers(incoming); }
static void moved_handle(void) { handle f = fields_new(); response_new(f); response_new(f); }
static void outparam_twice(void) { answer("x", 1); answer("y", 1); }
static void outparam_dropped(void) { outparam_drop(outparam); }
static void no_answer(void) {}
static void consume_twice(void) { struct result_handle r; request_consume(incoming, &r); request_consume(incoming, &r); refused(r.failed); }
static void child_outlives(void) {
    struct result_handle body, stream;
    request_consume(incoming, &body);
    incoming_body_stream(body.value, &stream);
    incoming_body_drop(body.value);
    struct result_bytes bytes;
    stream_blocking_read(stream.value, 10, &bytes);
    refused(bytes.failed);
}
static void poll_nothing(void) { struct text t; poll(0, 0, &t); }
static void poll_many(void) {
    handle p = clock_subscribe_duration(0);
    for (int i = 0; i < 10000; i++) ((handle *)list)[i] = p;
    struct text t;
    poll((handle *)list, 10000, &t);
    refused(1);
}
static void poll_lie(void) { struct text t; poll(AT(16), 0x3fffffff, &t); }

// ---- pointers and lengths
static void list_outside(void) { struct result_handle r; fields_from_list(AT(0xfffffff0), 1, &r); }
static void list_endless(void) { struct result_handle r; fields_from_list(list, 0xffffffff, &r); }
static void list_wraps(void) { struct result_handle r; fields_from_list(list, 0x10000001, &r); } // × 16 bytes = 16 in 32 bits
static void list_odd(void) { struct result_handle r; fields_from_list(AT((uintptr_t)list + 2), 1, &r); }
static void list_aliases(void) {
    struct result_handle r;
    for (int i = 0; i < 20000; i++) list[i] = (struct field){{"a", 1}, {block, sizeof block}};
    fields_from_list(list, 20000, &r);
}
static void ret_outside(void) { get_environment(AT(0xfffffff8)); }
static void ret_odd(void) { get_environment(AT((uintptr_t)scratch | 1)); }
static void ret_overlaps(void) { fields_from_list(list, 1, (struct result_handle *)list); refused(1); }
static void string_outside(void) { uint8_t r[8]; fields_append(fields_new(), AT(0xffffff00), 4096, "b", 1, r); }
static void string_bad_utf8(void) { uint8_t r[8]; fields_append(fields_new(), "\xc3\x28", 2, "b", 1, r); }
static void write_unpermitted(void) { struct result_unit r; struct reply p = start(fields_new()); stream_write(p.stream, block, sizeof block, &r); }
static void write_endless(void) { struct result_unit r; struct reply p = start(fields_new()); stream_write(p.stream, block, 0xffffffff, &r); }
static void read_endless(void) { struct result_handle r; struct result_bytes b; request_consume(incoming, &r); incoming_body_stream(r.value, &r); stream_blocking_read(r.value, ~0ull, &b); refused(b.failed || b.value.size == 0); }
static void random_endless(void) { struct text t; get_random_bytes(~0ull, &t); }
static void variant_lie(void) { outgoing_request_set_scheme(outgoing_request_new(fields_new()), 1, 77, "x", 1); }

// ---- answers
static int append(const char *name, size_t n, const char *value, size_t v) {
    uint8_t r[8] = {0};
    fields_append(fields_new(), name, n, value, v, r);
    return r[0] != 0;
}
static void header_splits(void) { const char v[] = "a\r\nSet-Cookie: stolen=1"; refused(append("x-a", 3, v, LENGTH(v))); }
static void header_name_splits(void) { const char n[] = "x-a: b\r\nx-c"; refused(append(n, LENGTH(n), "d", 1)); }
static void header_nul(void) { refused(append("x-a", 3, "a\0b", 3)); }
static void header_smuggles(void) { const char n[] = "transfer-encoding"; refused(append(n, LENGTH(n), "chunked", 7)); }
static void header_connection(void) { refused(append("connection", 10, "upgrade", 7)); }
static void header_host(void) { refused(append("host", 4, "other.example", 13)); }
static void status_absurd(void) {
    handle r = response_new(fields_new());
    refused(response_set_status(r, 9999) != 0 && response_set_status(r, 0) != 0 && response_set_status(r, 42) != 0);
}
static struct reply declare(const char *length, size_t n) {
    uint8_t r[8];
    handle f = fields_new();
    fields_append(f, "content-length", 14, length, n, r);
    return start(f);
}
static void length_too_long(void) {
    struct result_unit r;
    struct reply p = declare("1000", 4);
    stream_blocking_write_and_flush(p.stream, block, 10, &r);
    output_stream_drop(p.stream);
    outgoing_body_finish(p.body, 0, 0, &r);
}
static void length_too_short(void) {
    struct result_unit r;
    struct reply p = declare("5", 1);
    stream_blocking_write_and_flush(p.stream, block, 5, &r);
    stream_blocking_write_and_flush(p.stream, "HTTP/1.1 200 OK\r\n\r\n", 19, &r);
    output_stream_drop(p.stream);
    outgoing_body_finish(p.body, 0, 0, &r);
}
static void body_dropped(void) {
    struct result_unit r;
    struct reply p = start(fields_new());
    for (int i = 0; i < 10; i++) stream_blocking_write_and_flush(p.stream, block, 4096, &r);
    output_stream_drop(p.stream);
    outgoing_body_drop(p.body);
}
static void body_endless(void) {
    struct result_unit r;
    struct reply p = start(fields_new());
    do stream_blocking_write_and_flush(p.stream, block, 4096, &r);
    while (!(uint8_t)r.words[0]);
    output_stream_drop(p.stream);
    outgoing_body_finish(p.body, 0, 0, &r);
}
static void body_trickles(void) {
    struct result_unit r;
    struct reply p = start(fields_new());
    FOREVER {
        stream_blocking_write_and_flush(p.stream, block, 4096, &r);
        pollable_block(clock_subscribe_duration(50000000));
    }
}
static void trap_mid_answer(void) {
    struct result_unit r;
    struct reply p = start(fields_new());
    for (int i = 0; i < 10; i++) stream_blocking_write_and_flush(p.stream, block, 4096, &r);
    __builtin_trap();
}
static void log_injects(void) {
    static const char line[] = "\r\n2026-01-01 [Error] root: logged in\x1b[2J\x1b]0;owned\x07\xe2\x80\xae\xc2\x9b" "31m\xe2\x80\xa8" "forged\0\n";
    struct result_unit r;
    stream_blocking_write_and_flush(get_stdout(), line, LENGTH(line), &r);
    refused(!(uint8_t)r.words[0]);
}
static void log_floods(void) {
    struct result_unit r;
    handle out = get_stdout();
    __builtin_memset(block, '\n', 4096);
    do stream_blocking_write_and_flush(out, block, 4096, &r);
    while (!(uint8_t)r.words[0]);
    refused(1);
}
static void environment_probe(void) { struct fields_list all = {0, 1}; get_environment(&all); refused(all.count == 0); }

// ---- the path /ssrf/AUTHORITY: a request to there; "through" when anything answered
static uint64_t outcome[16];
static void ssrf(const char *authority, size_t size)
{
    handle request = outgoing_request_new(fields_new());
    outgoing_request_set_scheme(request, 1, 0, 0, 0); // HTTP
    if (outgoing_request_set_authority(request, 1, authority, size)) return refused(1);
    outgoing_handle(request, 0, 0, outcome);
    if ((uint8_t)outcome[0]) return refused(1);
    handle future = ((handle *)outcome)[2];
    pollable_block(future_subscribe(future));
    future_get(future, outcome); // option<result<result<response, error>>>: 8-aligned, three discriminants
    refused(((uint8_t *)outcome)[8] != 0 || ((uint8_t *)outcome)[16] != 0);
}
static void outbound_bomb(const char *authority, size_t size)
{
    int failed = 0;
    for (int i = 0; i < 1000 && !failed; i++) {
        handle request = outgoing_request_new(fields_new());
        outgoing_request_set_scheme(request, 1, 0, 0, 0);
        outgoing_request_set_authority(request, 1, authority, size);
        outgoing_handle(request, 0, 0, outcome);
        failed = (uint8_t)outcome[0];
    }
    refused(failed);
}

// The path /handles/N: that many handles at a time, for the budget's exact edge.
static void use_handles(const char *digits, size_t size)
{
    int count = 0;
    for (size_t i = 0; i < size; i++) count = count * 10 + digits[i] - '0';
    for (int i = 0; i < count; i++) ((handle *)list)[i] = fields_new();
    for (int i = 0; i < count; i++) fields_drop(((handle *)list)[i]);
    answer("used", 4);
}

#define ALL(X) \
    X(spin) X(spin_memory) X(spin_calls) X(spin_float) X(spin_host) X(spin_copy) X(spin_poll) X(sleep_forever) X(random_forever) X(recursion) \
    X(realloc_spins) X(realloc_outside) X(realloc_odd) X(realloc_same) X(realloc_traps) X(realloc_calls) X(realloc_grows) \
    X(memory_bomb) X(memory_leap) X(memory_touch) X(handle_bomb) X(pollable_bomb) X(fields_bomb) X(fields_dropped) X(fields_clones) X(fields_size) X(body_bomb) \
    X(forged_handle) X(zero_handle) X(negative_handle) X(stale_handle) X(mistyped_handle) X(used_after_drop) X(moved_handle) \
    X(outparam_twice) X(outparam_dropped) X(no_answer) X(consume_twice) X(child_outlives) X(poll_nothing) X(poll_many) X(poll_lie) \
    X(list_outside) X(list_endless) X(list_wraps) X(list_odd) X(list_aliases) X(ret_outside) X(ret_odd) X(ret_overlaps) \
    X(string_outside) X(string_bad_utf8) X(write_unpermitted) X(write_endless) X(read_endless) X(random_endless) X(variant_lie) \
    X(header_splits) X(header_name_splits) X(header_nul) X(header_smuggles) X(header_connection) X(header_host) X(status_absurd) \
    X(length_too_long) X(length_too_short) X(body_dropped) X(body_endless) X(body_trickles) X(trap_mid_answer) X(environment_probe) \
    X(log_injects) X(log_floods)

#define ENTRY(f) {#f, LENGTH(#f), f},
static const struct { const char *name; size_t size; void (*attack)(void); } attacks[] = {ALL(ENTRY)};

static int same(const char *a, const char *b, size_t n) { for (size_t i = 0; i < n; i++) if (a[i] != b[i]) return 0; return 1; }

EXPORT("wasi:http/incoming-handler@0.2.12#handle") void handle_request(handle request, handle out)
{
    incoming = request, outparam = out;
    __builtin_memset(block, 'a', sizeof block);
    struct option_text path;
    request_path(request, &path);
    const char *name = path.value.data + 1;
    size_t size = path.value.size - 1;
    if (size > 5 && same(name, "ssrf/", 5)) return ssrf(name + 5, size - 5);
    if (size > 8 && same(name, "handles/", 8)) return use_handles(name + 8, size - 8);
    if (size > 9 && same(name, "outbound/", 9)) return outbound_bomb(name + 9, size - 9);
    for (size_t i = 0; i < sizeof attacks / sizeof *attacks; i++)
        if (attacks[i].size == size && same(attacks[i].name, name, size)) return attacks[i].attack();
    answer("unknown", 7);
}
