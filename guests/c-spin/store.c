// A key-value app as one writes it for Spin: the path is the key. GET answers with the value, POST sets it to the body, DELETE deletes it, HEAD asks whether it is there.
#include "answer.h"

#define SPIN "fermyon:spin/key-value@2.0.0"

struct error { uint8_t tag; struct text message; };
struct result { uint8_t failed; union { struct error error; struct { uint8_t some; struct text text; } value; handle handle; uint8_t flag; }; };

IMPORT(SPIN, "[static]store.open") void store_open(const char *, size_t, struct result *);
IMPORT(SPIN, "[method]store.get") void store_get(handle, const char *, size_t, struct result *);
IMPORT(SPIN, "[method]store.set") void store_set(handle, const char *, size_t, const char *, size_t, struct result *);
IMPORT(SPIN, "[method]store.delete") void store_delete(handle, const char *, size_t, struct result *);
IMPORT(SPIN, "[method]store.exists") void store_exists(handle, const char *, size_t, struct result *);
IMPORT(SPIN, "[resource-drop]store") void store_drop(handle);

static void fail(handle out, const struct error *error)
{
    answer_text(out, error->tag == 2 ? 403 : 500, error->tag < 3
        ? (const struct text[]){TEXT("store table full"), TEXT("no such store"), TEXT("access denied")}[error->tag] : error->message);
}

EXPORT("wasi:http/incoming-handler@0.2.12#handle") void handle_request(handle request, handle out)
{
    arena_top = (uintptr_t)&__heap_base;
    struct text key = path_of(request), body;
    int method = method_of(request);
    struct result opened, r;
    store_open("default", 7, &opened);
    if (opened.failed) return fail(out, &opened.error);
    handle store = opened.handle;
    switch (method) {
    case GET: store_get(store, key.data, key.size, &r); break;
    case HEAD: store_exists(store, key.data, key.size, &r); break;
    case DELETE: store_delete(store, key.data, key.size, &r); break;
    case POST:
        body = body_of(request);
        store_set(store, key.data, key.size, body.data, body.size, &r);
        break;
    default: return answer_text(out, 405, TEXT(""));
    }

    if (r.failed) fail(out, &r.error);
    else if (method == GET) answer_text(out, r.value.some ? 200 : 404, r.value.some ? r.value.text : TEXT(""));
    else answer_text(out, method == POST ? 201 : method == DELETE || r.flag ? 200 : 404, TEXT(""));
    store_drop(store);
    request_drop(request);
}
