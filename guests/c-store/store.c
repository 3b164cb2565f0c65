// What an app was granted, by HTTP. 200 and the answer; 404 when there is nothing; 503 and the reason when the host refuses or its backend is away.
//
//   /env                 the environment, a line NAME=VALUE each
//   /config/NAME         a value of wasi:config
//   /get/KEY             from the key-value store `default`
//   /set/KEY/VALUE
//   /send/TOPIC/BODY     by wasi:messaging
#include "arena.h"
#include "wasi_http.h"

#define TEXT(s) ((struct text){(s), sizeof(s) - 1})
#define KV "wasi:keyvalue/store@0.2.0-draft2"
#define TYPES "wasi:messaging/types@0.2.0-draft"

struct error { uint8_t tag; struct text message; };
struct result { uint8_t failed; union { struct error error; struct option_text option; handle handle; }; };

IMPORT("wasi:cli/environment@0.2.12", "get-environment") void get_environment(struct fields_list *);
IMPORT("wasi:config/store@0.2.0-rc.1", "get") void config_get(const char *, size_t, struct result *);
IMPORT(KV, "open") void store_open(const char *, size_t, struct result *);
IMPORT(KV, "[method]bucket.get") void store_get(handle, const char *, size_t, struct result *);
IMPORT(KV, "[method]bucket.set") void store_set(handle, const char *, size_t, const char *, size_t, struct result *);
IMPORT(TYPES, "[static]client.connect") void client_connect(const char *, size_t, struct result *);
IMPORT(TYPES, "[constructor]message") handle message_new(const char *, size_t);
IMPORT("wasi:messaging/producer@0.2.0-draft", "send") void message_send(handle, const char *, size_t, handle, struct result *);

static void reply(handle out, int status, struct text text)
{
    struct result_handle r;
    struct result_unit u;
    fields_from_list(0, 0, &r);
    handle response = response_new(r.value);
    if (status != 200 && response_set_status(response, status) != 0) __builtin_trap();
    response_body(response, &r);
    handle body = r.value;
    response_outparam_set(out, 0, response, 0, 0, 0, 0, 0, 0);
    outgoing_body_write(body, &r);
    for (size_t n; text.size; text.data += n, text.size -= n) {
        n = text.size < 4096 ? text.size : 4096;
        stream_blocking_write_and_flush(r.value, text.data, n, &u);
        if ((uint8_t)u.words[0]) break;
    }
    output_stream_drop(r.value);
    outgoing_body_finish(body, 0, 0, &u);
}

// A failure without words is told by the number of its case.
static void refuse(handle out, const struct error *error, int spoken)
{
    static char number[] = "error 0";
    if (error->tag >= spoken) return reply(out, 503, error->message);
    number[6] = (char)('0' + error->tag);
    reply(out, 503, (struct text){number, 7});
}

static void environment(handle out)
{
    struct fields_list list;
    get_environment(&list);
    char *text = arena_alloc(0, 1);
    size_t size = 0;
    for (size_t i = 0; i < list.count; i++) {
        struct field f = list.items[i];
        arena_alloc(f.name.size + f.value.size + 2, 1);
        __builtin_memcpy(text + size, f.name.data, f.name.size), size += f.name.size;
        text[size++] = '=';
        __builtin_memcpy(text + size, f.value.data, f.value.size), size += f.value.size;
        text[size++] = '\n';
    }
    reply(out, 200, (struct text){text, size});
}

static void say(handle out, const struct result *r, int spoken)
{
    if (r->failed) return refuse(out, &r->error, spoken);
    reply(out, r->option.some ? 200 : 404, r->option.some ? r->option.value : TEXT("none"));
}

static struct text segment(struct text *path)
{
    struct text s = {path->data, 0};
    while (s.size < path->size && s.data[s.size] != '/' && s.data[s.size] != '?') s.size++;
    size_t skip = s.size + (s.size < path->size);
    path->data += skip, path->size -= skip;
    return s;
}

static int same(struct text a, struct text b)
{
    if (a.size != b.size) return 0;
    for (size_t i = 0; i < a.size; i++)
        if (a.data[i] != b.data[i]) return 0;
    return 1;
}

static void store(handle out, struct text command, struct text key, struct text value)
{
    struct result r;
    store_open("default", 7, &r);
    if (r.failed) return refuse(out, &r.error, 2);
    handle bucket = r.handle;
    if (same(command, TEXT("get"))) return store_get(bucket, key.data, key.size, &r), say(out, &r, 2);
    store_set(bucket, key.data, key.size, value.data, value.size, &r);
    if (r.failed) return refuse(out, &r.error, 2);
    reply(out, 200, TEXT("ok"));
}

static void send_message(handle out, struct text topic, struct text body)
{
    struct result r;
    client_connect("any", 3, &r);
    if (r.failed) return refuse(out, &r.error, 1);
    message_send(r.handle, topic.data, topic.size, message_new(body.data, body.size), &r);
    if (r.failed) return refuse(out, &r.error, 1);
    reply(out, 200, TEXT("ok"));
}

EXPORT("wasi:http/incoming-handler@0.2.12#handle") void handle_request(handle request, handle out)
{
    struct option_text option;
    struct result r;
    request_path(request, &option);
    request_drop(request);
    struct text path = option.value;
    segment(&path);
    struct text command = segment(&path), first = segment(&path), second = segment(&path);
    if (same(command, TEXT("env"))) environment(out);
    else if (same(command, TEXT("config"))) config_get(first.data, first.size, &r), say(out, &r, 0);
    else if (same(command, TEXT("get")) || same(command, TEXT("set"))) store(out, command, first, second);
    else if (same(command, TEXT("send"))) send_message(out, first, second);
    else reply(out, 404, TEXT("not found"));
}
