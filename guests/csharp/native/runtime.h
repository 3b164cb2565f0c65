#pragma once
#include <mono/metadata/appdomain.h>
#include <mono/metadata/assembly.h>
#include <mono/metadata/class.h>
#include <mono/metadata/image.h>
#include <mono/metadata/object.h>

// The assemblies inside the module; the list ends with a name of 0. Written when the guest is linked.
struct bundled { const char *name; const unsigned char *data; unsigned size; };
extern const struct bundled bundled_assemblies[];
extern const char *const entry_assembly;

// Starts Mono's interpreter and loads the program's own assembly; ends the guest when it cannot.
MonoImage *runtime_start(void);

// Runs what .NET has queued: continuations, then the next timer, for which it sleeps. False when there is nothing.
int runtime_pump(void);

// Prints an exception that nobody caught.
void runtime_report(MonoObject *exception);
