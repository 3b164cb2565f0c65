// Embedded databases under both names, driven by a script. A line: FACE COMMAND [words], FACE being spin2 or spin3
//
//   open NAME · close · int N · text WORD · blob BYTES · null (parameters of what comes) · exec SQL
//   spin3 rowid · spin3 changes
#include "script.h"

#define S2 "fermyon:spin/sqlite@2.0.0"
#define S3 "spin:sqlite/sqlite@3.1.0"

struct value { uint8_t tag; union { int64_t integer; double real; struct text text; }; };
struct row { struct value *values; size_t count; };
struct result { uint8_t failed; union { handle handle; struct { uint8_t tag; struct text message; } error; struct { struct texts columns; struct row *rows; size_t count; } rows; }; };

#define FACE(name, module) \
    IMPORT(module, "[static]connection.open") void name##_open(const char *, size_t, struct result *); \
    IMPORT(module, "[method]connection.execute") void name##_execute(handle, const char *, size_t, const struct value *, size_t, struct result *); \
    IMPORT(module, "[resource-drop]connection") void name##_drop(handle);

FACE(spin2, S2)
FACE(spin3, S3)
IMPORT(S3, "[method]connection.last-insert-rowid") int64_t spin3_rowid(handle);
IMPORT(S3, "[method]connection.changes") uint64_t spin3_changes(handle);

static handle connection[2];
static struct value parameters[16];
static size_t parameter_count;

static void say_error(const struct result *r)
{
    if (r->error.tag < 4) return say((const struct text[]){TEXT("no-such-database"), TEXT("access-denied"), TEXT("invalid-connection"), TEXT("database-full")}[r->error.tag]);
    say(TEXT("io: "));
    say(r->error.message);
}

static void say_value(const struct value *v)
{
    if (v->tag == 0) say_number(v->integer);
    else if (v->tag == 1) say(TEXT("~")), say_number((int64_t)v->real);
    else if (v->tag == 2) say(v->text);
    else if (v->tag == 3) say(TEXT("blob ")), say_number((int64_t)v->text.size);
    else say(TEXT("null"));
}

static void execute(int face)
{
    struct text sql = line();
    struct result r;
    (face ? spin3_execute : spin2_execute)(connection[face], sql.data, sql.size, parameters, parameter_count, &r);
    parameter_count = 0;
    if (r.failed) return say_error(&r);
    say(TEXT("rows"));
    for (size_t i = 0; i < r.rows.count; i++) {
        if (i) say(TEXT(";"));
        for (size_t c = 0; c < r.rows.rows[i].count; c++) say(TEXT(" ")), say_value(&r.rows.rows[i].values[c]);
    }
}

static void run_line(struct text first)
{
    int face = same(first, TEXT("spin3"));
    struct text command = word();
    struct value *next = &parameters[parameter_count];
    if (same(command, TEXT("exec"))) return execute(face);
    if (same(command, TEXT("open"))) {
        struct text name = word();
        struct result r;
        (face ? spin3_open : spin2_open)(name.data, name.size, &r);
        if (r.failed) return say_error(&r);
        connection[face] = r.handle;
    } else if (same(command, TEXT("close"))) (face ? spin3_drop : spin2_drop)(connection[face]);
    else if (same(command, TEXT("rowid"))) return say_number(spin3_rowid(connection[face]));
    else if (same(command, TEXT("changes"))) return say_number((int64_t)spin3_changes(connection[face]));
    else if (same(command, TEXT("int"))) parameter_count++, next->tag = 0, next->integer = number(word());
    else if (same(command, TEXT("text"))) parameter_count++, next->tag = 2, next->text = word();
    else if (same(command, TEXT("blob"))) {
        size_t size = (size_t)number(word());
        parameter_count++, next->tag = 3, next->text = (struct text){arena_alloc(size, 1), size};
    } else if (same(command, TEXT("null"))) parameter_count++, next->tag = 4;
    else return say(TEXT("unknown command"));
    say(TEXT("ok"));
}
