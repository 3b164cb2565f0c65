// A guest that tells of itself by wasi:otel, answering HTTP.
//
//   /                   a span of kind server with a child: attributes, an event, a link, an error; a gauge, a sum, two histograms, a log record. Answers TRACE SPAN SAMPLED, as the host told them
//   /current            the same by current-span-context
//   /out/HOST:PORT/PATH a request in the name of an open client span below an open one; answers with the status
//   /spans/N            N spans, begun and ended
//   /open/N             N spans that never end, and one within the first of them that does
//   /order              a child that ends after its parent, a grandchild that ends before both, and a span without on-start
//   /twice              one span that begins and ends twice
//   /circle             two spans that each have the other as parent
//   /ids                ids that are none
//   /times              times that cannot be
//   /huge               a span with 5,000 attributes of 5,000 characters, whose name is as long
//   /sum/N              a cumulative sum of N, then of N + 1, and a delta of 1
//   /series/N           a gauge with N sets of attributes; answers with the error, or "ok"
//   /names              metrics whose names, buckets or values are none
//   /logs/N             N log records
//   /forge              attributes and log records that would be somebody else's
#include "arena.h"
#include "wasi_otel.h"

#define TEXT(s) ((struct text){(s), sizeof(s) - 1})
#define LIST(array) ((struct list){(array), sizeof(array) / sizeof(*(array))})

IMPORT(OTEL_TRACING, "current-span-context") void current_span_context(struct span_context *ret);
IMPORT(HTTP, "[constructor]outgoing-request") handle outgoing_request_new(handle fields);
IMPORT(HTTP, "[method]outgoing-request.set-scheme") int32_t outgoing_request_set_scheme(handle, int32_t some, int32_t kind, const char *, size_t);
IMPORT(HTTP, "[method]outgoing-request.set-authority") int32_t outgoing_request_set_authority(handle, int32_t some, const char *, size_t);
IMPORT(HTTP, "[method]outgoing-request.set-path-with-query") int32_t outgoing_request_set_path(handle, int32_t some, const char *, size_t);
IMPORT("wasi:http/outgoing-handler@0.2.12", "handle") void outgoing_handle(handle, int32_t some, handle options, void *ret);
IMPORT(HTTP, "[method]future-incoming-response.subscribe") handle future_subscribe(handle);
IMPORT(HTTP, "[method]future-incoming-response.get") void future_get(handle, void *ret);
IMPORT(HTTP, "[resource-drop]future-incoming-response") void future_drop(handle);
IMPORT(HTTP, "[method]incoming-response.status") int32_t incoming_status(handle);
IMPORT(HTTP, "[resource-drop]incoming-response") void incoming_drop(handle);

void *memcpy(void *to, const void *from, size_t size)
{
    char *t = to;
    const char *f = from;
    while (size--) *t++ = *f++;
    return to;
}

void *memset(void *to, int value, size_t size)
{
    for (char *t = to; size--;) *t++ = (char)value;
    return to;
}

static struct text join(struct text a, struct text b)
{
    char *p = arena_alloc(a.size + b.size, 1);
    memcpy(p, a.data, a.size), memcpy(p + a.size, b.data, b.size);
    return (struct text){p, a.size + b.size};
}

static struct text hex(uint64_t n)
{
    char *p = arena_alloc(16, 1);
    for (int i = 15; i >= 0; i--, n >>= 4) p[i] = "0123456789abcdef"[n & 15];
    return (struct text){p, 16};
}

static struct text filled(size_t size)
{
    char *p = arena_alloc(size, 1);
    memset(p, 'x', size);
    return (struct text){p, size};
}

static const struct field text_plain[] = {{TEXT("content-type"), TEXT("text/plain")}};

static void reply_text(handle out, struct text text)
{
    struct result_handle r;
    struct result_unit done;
    fields_from_list(text_plain, 1, &r);
    handle response = response_new(r.value);
    response_body(response, &r);
    handle body = r.value;
    response_outparam_set(out, 0, response, 0, 0, 0, 0, 0, 0);
    outgoing_body_write(body, &r);
    handle stream = r.value;
    stream_blocking_write_and_flush(stream, text.data, text.size < 4096 ? text.size : 4096, &done);
    output_stream_drop(stream);
    outgoing_body_finish(body, 0, 0, &done);
}

// Spans.

static struct span_context outer;
static const struct scope scope = {.name = TEXT("c-otel"), .version = {1, TEXT("1.0")}};

