// Mono's interpreter as a library: start-up, and the callbacks that a host of it provides.
#include "runtime.h"
#include <mono/jit/jit.h>
#include <mono/jit/mono-private-unstable.h>
#include <mono/metadata/mono-private-unstable.h>
#include <mono/utils/mono-logger.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

// Not in the public headers.
MonoDomain *mono_wasm_load_runtime_common(int debug, MonoLogCallback log, const char *options);
MonoAssembly *mono_wasm_assembly_load(const char *name);
void mono_bundled_resources_add_assembly_resource(const char *id, const char *name, const uint8_t *, uint32_t size, void (*)(void *, void *), void *);
int monoeg_g_setenv(const char *name, const char *value, int overwrite);
void mono_background_exec(void);
void mono_wasm_execute_timer(void);

static void log_line(const char *domain, const char *level, const char *message, mono_bool fatal, void *)
{
    fprintf(stderr, "[%s] %s: %s\n", domain ? domain : "", level ? level : "", message);
    if (fatal) exit(134);
}

MonoImage *runtime_start(void)
{
    static const char *names[] = {"APP_CONTEXT_BASE_DIRECTORY", "RUNTIME_IDENTIFIER", "System.Globalization.Invariant", "System.TimeZoneInfo.Invariant"};
    static const char *values[] = {"/", "browser-wasm", "true", "true"};
    monoeg_g_setenv("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1", 1);
    monoeg_g_setenv("DOTNET_SYSTEM_TIMEZONE_INVARIANT", "1", 1);
    monovm_initialize(sizeof names / sizeof *names, names, values);
    for (const struct bundled *a = bundled_assemblies; a->name; a++)
        mono_bundled_resources_add_assembly_resource(a->name, a->name, a->data, a->size, 0, 0);
    mono_wasm_load_runtime_common(0, log_line, "");
    MonoAssembly *assembly = mono_wasm_assembly_load(entry_assembly);
    if (!assembly) {
        fprintf(stderr, "the assembly %s cannot be loaded\n", entry_assembly);
        exit(134);
    }
    return mono_assembly_get_image(assembly);
}

void runtime_report(MonoObject *exception)
{
    MonoObject *another = 0;
    MonoString *text = mono_object_to_string(exception, &another);
    fprintf(stderr, "Unhandled exception. %s\n", text ? mono_string_to_utf8(text) : "(it has no text)");
}

// ---- queues ----

static int background_asked, timer_asked;
static int64_t timer_due; // milliseconds

static int64_t now(void)
{
    struct timespec t;
    int __real_clock_gettime(clockid_t, struct timespec *);
    __real_clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void schedule_background_exec(void) { background_asked = 1; }

void mono_wasm_schedule_timer(int milliseconds)
{
    timer_asked = 1;
    timer_due = now() + (milliseconds > 0 ? milliseconds : 0);
}

int runtime_pump(void)
{
    if (background_asked) return background_asked = 0, mono_background_exec(), 1;
    if (!timer_asked) return 0;
    int64_t left = timer_due - now();
    if (left > 0) nanosleep(&(struct timespec){left / 1000, (long)(left % 1000 * 1000000)}, 0);
    timer_asked = 0;
    mono_wasm_execute_timer();
    return 1;
}

// ---- other callbacks ----

int mono_wasm_browser_entropy(uint8_t *bytes, int count)
{
    enum { MOST = 256 }; // getentropy's limit
    for (int n; count > 0; bytes += n, count -= n) {
        n = count < MOST ? count : MOST;
        if (getentropy(bytes, (size_t)n)) return -1;
    }
    return 0;
}

int mono_wasm_process_current_pid(void) { return 42; }

// Without wasm exceptions in the module, a managed exception cannot unwind native frames. Managed code catches its own as always.
void mono_llvm_cpp_throw_exception(void)
{
    fputs("a managed exception met a native frame\n", stderr);
    abort();
}
void mono_llvm_cpp_catch_exception(void (*run)(void *), void *argument, int *thrown) { *thrown = 0, run(argument); }

// The interpreter's own compiler makes modules at run time, which no WASI host allows. 1: do not try.
int mono_interp_tier_prepare_jiterpreter(void *, void *, void *, int, void *, int, int, int) { return 1; }
int mono_interp_jit_wasm_entry_trampoline(int, int, int, int, int, int, int, int) { return 0; }
void mono_interp_invoke_wasm_jit_call_trampoline(int, int, int, int, int) { abort(); }
void mono_interp_jit_wasm_jit_call_trampoline(int, int, int, int, int) {}
void mono_interp_flush_jitcall_queue(void) {}
void mono_interp_record_interp_entry(int) {}
void mono_wasm_free_method_data(int, int, int) {}
