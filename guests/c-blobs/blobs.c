// Blob containers, driven by a script:
//
//   create NAME · open NAME · exists NAME · remove NAME      containers; create and open make it the current one
//   write OBJECT TEXT · late OBJECT TEXT (write-data before the bytes) · fill OBJECT BYTES · abandon OBJECT TEXT (never finished)
//   read OBJECT START END · stream OBJECT (by a stream: size and a sum of its bytes) · has OBJECT · size OBJECT · delete OBJECT · clear · list [PER-CALL]
//   copy CONTAINER OBJECT CONTAINER OBJECT · move CONTAINER OBJECT CONTAINER OBJECT
#include "script.h"

#define TYPES "wasi:blobstore/types@0.2.0-draft"
#define CONTAINER "wasi:blobstore/container@0.2.0-draft"
#define STORE "wasi:blobstore/blobstore@0.2.0-draft"
#define STREAMS "wasi:io/streams@0.2.12"

struct result { uint8_t failed; union { handle handle; uint8_t flag; struct text text; struct { struct texts names; uint8_t end; } names; }; };
struct result_info { uint8_t failed; union { struct text error; struct { struct text name, container; uint64_t created, size; } info; }; };
struct result_bytes { uint8_t failed; struct text value; };
struct result_unit { uint32_t words[4]; };

IMPORT(STORE, "create-container") void create_container(const char *, size_t, struct result *);
IMPORT(STORE, "get-container") void get_container(const char *, size_t, struct result *);
IMPORT(STORE, "delete-container") void delete_container(const char *, size_t, struct result *);
IMPORT(STORE, "container-exists") void container_exists(const char *, size_t, struct result *);
IMPORT(STORE, "copy-object")
void copy_object(const char *, size_t, const char *, size_t, const char *, size_t, const char *, size_t, struct result *);
IMPORT(STORE, "move-object")
void move_object(const char *, size_t, const char *, size_t, const char *, size_t, const char *, size_t, struct result *);
IMPORT(CONTAINER, "[method]container.get-data") void get_data(handle, const char *, size_t, uint64_t, uint64_t, struct result *);
IMPORT(CONTAINER, "[method]container.write-data") void write_data(handle, const char *, size_t, handle, struct result *);
IMPORT(CONTAINER, "[method]container.list-objects") void list_objects(handle, struct result *);
IMPORT(CONTAINER, "[method]container.delete-object") void delete_object(handle, const char *, size_t, struct result *);
IMPORT(CONTAINER, "[method]container.has-object") void has_object(handle, const char *, size_t, struct result *);
IMPORT(CONTAINER, "[method]container.object-info") void object_info(handle, const char *, size_t, struct result_info *);
IMPORT(CONTAINER, "[method]container.clear") void clear_container(handle, struct result *);
IMPORT(CONTAINER, "[method]stream-object-names.read-stream-object-names") void read_names(handle, uint64_t, struct result *);
IMPORT(CONTAINER, "[resource-drop]stream-object-names") void names_drop(handle);
IMPORT(TYPES, "[static]outgoing-value.new-outgoing-value") handle outgoing_new(void);
IMPORT(TYPES, "[method]outgoing-value.outgoing-value-write-body") void outgoing_body(handle, struct result *);
IMPORT(TYPES, "[static]outgoing-value.finish") void outgoing_finish(handle, struct result *);
IMPORT(TYPES, "[resource-drop]outgoing-value") void outgoing_drop(handle);
IMPORT(TYPES, "[static]incoming-value.incoming-value-consume-sync") void consume_sync(handle, struct result *);
IMPORT(TYPES, "[static]incoming-value.incoming-value-consume-async") void consume_async(handle, struct result *);
IMPORT(TYPES, "[method]incoming-value.size") uint64_t incoming_size(handle);
IMPORT(STREAMS, "[method]output-stream.blocking-write-and-flush") void stream_write(handle, const char *, size_t, struct result_unit *);
IMPORT(STREAMS, "[resource-drop]output-stream") void output_drop(handle);
IMPORT(STREAMS, "[method]input-stream.blocking-read") void stream_read(handle, uint64_t, struct result_bytes *);
IMPORT(STREAMS, "[resource-drop]input-stream") void input_drop(handle);

static handle container;

static int failed(const struct result *r)
{
    if (r->failed) say(TEXT("error: ")), say(r->text);
    return r->failed;
}

static void say_ok(const struct result *r)
{
    if (!failed(r)) say(TEXT("ok"));
}

