// A handler that answers by wasmcloud:messaging: it publishes to the address that came with the message.
//
// The handler does what the content says: echo BODY, times N BODY (N replies), big BYTES, to ADDRESS BODY (replies to another address), bad (fails).
// It fails with the error of what it published. In a script: publish SUBJECT BODY · address   that of the last message
#include "script.h"

struct result { uint8_t failed; struct text text; };

IMPORT("wasmcloud:messaging/consumer@0.2.0", "publish")
void publish(const char *, size_t, const char *, size_t, int32_t, const char *, size_t, struct result *);

static char address_data[128];
static struct text address = {address_data, 0};

static struct result publish_to(struct text subject, struct text body)
{
    struct result r;
    publish(subject.data, subject.size, body.data, body.size, 0, 0, 0, &r);
    return r;
}

static void run_line(struct text first)
{
    if (same(first, TEXT("publish"))) {
        struct text subject = word();
        struct result r = publish_to(subject, line());
        say(r.failed ? r.text : TEXT("ok"));
    } else if (same(first, TEXT("address"))) say(address);
    else say(TEXT("unknown command"));
}

static struct result handler_result;

EXPORT("wasmcloud:messaging/handler@0.2.0#handle-message")
struct result *handle_message(const char *subject, size_t subject_size, const char *body, size_t body_size, int32_t has_reply, const char *reply_to, size_t reply_size)
{
    (void)subject, (void)subject_size;
    struct result r = {0};
    address.size = has_reply && reply_size <= sizeof address_data ? reply_size : 0;
    __builtin_memcpy(address_data, reply_to, address.size);
    script_rest = (struct text){body, body_size};
    struct text first = word();
    if (same(first, TEXT("echo"))) r = publish_to(address, line());
    else if (same(first, TEXT("times"))) {
        int64_t count = number(word());
        struct text rest = line();
        while (count-- && !r.failed) r = publish_to(address, rest);
    } else if (same(first, TEXT("big"))) {
        size_t size = (size_t)number(word());
        r = publish_to(address, (struct text){arena_alloc(size, 1), size});
    } else if (same(first, TEXT("to"))) {
        struct text other = word();
        r = publish_to(other, line());
    } else if (same(first, TEXT("bad"))) r = (struct result){1, TEXT("it is bad")};
    handler_result = r;
    return &handler_result;
}
