// Header and trailer fields as a guest may set them.
//
//   GET /bytes            x-bytes: every byte that a field value may hold, once
//   GET /back             x-back: the request's x-there, byte for byte; the content is the same in hexadecimal
//   GET /short            a short content and trailers that nothing declared (x-sum, x-bytes)
//   GET /long             100,000 bytes, written as they come, and trailers that the field `trailer` declared (x-sum)
//   GET /undeclared       the same without the declaration
//   GET /partial          half of the long content, then unreachable
#include "arena.h"
#include "wasi_http.h"

#define TEXT(s) ((struct text){(s), sizeof(s) - 1})


static char every_byte[224];

static struct text all_bytes(void)
{
    size_t n = 0;
    every_byte[n++] = '<'; // a field's value neither begins nor ends with blanks
    for (int b = 0x20; b <= 0xff; b++)
        if (b != 0x7f) every_byte[n++] = (char)b;
    return (struct text){every_byte, n - (every_byte[n - 1] == ' ')};
}

static int equal(struct text a, struct text b)
{
    if (a.size != b.size) return 0;
    for (size_t i = 0; i < a.size; i++)
        if (a.data[i] != b.data[i]) return 0;
    return 1;
}

static handle fields_of(const struct field *fields, size_t count)
{
    struct result_handle r;
    fields_from_list(fields, count, &r);
    if (r.failed) __builtin_trap();
    return r.value;
}

struct reply { handle body, stream; };

static struct reply start(handle out, const struct field *fields, size_t count)
{
    struct result_handle r;
    handle response = response_new(fields_of(fields, count));
    response_body(response, &r);
    struct reply reply = {r.value, 0};
    response_outparam_set(out, 0, response, 0, 0, 0, 0, 0, 0);
    outgoing_body_write(reply.body, &r);
    reply.stream = r.value;
    return reply;
}

static void write(struct reply reply, struct text text)
{
    struct result_unit r;
    for (size_t n; text.size; text.data += n, text.size -= n) {
        n = text.size < 4096 ? text.size : 4096;
        stream_blocking_write_and_flush(reply.stream, text.data, n, &r);
        if ((uint8_t)r.words[0]) return;
    }
}

static void finish(struct reply reply, const struct field *trailers, size_t count)
{
    struct result_unit r;
    output_stream_drop(reply.stream);
    outgoing_body_finish(reply.body, count > 0, count ? fields_of(trailers, count) : 0, &r);
}

static struct text header(handle request, struct text name)
{
    handle fields = request_headers(request);
    struct fields_list list;
    fields_entries(fields, &list);
    fields_drop(fields);
    for (size_t i = 0; i < list.count; i++)
        if (equal(list.items[i].name, name)) return list.items[i].value;
    return TEXT("none");
}

static void back(handle request, handle out)
{
    struct text value = header(request, TEXT("x-there"));
    struct field fields[] = {{TEXT("x-back"), value}};
    struct reply reply = start(out, fields, 1);
    for (size_t i = 0; i < value.size; i++) {
        unsigned b = (uint8_t)value.data[i];
        char hex[2] = {"0123456789abcdef"[b >> 4], "0123456789abcdef"[b & 15]};
        write(reply, (struct text){hex, 2});
    }
    finish(reply, 0, 0);
}

static void content(handle out, int declared, int partial)
{
    static char line[1000];
    for (size_t i = 0; i < sizeof line; i++) line[i] = 'x';
    struct field fields[] = {{TEXT("content-type"), TEXT("text/plain")}, {TEXT("trailer"), TEXT("x-sum")}};
    struct reply reply = start(out, fields, declared ? 2 : 1);
    for (int i = 0; i < 100; i++) {
        write(reply, (struct text){line, sizeof line});
        if (partial && i == 50) __builtin_trap();
    }
    struct field trailers[] = {{TEXT("x-sum"), TEXT("100000")}};
    finish(reply, trailers, 1);
}

EXPORT("wasi:http/incoming-handler@0.2.12#handle") void handle_request(handle request, handle out)
{
    arena_top = (uintptr_t)&__heap_base;
    struct option_text path;
    request_path(request, &path);
    struct field every[] = {{TEXT("x-bytes"), all_bytes()}};
    if (equal(path.value, TEXT("/bytes"))) finish(start(out, every, 1), 0, 0);
    else if (equal(path.value, TEXT("/back"))) back(request, out);
    else if (equal(path.value, TEXT("/short"))) {
        struct field trailers[] = {{TEXT("x-sum"), TEXT("5")}, every[0]};
        struct reply reply = start(out, 0, 0);
        write(reply, TEXT("short"));
        finish(reply, trailers, 2);
    } else content(out, equal(path.value, TEXT("/long")), equal(path.value, TEXT("/partial")));
    request_drop(request);
}
