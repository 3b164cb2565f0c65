// Messaging and logging, driven by a script; and a handler of messages.
//
//   send TOPIC BODY [KEY VALUE]   by wasi:messaging, with metadata · fill TOPIC BYTES · publish SUBJECT BODY   by wasmcloud:messaging
//   log LEVEL MESSAGE   (LEVEL a number)
//   handled                       what the handler was given last: TOPIC BODY [KEY VALUE]
//
// The handler fails for a body that begins with `bad`.
#include "script.h"

#define TYPES "wasi:messaging/types@0.2.0-draft"

struct error { uint8_t tag; struct text message; };
struct result { uint8_t failed; union { struct error error; handle handle; struct text text; }; };
struct broker_message { struct text subject, body; uint8_t has_reply; struct text reply_to; };
struct option_text { uint8_t some; struct text value; };
struct pair { struct text key, value; };
struct option_pairs { uint8_t some; struct pair *items; size_t count; };

IMPORT(TYPES, "[static]client.connect") void client_connect(const char *, size_t, struct result *);
IMPORT(TYPES, "[resource-drop]client") void client_drop(handle);
IMPORT(TYPES, "[constructor]message") handle message_new(const char *, size_t);
IMPORT(TYPES, "[method]message.add-metadata") void message_add(handle, const char *, size_t, const char *, size_t);
IMPORT(TYPES, "[method]message.topic") void message_topic(handle, struct option_text *);
IMPORT(TYPES, "[method]message.data") void message_data(handle, struct text *);
IMPORT(TYPES, "[method]message.metadata") void message_metadata(handle, struct option_pairs *);
IMPORT(TYPES, "[resource-drop]message") void message_drop(handle);
IMPORT("wasi:messaging/producer@0.2.0-draft", "send") void send(handle, const char *, size_t, handle, struct result *);
IMPORT("wasmcloud:messaging/consumer@0.2.0", "publish")
void publish(const char *, size_t, const char *, size_t, int32_t, const char *, size_t, struct result *);
IMPORT("wasi:logging/logging@0.1.0-draft", "log") void log_line(int32_t, const char *, size_t, const char *, size_t);

static struct text handled_topic, handled_body;
static struct pair handled_pair;

static struct text keep(struct text t)
{
    char *copy = arena_alloc(t.size, 1);
    __builtin_memcpy(copy, t.data, t.size);
    return (struct text){copy, t.size};
}

static void say_result(const struct result *r)
{
    if (!r->failed) return say(TEXT("ok"));
    say((const struct text[]){TEXT("timeout"), TEXT("connection: "), TEXT("denied: "), TEXT("other: ")}[r->error.tag]);
    if (r->error.tag) say(r->error.message);
}

static void send_by_wasi(struct text topic, struct text body)
{
    struct result r;
    client_connect("any", 3, &r);
    if (r.failed) return say_result(&r);
    handle client = r.handle, message = message_new(body.data, body.size);
    struct text key = word(), value = word();
    if (key.size) message_add(message, key.data, key.size, value.data, value.size);
    send(client, topic.data, topic.size, message, &r);
    client_drop(client);
    say_result(&r);
}

static void run_line(struct text first)
{
    struct text topic = word();
    if (same(first, TEXT("send"))) send_by_wasi(topic, word());
    else if (same(first, TEXT("fill"))) {
        size_t size = (size_t)number(word());
        send_by_wasi(topic, (struct text){arena_alloc(size, 1), size});
    } else if (same(first, TEXT("publish"))) {
        struct text body = word();
        struct result r;
        publish(topic.data, topic.size, body.data, body.size, 0, 0, 0, &r);
        say(r.failed ? r.text : TEXT("ok"));
    } else if (same(first, TEXT("log"))) {
        struct text message = line();
        log_line((int32_t)number(topic), "script", 6, message.data, message.size);
        say(TEXT("ok"));
    } else if (same(first, TEXT("handled"))) {
        say(handled_topic), say(TEXT(" ")), say(handled_body);
        if (handled_pair.key.size) say(TEXT(" ")), say(handled_pair.key), say(TEXT(" ")), say(handled_pair.value);
    } else say(TEXT("unknown command"));
}

static struct result handler_result;

EXPORT("wasi:messaging/incoming-handler@0.2.0-draft#handle") struct result *handle_message(handle message)
{
    struct option_text topic;
    struct text body;
    struct option_pairs metadata;
    message_topic(message, &topic);
    message_data(message, &body);
    message_metadata(message, &metadata);
    message_drop(message);
    handled_topic = topic.some ? keep(topic.value) : TEXT("-");
    handled_body = keep(body);
    if (metadata.some && metadata.count) handled_pair = (struct pair){keep(metadata.items[0].key), keep(metadata.items[0].value)};
    handler_result = (struct result){0};
    if (body.size >= 3 && !memcmp(body.data, "bad", 3)) handler_result = (struct result){.failed = 1, .error = {3, TEXT("it is bad")}};
    return &handler_result;
}
