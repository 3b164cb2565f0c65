// The part of wasi:otel that our C guests import: records as they lie in memory, functions as the canonical ABI's core functions.
#pragma once
#include "wasi_http.h"

#define OTEL_TRACING "wasi:otel/tracing@0.2.0-rc.2"

struct datetime { uint64_t seconds; uint32_t nanoseconds; };
struct option_time { uint8_t some; struct datetime value; };
struct list { const void *items; size_t count; };
struct attribute { struct text key, value; };                                       // the value is JSON
struct scope { struct text name; struct option_text version, schema; struct list attributes; };

struct span_context { struct text trace, span; uint8_t sampled, is_remote; struct list state; };
enum span_kind { CLIENT, SERVER, PRODUCER, CONSUMER, INTERNAL };
enum status { UNSET, OK, ERROR };
struct span {
    struct span_context context;
    struct text parent;
    uint8_t kind;
    struct text name;
    struct datetime start, end;
    struct list attributes, events, links;
    struct { uint8_t tag; struct text error; } status;
    struct scope scope;
    uint32_t dropped_attributes, dropped_events, dropped_links;
};
struct event { struct text name; struct datetime time; struct list attributes; };
struct link { struct span_context context; struct list attributes; };

enum number_type { F64, S64, U64 };
struct number { uint8_t type; union { double real; uint64_t whole; }; };
struct option_number { uint8_t some; struct number value; };
enum temporality { CUMULATIVE, DELTA, LOW_MEMORY };
enum metric_type { F64_GAUGE, F64_SUM, F64_HISTOGRAM, F64_EXPONENTIAL, U64_GAUGE, U64_SUM, U64_HISTOGRAM, U64_EXPONENTIAL };
struct point { struct list attributes; struct number value; struct list exemplars; };  // of a gauge or a sum
struct buckets { int32_t offset; struct list counts; };
struct histogram_point {
    struct list attributes;
    uint64_t count;
    struct list bounds, counts;
    struct option_number min, max;
    struct number sum;
    struct list exemplars;
};
struct exponential_point {
    struct list attributes;
    uint64_t count;
    struct option_number min, max;
    struct number sum;
    int8_t scale;
    uint64_t zeros;
    struct buckets positive, negative;
    double zero_threshold;
    struct list exemplars;
};
struct metric {
    struct text name, description, unit;
    struct {
        uint8_t type;
        union {
            struct { struct list points; struct option_time start; struct datetime time; } gauge;
            struct { struct list points; struct datetime start, time; uint8_t temporality, is_monotonic; } sum; // a histogram has no is_monotonic
        };
    } data;
};
struct scope_metrics { struct scope scope; struct list metrics; };
struct export_result { uint8_t failed; struct text error; };

struct log_record {
    struct option_time time, observed;
    struct option_text severity_text;
    struct { uint8_t some, value; } severity;
    struct option_text body;                                                           // JSON
    struct { uint8_t some; struct list value; } attributes;
    struct option_text event;
    struct { uint8_t some; struct list attributes; struct option_text schema; } resource;
    struct { uint8_t some; struct scope value; } scope;
    struct option_text trace, span;
    struct { uint8_t some, sampled; } flags;
};

IMPORT(OTEL_TRACING, "on-start")
void span_start(const char *trace, size_t, const char *span, size_t, int32_t sampled, int32_t is_remote, const void *state, size_t);
IMPORT(OTEL_TRACING, "on-end") void span_end(const struct span *);
IMPORT(OTEL_TRACING, "outer-span-context") void outer_span_context(struct span_context *ret);
IMPORT("wasi:otel/metrics@0.2.0-rc.2", "export")
void metrics_export(const void *attributes, size_t, int32_t has_schema, const char *schema, size_t, const void *scopes, size_t, struct export_result *ret);
IMPORT("wasi:otel/logs@0.2.0-rc.2", "on-emit") void log_emit(const struct log_record *);
IMPORT("wasi:clocks/wall-clock@0.2.12", "now") void clock_now(struct datetime *ret);