static struct span begin(uint64_t id, struct text parent, enum span_kind kind, struct text name)
{
    struct span span = {.parent = parent, .kind = kind, .name = name, .scope = scope};
    span.context = (struct span_context){outer.trace, hex(id), outer.sampled, 0, {0, 0}};
    clock_now(&span.start);
    span_start(span.context.trace.data, span.context.trace.size, span.context.span.data, 16, span.context.sampled, 0, 0, 0);
    return span;
}

static void end(struct span *span)
{
    clock_now(&span->end);
    span_end(span);
}

// Metrics.

static struct export_result tell(const struct metric *metrics, size_t count)
{
    const struct scope_metrics scopes[] = {{{.name = TEXT("c-otel")}, {metrics, count}}};
    struct export_result r;
    metrics_export(0, 0, 0, 0, 0, scopes, 1, &r);
    return r;
}

static struct metric gauge(struct text name, const struct point *points, size_t count)
{
    struct metric m = {.name = name, .description = TEXT("a gauge"), .unit = TEXT("1"), .data = {.type = F64_GAUGE}};
    m.data.gauge.points = (struct list){points, count};
    clock_now(&m.data.gauge.time);
    return m;
}

static struct datetime started; // of this instance

static struct metric sum(enum metric_type type, struct text name, struct text unit, struct list points, enum temporality temporality)
{
    struct metric m = {.name = name, .description = TEXT("a sum"), .unit = unit, .data = {.type = (uint8_t)type}};
    m.data.sum.points = points;
    m.data.sum.start = started;
    m.data.sum.temporality = (uint8_t)temporality;
    m.data.sum.is_monotonic = 1;
    clock_now(&m.data.sum.time);
    return m;
}

static void log_text(uint8_t severity, struct text body, struct list attributes, struct text span)
{
    struct log_record record = {.severity = {1, severity}, .body = {1, body}, .attributes = {1, attributes}, .trace = {1, outer.trace}, .span = {span.size > 0, span}};
    record.time.some = 1, clock_now(&record.time.value);
    log_emit(&record);
}

static void everything(void)
{
    static const struct attribute attributes[] = {{TEXT("text"), TEXT("\"a \\u00e9\"")}, {TEXT("count"), TEXT("42")}, {TEXT("ratio"), TEXT("0.5")}, {TEXT("yes"), TEXT("true")},
        {TEXT("list"), TEXT("[\"a\",\"b\"]")}, {TEXT("plain"), TEXT("no json")}};
    static const struct attribute item[] = {{TEXT("item"), TEXT("\"apple\"")}};
    struct span root = begin(0xa1, outer.span, SERVER, TEXT("handle order"));
    root.attributes = LIST(attributes);
    struct span child = begin(0xa2, root.context.span, INTERNAL, TEXT("look up"));
    struct event events[] = {{TEXT("cache miss"), child.start, LIST(item)}};
    struct link links[] = {{root.context, LIST(item)}, {{TEXT("0af7651916cd43dd8448eb211c80319c"), TEXT("b7ad6b7169203331"), 1, 1, {0, 0}}, {0, 0}}};
    child.events = LIST(events), child.links = LIST(links);
    child.status.tag = ERROR, child.status.error = TEXT("not there");
    child.dropped_events = 3;
    end(&child);
    log_text(17, TEXT("\"order failed\""), LIST(item), child.context.span);
    root.status.tag = OK;
    end(&root);

    const struct point temperature[] = {{LIST(item), {F64, .real = 21.5}, {0, 0}}}, orders[] = {{LIST(item), {U64, .whole = 3}, {0, 0}}};
    static const double bounds[] = {0.1, 1};
    static const uint64_t counts[] = {2, 1, 1}, powers[] = {1, 2};
    const struct histogram_point sizes[] = {{.attributes = LIST(item), .count = 4, .bounds = LIST(bounds), .counts = LIST(counts), .sum = {F64, .real = 5.25}}};
    const struct exponential_point waits[] = {{.count = 4, .sum = {F64, .real = 9}, .scale = 0, .zeros = 1, .positive = {0, LIST(powers)}}};
    struct metric metrics[] = {
        gauge(TEXT("temperature"), temperature, 1),
        sum(U64_SUM, TEXT("orders"), TEXT("{order}"), LIST(orders), CUMULATIVE),
        sum(F64_HISTOGRAM, TEXT("size"), TEXT("kg"), LIST(sizes), CUMULATIVE),
        sum(F64_EXPONENTIAL, TEXT("wait"), TEXT("s"), LIST(waits), DELTA),
    };
    if (tell(metrics, 4).failed) __builtin_trap();
}

