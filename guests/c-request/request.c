// Requests and replies, driven by a script; and a handler that answers by wasi:messaging.
//
//   ask TOPIC TIMEOUT EXPECTED BODY      by wasi:messaging; -1 leaves an option unset, two of them all options · request SUBJECT TIMEOUT BODY   by wasmcloud:messaging
//   publish SUBJECT BODY · send TOPIC BODY
//   own BODY                             replies to a message of the guest's own
//   kept BODY                            replies to the message that the handler kept · address   where replies to it go
//
// The handler does what the content says: echo BODY, times N BODY (N replies), big BYTES, silent, bad (fails), keep (answers later),
// disguise BODY (changes the message's reply-to, then replies), via TOPIC BODY (asks, and replies with the answer).
#include "script.h"

#define TYPES "wasi:messaging/types@0.2.0-draft"
#define REQUEST_REPLY "wasi:messaging/request-reply@0.2.0-draft"

struct error { uint8_t tag; struct text message; };
struct handles { handle *items; size_t count; };
struct result { uint8_t failed; union { struct error error; handle handle; struct handles handles; struct text text; }; };
struct option_text { uint8_t some; struct text value; };
struct broker_message { struct text subject, body; struct option_text reply_to; };
struct broker_result { uint8_t failed; union { struct broker_message message; struct text text; }; };
struct pair { struct text key, value; };
struct option_pairs { uint8_t some; struct pair *items; size_t count; };

IMPORT(TYPES, "[static]client.connect") void client_connect(const char *, size_t, struct result *);
IMPORT(TYPES, "[resource-drop]client") void client_drop(handle);
IMPORT(TYPES, "[constructor]message") handle message_new(const char *, size_t);
IMPORT(TYPES, "[method]message.add-metadata") void message_add(handle, const char *, size_t, const char *, size_t);
IMPORT(TYPES, "[method]message.remove-metadata") void message_remove(handle, const char *, size_t);
IMPORT(TYPES, "[method]message.data") void message_data(handle, struct text *);
IMPORT(TYPES, "[method]message.metadata") void message_metadata(handle, struct option_pairs *);
IMPORT(TYPES, "[resource-drop]message") void message_drop(handle);
IMPORT("wasi:messaging/producer@0.2.0-draft", "send") void send(handle, const char *, size_t, handle, struct result *);
IMPORT(REQUEST_REPLY, "[constructor]request-options") handle options_new(void);
IMPORT(REQUEST_REPLY, "[method]request-options.set-timeout-ms") void options_timeout(handle, int32_t);
IMPORT(REQUEST_REPLY, "[method]request-options.set-expected-replies") void options_expected(handle, int32_t);
IMPORT(REQUEST_REPLY, "request") void ask(handle, const char *, size_t, handle, int32_t, handle, struct result *);
IMPORT(REQUEST_REPLY, "reply") void reply(handle, handle, struct result *);
IMPORT("wasmcloud:messaging/consumer@0.2.0", "request") void request(const char *, size_t, const char *, size_t, int32_t, struct broker_result *);
IMPORT("wasmcloud:messaging/consumer@0.2.0", "publish")
void publish(const char *, size_t, const char *, size_t, int32_t, const char *, size_t, struct result *);

static handle kept;

static void say_error(const struct error *e)
{
    say((const struct text[]){TEXT("timeout"), TEXT("connection: "), TEXT("denied: "), TEXT("other: ")}[e->tag]);
    if (e->tag) say(e->message);
}

static void say_result(const struct result *r) { r->failed ? say_error(&r->error) : say(TEXT("ok")); }

static void say_body(struct text body)
{
    if (body.size <= 200) return say(body);
    say_number((int64_t)body.size), say(TEXT(" bytes"));
}

static handle connect(struct result *r)
{
    client_connect("any", 3, r);
    return r->failed ? 0 : r->handle;
}

static void ask_by_wasi(struct text topic, int64_t timeout, int64_t expected, struct text body, struct result *r)
{
    handle client = connect(r);
    if (r->failed) return;
    handle message = message_new(body.data, body.size), options = 0;
    int some = timeout >= 0 || expected >= 0;
    if (some) options = options_new();
    if (timeout >= 0) options_timeout(options, (int32_t)timeout);
    if (expected >= 0) options_expected(options, (int32_t)expected);
    ask(client, topic.data, topic.size, message, some, options, r);
    message_drop(message), client_drop(client);
}

