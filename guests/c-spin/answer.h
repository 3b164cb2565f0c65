// Requests and answers of the Spin-style apps: a path, a body of up to 64 KiB, and an answer in one piece.
#pragma once
#include "arena.h"
#include "wasi_http.h"

#define TEXT(s) ((struct text){(s), sizeof(s) - 1})

enum { GET, HEAD, POST, PUT, DELETE };

static int method_of(handle request)
{
    uint32_t ret[3];
    request_method(request, ret);
    return (uint8_t)ret[0];
}

static inline struct text path_of(handle request)
{
    struct option_text path;
    request_path(request, &path);
    return path.some ? path.value : TEXT("/");
}

static inline struct text body_of(handle request)
{
    struct result_handle r;
    request_consume(request, &r);
    handle body = r.value;
    incoming_body_stream(body, &r);
    struct text all = {arena_alloc(65536, 1), 0};
    for (;;) {
        struct result_bytes chunk;
        stream_blocking_read(r.value, 65536 - all.size, &chunk);
        if (chunk.failed || all.size == 65536) break;
        __builtin_memcpy((char *)all.data + all.size, chunk.value.data, chunk.value.size);
        all.size += chunk.value.size;
    }
    input_stream_drop(r.value);
    incoming_body_drop(body);
    return all;
}

static void answer(handle out, int status, struct text type, struct text text)
{
    struct field fields[] = {{TEXT("content-type"), type}};
    struct result_handle r;
    struct result_unit done;
    fields_from_list(fields, 1, &r);
    handle response = response_new(r.value);
    response_set_status(response, status);
    response_body(response, &r);
    handle body = r.value;
    response_outparam_set(out, 0, response, 0, 0, 0, 0, 0, 0);
    outgoing_body_write(body, &r);
    for (size_t at = 0; at < text.size; at += 4096)
        stream_blocking_write_and_flush(r.value, text.data + at, text.size - at < 4096 ? text.size - at : 4096, &done);
    output_stream_drop(r.value);
    outgoing_body_finish(body, 0, 0, &done);
}

static void answer_text(handle out, int status, struct text text) { answer(out, status, TEXT("text/plain"), text); }