static void spans(uint32_t count)
{
    struct text name = TEXT("one of many");
    uintptr_t mark = arena_top;
    for (uint32_t i = 1; i <= count; i++, arena_top = mark) {
        struct span span = begin(i, outer.span, INTERNAL, name);
        end(&span);
    }
}

static void open_spans(uint32_t count)
{
    uintptr_t mark = arena_top;
    for (uint32_t i = 1; i <= count; i++, arena_top = mark) begin(i, outer.span, INTERNAL, TEXT("open"));
    struct span inner = begin(count + 1, hex(1), INTERNAL, TEXT("ended"));
    end(&inner);
}

static void order(void)
{
    struct span parent = begin(1, outer.span, INTERNAL, TEXT("parent")), child = begin(2, hex(1), INTERNAL, TEXT("child")), grandchild = begin(3, hex(2), INTERNAL, TEXT("grandchild"));
    end(&grandchild);
    end(&parent);
    struct span untold = {.context = {outer.trace, hex(4), outer.sampled, 0, {0, 0}}, .parent = hex(1), .kind = CONSUMER, .name = TEXT("untold"), .start = parent.start};
    end(&untold);
    end(&child);
}

static void circle(void)
{
    struct span a = begin(1, hex(2), INTERNAL, TEXT("a")), b = begin(2, hex(1), INTERNAL, TEXT("b")), self = begin(3, hex(3), INTERNAL, TEXT("self"));
    end(&a), end(&b), end(&self);
}

static void bad_ids(void)
{
    static const struct text ids[] = {{0, 0}, TEXT("0000000000000000"), TEXT("zzzzzzzzzzzzzzzz"), TEXT("1"), TEXT("00000000000000001"), TEXT(" 000000000000001"), TEXT("+000000000000001")};
    for (size_t i = 0; i < 7; i++) {
        struct span span = {.context = {ids[i], ids[i], 1, 0, {0, 0}}, .parent = ids[i], .name = TEXT("bad")};
        span_start(ids[i].data, ids[i].size, ids[i].data, ids[i].size, 1, 0, 0, 0);
        span_end(&span);
    }
    struct span good = begin(9, TEXT("not an id"), INTERNAL, TEXT("good"));
    good.context.trace = TEXT("nor this");
    end(&good);
}

static void times(void)
{
    struct span span = begin(1, outer.span, INTERNAL, TEXT("early"));
    span.start = (struct datetime){0, 0};
    end(&span);
    span = begin(2, outer.span, INTERNAL, TEXT("late"));
    span.end = (struct datetime){UINT64_MAX, UINT32_MAX};
    span_end(&span);
    span = begin(3, outer.span, INTERNAL, TEXT("backwards"));
    span.end = (struct datetime){1, 0};
    span_end(&span);
}

static void huge(void)
{
    struct text text = filled(5000);
    struct attribute *attributes = arena_alloc(5000 * sizeof *attributes, 4);
    struct event *events = arena_alloc(5000 * sizeof *events, 8);
    struct link *links = arena_alloc(5000 * sizeof *links, 4);
    struct span span = begin(1, outer.span, INTERNAL, text);
    for (size_t i = 0; i < 5000; i++) {
        attributes[i] = (struct attribute){hex(i), text};
        events[i] = (struct event){text, span.start, {attributes, i < 3 ? 5000 : 0}};
        links[i] = (struct link){span.context, {0, 0}};
    }
    span.attributes = (struct list){attributes, 5000}, span.events = (struct list){events, 5000}, span.links = (struct list){links, 5000};
    span.status.tag = ERROR, span.status.error = text, span.scope.name = text;
    end(&span);
}

static void sums(uint32_t first)
{
    for (uint32_t i = 0; i < 2; i++) {
        const struct point point[] = {{{0, 0}, {U64, .whole = first + i}, {0, 0}}}, one[] = {{{0, 0}, {S64, .whole = 1}, {0, 0}}};
        struct metric metrics[] = {sum(U64_SUM, TEXT("total"), TEXT("1"), LIST(point), CUMULATIVE), sum(U64_SUM, TEXT("changes"), TEXT("1"), LIST(one), DELTA)};
        if (tell(metrics, 2).failed) __builtin_trap();
    }
}