static void write_body(handle value, struct text text)
{
    struct result body;
    outgoing_body(value, &body);
    if (body.failed) __builtin_trap();
    while (text.size) {
        struct result_unit r;
        size_t n = text.size < 4096 ? text.size : 4096;
        stream_write(body.handle, text.data, n, &r);
        if ((uint8_t)r.words[0]) break;
        text.data += n, text.size -= n;
    }
    output_drop(body.handle);
}

static void write(struct text name, struct text text, int late, int finish)
{
    handle value = outgoing_new();
    struct result r;
    if (!late) write_body(value, text);
    write_data(container, name.data, name.size, value, &r);
    if (failed(&r)) return outgoing_drop(value);
    if (late) write_body(value, text);
    if (finish) {
        outgoing_finish(value, &r);
        return say_ok(&r);
    }
    outgoing_drop(value);
    say(TEXT("dropped"));
}

static void read_stream(struct text name)
{
    struct result r;
    get_data(container, name.data, name.size, 0, UINT64_MAX, &r);
    if (failed(&r)) return;
    say_number((int64_t)incoming_size(r.handle));
    consume_async(r.handle, &r);
    if (failed(&r)) return;
    uint64_t size = 0, sum = 0;
    uintptr_t mark = arena_top;
    for (struct result_bytes chunk;; arena_top = mark) {
        stream_read(r.handle, 65536, &chunk);
        if (chunk.failed) break;
        size += chunk.value.size;
        for (size_t i = 0; i < chunk.value.size; i++) sum += (uint8_t)chunk.value.data[i];
    }
    input_drop(r.handle);
    say(TEXT(" ")), say_number((int64_t)size), say(TEXT(" ")), say_number((int64_t)sum);
}

static void list(uint64_t per_call)
{
    struct result r;
    list_objects(container, &r);
    if (failed(&r)) return;
    handle names = r.handle;
    do {
        read_names(names, per_call, &r);
        if (failed(&r)) return;
        say(TEXT("["));
        for (size_t i = 0; i < r.names.names.count; i++) {
            if (i) say(TEXT(" "));
            say(r.names.names.items[i]);
        }
        say(TEXT("]"));
    } while (!r.names.end);
    names_drop(names);
}

static void run_line(struct text first)
{
    struct text a = word();
    struct result r;
    if (same(first, TEXT("create")) || same(first, TEXT("open"))) {
        (same(first, TEXT("open")) ? get_container : create_container)(a.data, a.size, &r);
        if (failed(&r)) return;
        container = r.handle;
        say(TEXT("ok"));
    } else if (same(first, TEXT("exists"))) {
        container_exists(a.data, a.size, &r);
        if (!failed(&r)) say(r.flag ? TEXT("true") : TEXT("false"));
    } else if (same(first, TEXT("remove"))) delete_container(a.data, a.size, &r), say_ok(&r);
    else if (same(first, TEXT("write"))) write(a, word(), 0, 1);
    else if (same(first, TEXT("late"))) write(a, word(), 1, 1);
    else if (same(first, TEXT("abandon"))) write(a, word(), 0, 0);
    else if (same(first, TEXT("fill"))) {
        size_t size = (size_t)number(word());
        char *bytes = arena_alloc(size, 1);
        for (size_t i = 0; i < size; i++) bytes[i] = 1;
        write(a, (struct text){bytes, size}, 0, 1);
    } else if (same(first, TEXT("read"))) {
        int64_t start = number(word()), end = number(word());
        get_data(container, a.data, a.size, (uint64_t)start, (uint64_t)end, &r);
        if (failed(&r)) return;
        consume_sync(r.handle, &r);
        if (!failed(&r)) say(TEXT("data ")), say(r.text);
    } else if (same(first, TEXT("stream"))) read_stream(a);
    else if (same(first, TEXT("has"))) {
        has_object(container, a.data, a.size, &r);
        if (!failed(&r)) say(r.flag ? TEXT("true") : TEXT("false"));
    } else if (same(first, TEXT("size"))) {
        struct result_info info;
        object_info(container, a.data, a.size, &info);
        if (info.failed) say(TEXT("error: ")), say(info.error);
        else say_number((int64_t)info.info.size);
    } else if (same(first, TEXT("delete"))) delete_object(container, a.data, a.size, &r), say_ok(&r);
    else if (same(first, TEXT("clear"))) clear_container(container, &r), say_ok(&r);
    else if (same(first, TEXT("list"))) list(a.size ? (uint64_t)number(a) : 1000);
    else {
        struct text b = word(), c = word(), d = word();
        (same(first, TEXT("move")) ? move_object : copy_object)(a.data, a.size, b.data, b.size, c.data, c.size, d.data, d.size, &r);
        say_ok(&r);
    }
}