static void say_replies(const struct result *r)
{
    if (r->failed) return say_error(&r->error);
    for (size_t i = 0; i < r->handles.count; i++) {
        struct text body;
        message_data(r->handles.items[i], &body);
        message_drop(r->handles.items[i]);
        if (i) say(TEXT(", "));
        say_body(body);
    }
    if (!r->handles.count) say(TEXT("none"));
}

static struct result answer_to(handle message, struct text body)
{
    struct result r;
    reply(message, message_new(body.data, body.size), &r);
    return r;
}

static void say_address(void)
{
    struct option_pairs metadata;
    message_metadata(kept, &metadata);
    for (size_t i = 0; metadata.some && i < metadata.count; i++)
        if (same(metadata.items[i].key, TEXT("reply-to"))) say(metadata.items[i].value);
}

static void run_line(struct text first)
{
    struct result r;
    if (same(first, TEXT("ask"))) {
        struct text topic = word();
        int64_t timeout = number(word()), expected = number(word());
        ask_by_wasi(topic, timeout, expected, line(), &r);
        say_replies(&r);
    } else if (same(first, TEXT("request"))) {
        struct text subject = word();
        int64_t timeout = number(word());
        struct text body = line();
        struct broker_result b;
        request(subject.data, subject.size, body.data, body.size, (int32_t)timeout, &b);
        if (b.failed) say(b.text);
        else say_body(b.message.body);
    } else if (same(first, TEXT("publish"))) {
        struct text subject = word(), body = line();
        publish(subject.data, subject.size, body.data, body.size, 0, 0, 0, &r);
        say(r.failed ? r.text : TEXT("ok"));
    } else if (same(first, TEXT("send"))) {
        struct text topic = word(), body = line();
        handle client = connect(&r);
        if (!r.failed) send(client, topic.data, topic.size, message_new(body.data, body.size), &r), client_drop(client);
        say_result(&r);
    } else if (same(first, TEXT("own"))) {
        struct text body = line();
        handle message = message_new("x", 1);
        message_add(message, "reply-to", 8, body.data, body.size);
        r = answer_to(message, body);
        message_drop(message);
        say_result(&r);
    } else if (same(first, TEXT("kept"))) {
        r = answer_to(kept, line());
        say_result(&r);
    } else if (same(first, TEXT("address"))) say_address();
    else say(TEXT("unknown command"));
}

static struct result handler_result;

static struct result via(handle message)
{
    struct result r;
    struct text topic = word();
    ask_by_wasi(topic, -1, -1, line(), &r);
    if (r.failed || !r.handles.count) return r;
    reply(message, r.handles.items[0], &r);
    return r;
}

EXPORT("wasi:messaging/incoming-handler@0.2.0-draft#handle") struct result *handle_message(handle message)
{
    struct text body;
    struct result r = {0};
    message_data(message, &body);
    script_rest = body;
    struct text first = word();
    if (same(first, TEXT("keep"))) {
        kept = message;
        handler_result = r;
        return &handler_result;
    }
    if (same(first, TEXT("echo"))) r = answer_to(message, line());
    else if (same(first, TEXT("times"))) {
        int64_t count = number(word());
        struct text rest = line();
        while (count-- && !r.failed) r = answer_to(message, rest);
    } else if (same(first, TEXT("big"))) {
        size_t size = (size_t)number(word());
        r = answer_to(message, (struct text){arena_alloc(size, 1), size});
    } else if (same(first, TEXT("disguise"))) {
        message_remove(message, "reply-to", 8);
        message_add(message, "reply-to", 8, "elsewhere", 9);
        r = answer_to(message, line());
    } else if (same(first, TEXT("via"))) r = via(message);
    else if (same(first, TEXT("bad"))) r = (struct result){.failed = 1, .error = {3, TEXT("it is bad")}};
    message_drop(message);
    handler_result = r;
    return &handler_result;
}