static struct text series(uint32_t count)
{
    struct point *points = arena_alloc(count * sizeof *points, 8);
    struct attribute *attributes = arena_alloc(count * sizeof *attributes, 4);
    for (uint32_t i = 0; i < count; i++) {
        attributes[i] = (struct attribute){TEXT("n"), join(join(TEXT("\""), hex(i)), TEXT("\""))};
        points[i] = (struct point){{attributes + i, 1}, {F64, .real = i}, {0, 0}};
    }
    struct metric m = gauge(TEXT("many"), points, count);
    struct export_result r = tell(&m, 1);
    return r.failed ? r.error : TEXT("ok");
}

static struct text names(void)
{
    static const struct text bad[] = {{0, 0}, TEXT("1st"), TEXT("a b"), TEXT("windhover.requests"), TEXT("a\x1b[31m")};
    static const double odd_bounds[] = {2, 1}, nan[] = {__builtin_nan("")};
    static const uint64_t three[] = {1, 1, 1}, two[] = {1, UINT64_MAX};
    const struct point one[] = {{{0, 0}, {F64, .real = 1}, {0, 0}}}, not_a_number[] = {{{0, 0}, {F64, .real = __builtin_nan("")}, {0, 0}}},
        negative[] = {{{0, 0}, {S64, .whole = (uint64_t)-1}, {0, 0}}}, most[] = {{{0, 0}, {U64, .whole = UINT64_MAX}, {0, 0}}};
    const struct histogram_point falling[] = {{.count = 3, .bounds = LIST(odd_bounds), .counts = LIST(three), .sum = {F64, .real = 1}}},
        missing[] = {{.count = 3, .bounds = LIST(odd_bounds), .counts = LIST(two), .sum = {F64, .real = 1}}}, none[] = {{.count = 3, .bounds = LIST(nan), .counts = LIST(two), .sum = {F64, .real = 1}}};
    const struct exponential_point wide[] = {{.count = 1, .sum = {F64, .real = 1}, .scale = -128}}, far[] = {{.count = UINT64_MAX, .sum = {F64, .real = 1}, .scale = 20,
        .positive = {INT32_MAX, LIST(two)}, .negative = {INT32_MIN, LIST(two)}, .zeros = UINT64_MAX, .zero_threshold = -1}};
    int failed = 0;
    for (size_t i = 0; i < 5; i++) {
        struct metric m = gauge(bad[i], one, 1);
        failed += tell(&m, 1).failed;
    }
    struct metric refused[] = {gauge(TEXT("nan"), not_a_number, 1), sum(U64_SUM, TEXT("negative"), TEXT("1"), LIST(negative), CUMULATIVE),
        sum(F64_HISTOGRAM, TEXT("falling"), TEXT("1"), LIST(falling), DELTA), sum(F64_HISTOGRAM, TEXT("missing"), TEXT("1"), LIST(missing), DELTA),
        sum(F64_HISTOGRAM, TEXT("none"), TEXT("1"), LIST(none), DELTA), sum(F64_EXPONENTIAL, TEXT("wide"), TEXT("1"), LIST(wide), DELTA)};
    for (size_t i = 0; i < 6; i++) failed += tell(refused + i, 1).failed;
    struct metric taken[] = {sum(U64_SUM, TEXT("most"), TEXT("1"), LIST(most), CUMULATIVE), sum(F64_EXPONENTIAL, TEXT("far"), TEXT("1"), LIST(far), DELTA)};
    if (tell(taken, 2).failed) __builtin_trap();
    return failed == 11 ? TEXT("11 refused") : TEXT("some were not refused");
}

static void logs(uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) log_text(9, TEXT("\"again\""), (struct list){0, 0}, (struct text){0, 0});
}

static void forge(void)
{
    static const struct attribute attributes[] = {{TEXT("app"), TEXT("\"other\"")}, {TEXT("guest.span_id"), TEXT("\"1\"")}, {TEXT("windhover.x"), TEXT("1")}, {TEXT("le"), TEXT("1")}, {TEXT(""), TEXT("1")},
        {TEXT("mine"), TEXT("1")}, {TEXT("mine"), TEXT("2")}};
    struct span span = begin(1, outer.span, INTERNAL, TEXT("forged"));
    span.attributes = LIST(attributes);
    end(&span);
    const struct point one[] = {{LIST(attributes), {F64, .real = 1}, {0, 0}}};
    struct metric m = gauge(TEXT("forged"), one, 1);
    if (tell(&m, 1).failed) __builtin_trap();
    log_text(13, TEXT("\"a\\u001b[31mred\\nother: a line\""), LIST(attributes), (struct text){0, 0});
    log_text(255, TEXT("{\"an\": \"object\"}"), (struct list){0, 0}, TEXT("no span"));
}

