// Told of changes of a key-value store, under one of three names (-DDRAFT, -DDRAFT2, -DWASMCLOUD; -DHTTP_TOO answers requests too). Says what it is told in the log, as `set KEY VALUE`, `delete KEY`
// (of a long value how long it is), and then does what the key or the value asks for:
//
//   key ping…   sets pong… to the same · key pong…   the other way round · key again…   sets it once more
//   value trap · spin (never returns) · keep (keeps the bucket) · read (says what the bucket holds) · delete (deletes the key)
#include "arena.h"

#include "wasi_http.h"

struct result { uint8_t failed; union { struct { uint8_t tag; struct text message; } error; struct { uint8_t some; struct text value; } bytes; }; };

#if defined DRAFT || defined HTTP_TOO
#define BUCKET "wasi:keyvalue/store@0.2.0-draft"
#define WATCHER "wasi:keyvalue/watcher@0.2.0-draft"
#elif defined DRAFT2
#define BUCKET "wasi:keyvalue/store@0.2.0-draft2"
#define WATCHER "wasi:keyvalue/watcher@0.2.0-draft2"
#else
#define BUCKET "wasmcloud:keyvalue/types@0.2.0"
#define WATCHER "wasmcloud:keyvalue/watcher@0.2.0"
#endif

IMPORT(BUCKET, "[method]bucket.get") void bucket_get(handle, const char *, size_t, struct result *);
#ifdef WASMCLOUD
IMPORT(BUCKET, "[method]bucket.set")
void bucket_set_with(handle, const char *, size_t, const char *, size_t, int32_t some, int32_t has_ttl, int64_t ttl, int32_t if_not_exists, struct result *);
#define bucket_set(b, k, ks, v, vs, r) bucket_set_with(b, k, ks, v, vs, 0, 0, 0, 0, r)
#else
IMPORT(BUCKET, "[method]bucket.set") void bucket_set(handle, const char *, size_t, const char *, size_t, struct result *);
#endif
IMPORT(BUCKET, "[method]bucket.delete") void bucket_delete(handle, const char *, size_t, struct result *);
IMPORT(BUCKET, "[resource-drop]bucket") void bucket_drop(handle);
IMPORT("wasi:logging/logging@0.1.0-draft", "log") void log_line(int32_t, const char *, size_t, const char *, size_t);

static int begins(struct text t, const char *with)
{
    size_t n = 0;
    for (; with[n]; n++)
        if (n == t.size || t.data[n] != with[n]) return 0;
    return 1;
}

static int is(struct text t, const char *what)
{
    size_t n = 0;
    while (what[n]) n++;
    return t.size == n && begins(t, what);
}

static char line[512];
static size_t line_size;

static void add(struct text t)
{
    for (size_t i = 0; i < t.size && line_size < sizeof line; i++) line[line_size++] = t.data[i];
}

static void add_number(size_t n)
{
    char digits[20];
    size_t at = sizeof digits;
    do digits[--at] = (char)('0' + n % 10), n /= 10; while (n);
    add((struct text){digits + at, sizeof digits - at});
}

static void say(struct text what, struct text key, const struct text *value)
{
    line_size = 0;
    add(what), add((struct text){" ", 1}), add(key);
    if (value) {
        add((struct text){" ", 1});
        if (value->size <= 100) add(*value);
        else add_number(value->size), add((struct text){" bytes", 6});
    }
    log_line(2, "watch", 5, line, line_size);
}

// Sets the key with another beginning of the same length.
static void answer(handle bucket, struct text key, const char *beginning, struct text value)
{
    char *other = arena_alloc(key.size, 1);
    for (size_t i = 0; i < key.size; i++) other[i] = key.data[i];
    for (size_t i = 0; beginning[i]; i++) other[i] = beginning[i];
    struct result r;
    bucket_set(bucket, other, key.size, value.data, value.size, &r);
    if (r.failed) __builtin_trap();
}

EXPORT(WATCHER "#on-set") void on_set(handle bucket, const char *key_data, size_t key_size, const char *data, size_t size)
{
    struct text key = {key_data, key_size}, value = {data, size};
    struct result r;
    say((struct text){"set", 3}, key, &value);
    if (begins(key, "ping")) answer(bucket, key, "pong", value);
    else if (begins(key, "pong")) answer(bucket, key, "ping", value);
    else if (begins(key, "again")) answer(bucket, key, "", value);
    if (is(value, "trap")) __builtin_trap();
    if (is(value, "spin")) for (volatile int i = 0;; i++);
    if (is(value, "keep")) return;
    if (is(value, "read")) {
        bucket_get(bucket, key.data, key.size, &r);
        if (r.failed) __builtin_trap();
        say((struct text){"holds", 5}, key, r.bytes.some ? &r.bytes.value : 0);
    } else if (is(value, "delete")) {
        bucket_delete(bucket, key.data, key.size, &r);
        if (r.failed) __builtin_trap();
    }
    bucket_drop(bucket);
}

EXPORT(WATCHER "#on-delete") void on_delete(handle bucket, const char *key_data, size_t key_size)
{
    say((struct text){"delete", 6}, (struct text){key_data, key_size}, 0);
    bucket_drop(bucket);
}

#ifdef HTTP_TOO
EXPORT("wasi:http/incoming-handler@0.2.12#handle") void handle_request(handle request, handle out)
{
    request_drop(request);
    response_outparam_set(out, 0, response_new(fields_new()), 0, 0, 0, 0, 0, 0);
}
#endif
