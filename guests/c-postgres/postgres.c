// PostgreSQL under both names, driven by a script. A line: FACE COMMAND [words], FACE being spin2 or spin3
//
//   open NAME · close · int N · text WORD · blob BYTES · null · date Y M D (spin3) · query SQL · exec SQL
#include "script.h"

struct value { uint8_t tag; union { uint8_t flag; int16_t i16; int32_t i32; int64_t i64; float f32; double f64; struct text text; struct { int32_t year; uint8_t month, day; } date; }; };
// A value has 24 bytes in Spin 3, whose date and time is the longest, and 16 in Spin 2; what is in front is the same.
#define STRIDE(face) ((face) ? 24 : 16)
struct row { const char *values; size_t count; };
struct column { struct text name; uint8_t type; };
struct error { uint8_t tag; struct text message; };
struct result { uint8_t failed; union { handle handle; struct error error; struct { struct column *columns; size_t column_count; struct row *rows; size_t count; } rows; }; };
struct result64 { uint8_t failed; union { uint64_t count; struct error error; }; };

#define FACE(name, module) \
    IMPORT(module, "[static]connection.open") void name##_open(const char *, size_t, struct result *); \
    IMPORT(module, "[method]connection.query") void name##_query(handle, const char *, size_t, const char *, size_t, struct result *); \
    IMPORT(module, "[method]connection.execute") void name##_execute(handle, const char *, size_t, const char *, size_t, struct result64 *); \
    IMPORT(module, "[resource-drop]connection") void name##_drop(handle);

FACE(spin2, "fermyon:spin/postgres@2.0.0")
FACE(spin3, "spin:postgres/postgres@3.0.0")

static handle connection[2];
static _Alignas(8) char parameters[16 * 24];
static size_t parameter_count;

static void say_error(const struct error *error)
{
    say((const struct text[]){TEXT("connection-failed: "), TEXT("bad-parameter: "), TEXT("query-failed: "), TEXT("conversion: "), TEXT("other: ")}[error->tag]);
    say(error->message);
}

// The tags of Spin 2 have four unsigned numbers more, after int64.
static void say_value(const struct value *v, int face)
{
    int tag = v->tag > 4 && !face ? v->tag - 4 : v->tag;
    switch (tag) {
    case 0: return say(v->flag ? TEXT("true") : TEXT("false"));
    case 2: return say(TEXT("s")), say_number(v->i16);
    case 3: return say_number(v->i32);
    case 4: return say(TEXT("l")), say_number(v->i64);
    case 6: return say(TEXT("~")), say_number((int64_t)v->f64);
    case 7: return say(v->text);
    case 8: return say(TEXT("blob ")), say_number((int64_t)v->text.size);
    }
    if (face && tag == 9) return say_number(v->date.year), say(TEXT("-")), say_number(v->date.month), say(TEXT("-")), say_number(v->date.day);
    if (tag == (face ? 13 : 9)) return say(TEXT("null"));
    if (tag == (face ? 14 : 10)) return say(TEXT("unsupported"));
    say(TEXT("tag ")), say_number(v->tag);
}

static void query(int face)
{
    struct text sql = line();
    struct result r;
    (face ? spin3_query : spin2_query)(connection[face], sql.data, sql.size, parameters, parameter_count, &r);
    parameter_count = 0;
    if (r.failed) return say_error(&r.error);
    say(TEXT("rows"));
    for (size_t i = 0; i < r.rows.count; i++) {
        if (i) say(TEXT(";"));
        for (size_t c = 0; c < r.rows.rows[i].count; c++) say(TEXT(" ")), say_value((const struct value *)(r.rows.rows[i].values + c * STRIDE(face)), face);
    }
}

static void execute(int face)
{
    struct text sql = line();
    struct result64 r;
    (face ? spin3_execute : spin2_execute)(connection[face], sql.data, sql.size, parameters, parameter_count, &r);
    parameter_count = 0;
    if (r.failed) say_error(&r.error);
    else say_number((int64_t)r.count);
}

static void run_line(struct text first)
{
    int face = same(first, TEXT("spin3")), shift = face ? 0 : 4;
    struct text command = word();
    struct value *next = (struct value *)(parameters + parameter_count * STRIDE(face));
    if (same(command, TEXT("query"))) return query(face);
    if (same(command, TEXT("exec"))) return execute(face);
    if (same(command, TEXT("open"))) {
        struct text name = word();
        struct result r;
        (face ? spin3_open : spin2_open)(name.data, name.size, &r);
        if (r.failed) return say_error(&r.error);
        connection[face] = r.handle;
    } else if (same(command, TEXT("close"))) (face ? spin3_drop : spin2_drop)(connection[face]);
    else if (same(command, TEXT("int"))) parameter_count++, next->tag = 3, next->i32 = (int32_t)number(word());
    else if (same(command, TEXT("text"))) parameter_count++, next->tag = (uint8_t)(7 + shift), next->text = word();
    else if (same(command, TEXT("blob"))) {
        size_t size = (size_t)number(word());
        parameter_count++, next->tag = (uint8_t)(8 + shift), next->text = (struct text){arena_alloc(size, 1), size};
    } else if (same(command, TEXT("date"))) {
        parameter_count++, next->tag = 9, next->date.year = (int32_t)number(word());
        next->date.month = (uint8_t)number(word()), next->date.day = (uint8_t)number(word());
    } else if (same(command, TEXT("null"))) parameter_count++, next->tag = 13;
    else return say(TEXT("unknown command"));
    say(TEXT("ok"));
}