// A client span within another one, both open while the request is under way.
static struct text send(struct text target)
{
    struct span around = begin(0xb1, outer.span, INTERNAL, TEXT("around")), client = begin(0xb2, hex(0xb1), CLIENT, TEXT("ask upstream"));
    struct field fields[] = {{TEXT("traceparent"), join(join(join(TEXT("00-"), outer.trace), join(TEXT("-"), client.context.span)), TEXT("-01"))}};
    size_t host = 0;
    while (host < target.size && target.data[host] != '/') host++;
    struct result_handle r;
    fields_from_list(fields, 1, &r);
    handle request = outgoing_request_new(r.value);
    outgoing_request_set_scheme(request, 1, 0, 0, 0); // HTTP
    outgoing_request_set_authority(request, 1, target.data, host);
    outgoing_request_set_path(request, 1, target.data + host, target.size - host);
    _Alignas(8) struct { uint8_t failed; uint8_t padding[7]; handle future; uint8_t rest[40]; } sent;
    outgoing_handle(request, 0, 0, &sent);
    struct text answer = TEXT("refused");
    if (!sent.failed) {
        handle ready = future_subscribe(sent.future);
        pollable_block(ready);
        pollable_drop(ready);
        _Alignas(8) struct { uint64_t some; uint64_t taken; uint64_t failed; handle response; uint8_t rest[40]; } got;
        future_get(sent.future, &got);
        answer = TEXT("failed");
        if ((uint8_t)got.some && !(uint8_t)got.taken && !(uint8_t)got.failed) {
            answer = incoming_status(got.response) == 200 ? TEXT("200") : TEXT("another status");
            incoming_drop(got.response);
        }
        future_drop(sent.future);
    }
    end(&client), end(&around);
    return answer;
}

static int matches(struct text path, struct text prefix, struct text *rest)
{
    if (path.size < prefix.size || __builtin_memcmp(path.data, prefix.data, prefix.size)) return 0;
    *rest = (struct text){path.data + prefix.size, path.size - prefix.size};
    return 1;
}

int memcmp(const void *a, const void *b, size_t size)
{
    const unsigned char *x = a, *y = b;
    for (; size; size--, x++, y++)
        if (*x != *y) return *x - *y;
    return 0;
}

static uint32_t number(struct text digits)
{
    uint32_t n = 0;
    for (size_t i = 0; i < digits.size; i++) n = n * 10 + (uint32_t)(digits.data[i] - '0');
    return n;
}

EXPORT("wasi:http/incoming-handler@0.2.12#handle") void handle_request(handle request, handle out)
{
    arena_top = (uintptr_t)&__heap_base;
    struct option_text option;
    request_path(request, &option);
    request_drop(request);
    struct text path = option.some ? option.value : TEXT("/"), rest, answer = TEXT("ok");
    clock_now(&started);
    if (matches(path, TEXT("/current"), &rest)) current_span_context(&outer);
    else outer_span_context(&outer);
    if (matches(path, TEXT("/out/"), &rest)) answer = send(rest);
    else if (matches(path, TEXT("/spans/"), &rest)) spans(number(rest));
    else if (matches(path, TEXT("/open/"), &rest)) open_spans(number(rest));
    else if (matches(path, TEXT("/order"), &rest)) order();
    else if (matches(path, TEXT("/circle"), &rest)) circle();
    else if (matches(path, TEXT("/twice"), &rest)) {
        for (int i = 0; i < 2; i++) {
            struct span a = begin(1, outer.span, INTERNAL, TEXT("twice")), b = begin(1, outer.span, INTERNAL, TEXT("twice"));
            end(&a), end(&b);
        }
    } else if (matches(path, TEXT("/ids"), &rest)) bad_ids();
    else if (matches(path, TEXT("/times"), &rest)) times();
    else if (matches(path, TEXT("/huge"), &rest)) huge();
    else if (matches(path, TEXT("/sum/"), &rest)) sums(number(rest));
    else if (matches(path, TEXT("/series/"), &rest)) answer = series(number(rest));
    else if (matches(path, TEXT("/names"), &rest)) answer = names();
    else if (matches(path, TEXT("/logs/"), &rest)) logs(number(rest));
    else if (matches(path, TEXT("/forge"), &rest)) forge();
    else {
        if (!matches(path, TEXT("/current"), &rest)) everything();
        answer = join(join(outer.trace, TEXT(" ")), join(outer.span, outer.sampled ? TEXT(" sampled") : TEXT(" not sampled")));
    }
    reply_text(out, answer);
}
