// A console program: Main's arguments and status. What Main left in the queues runs to its end before the guest leaves.
#include "runtime.h"
#include <mono/metadata/loader.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    MonoImage *image = runtime_start();
    MonoMethod *method = mono_get_method(image, mono_image_get_entry_point(image), 0);
    void *parameters[1] = {0};
    if (mono_signature_get_param_count(mono_method_signature(method)) == 1) {
        MonoDomain *domain = mono_domain_get();
        MonoArray *args = mono_array_new(domain, mono_get_string_class(), argc > 0 ? (uintptr_t)argc - 1 : 0);
        for (int i = 1; i < argc; i++) mono_array_setref(args, i - 1, mono_string_new(domain, argv[i]));
        parameters[0] = args;
    }
    MonoObject *exception = 0, *result = mono_runtime_invoke(method, 0, parameters, &exception);
    if (exception) return runtime_report(exception), 134;
    while (runtime_pump()) {}
    fflush(stdout);
    return result && mono_object_get_class(result) == mono_get_int32_class() ? *(int *)mono_object_unbox(result) : 0;
}
