// wasi:http/incoming-handler in front of a C# method:
//   static byte[] Program.Handle(string method, string path, byte[] body, ref int status)
// The runtime is started once, by `guest_initialize`: before the first request, or when the guest is built.
#include "runtime.h"
#include "wasi_http.h"
#include <mono/metadata/mono-gc.h>
#include <stdlib.h>
#include <string.h>

static MonoMethod *handler;

EXPORT("guest_initialize") void guest_initialize(void)
{
    if (handler) return;
    MonoImage *image = runtime_start();
    handler = mono_class_get_method_from_name(mono_class_from_name(image, "", "Program"), "Handle", 4);
    if (!handler) abort();
    // One request now pays for the classes and code that every request needs.
    int status = 200;
    void *parameters[] = {mono_string_new(mono_domain_get(), "GET"), mono_string_new(mono_domain_get(), "/"),
                          mono_array_new(mono_domain_get(), mono_get_byte_class(), 0), &status};
    MonoObject *exception = 0;
    mono_runtime_invoke(handler, 0, parameters, &exception);
}

EXPORT("cabi_realloc") void *cabi_realloc(void *old, size_t, size_t align, size_t size)
{
    void *p = size ? realloc(old, size) : (void *)align;
    if (!p) abort();
    return p;
}

static MonoString *text_of(const char *data, size_t size) { return mono_string_new_len(mono_domain_get(), data, (unsigned)size); }

static MonoString *method_of(handle request)
{
    static const char *const names[] = {"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"};
    uint32_t method[3];
    request_method(request, method);
    uint8_t tag = (uint8_t)method[0];
    if (tag < sizeof names / sizeof *names) return mono_string_new(mono_domain_get(), names[tag]);
    MonoString *other = text_of((const char *)method[1], method[2]);
    free((void *)method[1]);
    return other;
}

static MonoArray *body_of(handle request)
{
    struct result_handle r;
    request_consume(request, &r);
    handle body = r.value;
    incoming_body_stream(body, &r);
    handle stream = r.value;
    char *all = 0;
    size_t size = 0;
    for (struct result_bytes chunk; stream_blocking_read(stream, 65536, &chunk), !chunk.failed; free((void *)chunk.value.data)) {
        all = realloc(all, size + chunk.value.size + 1);
        if (!all) abort();
        memcpy(all + size, chunk.value.data, chunk.value.size);
        size += chunk.value.size;
    }
    input_stream_drop(stream);
    incoming_body_drop(body);
    MonoArray *array = mono_array_new(mono_domain_get(), mono_get_byte_class(), size);
    memcpy(mono_array_addr(array, char, 0), all, size);
    free(all);
    return array;
}

static void send(handle out, int status, const char *data, size_t size)
{
    static const struct field json = {{"content-type", 12}, {"application/json", 16}};
    struct result_handle r;
    struct result_unit ignored;
    fields_from_list(&json, 1, &r);
    handle response = response_new(r.value);
    response_set_status(response, status);
    response_body(response, &r);
    handle body = r.value;
    response_outparam_set(out, 0, response, 0, 0, 0, 0, 0, 0);
    outgoing_body_write(body, &r);
    for (size_t n; size; data += n, size -= n) { // at most 4096 bytes a call
        n = size < 4096 ? size : 4096;
        stream_blocking_write_and_flush(r.value, data, n, &ignored);
        if ((uint8_t)ignored.words[0]) break;
    }
    output_stream_drop(r.value);
    outgoing_body_finish(body, 0, 0, &ignored);
}

EXPORT("wasi:http/incoming-handler@0.2.12#handle") void handle_request(handle request, handle out)
{
    guest_initialize();
    struct option_text path;
    request_path(request, &path);
    MonoString *path_string = path.some ? text_of(path.value.data, path.value.size) : mono_string_new(mono_domain_get(), "/");
    if (path.some) free((void *)path.value.data);
    int status = 200;
    void *parameters[] = {method_of(request), path_string, body_of(request), &status};
    request_drop(request);
    MonoObject *exception = 0;
    MonoArray *answer = (MonoArray *)mono_runtime_invoke(handler, 0, parameters, &exception);
    if (exception) {
        static const char problem[] = "{\"error\":\"the guest failed\"}";
        runtime_report(exception);
        return send(out, 500, problem, sizeof problem - 1);
    }
    // `answer` stays where it is: the collector scans this stack conservatively.
    send(out, status, mono_array_addr(answer, char, 0), mono_array_length(answer));
    while (runtime_pump()) {}
}
