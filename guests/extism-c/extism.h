// The interface of an Extism host, as a plug-in written in plain C imports it. Addresses are of the memory that both share.
#pragma once
#include <stdint.h>

#define HOST(name) __attribute__((import_module("extism:host/env"), import_name(#name))) extern
HOST(alloc) uint64_t extism_alloc(uint64_t size);
HOST(free) void extism_free(uint64_t block);
HOST(length) uint64_t extism_length(uint64_t block);
HOST(load_u8) uint32_t extism_load_u8(uint64_t address);
HOST(load_u64) uint64_t extism_load_u64(uint64_t address);
HOST(store_u8) void extism_store_u8(uint64_t address, uint32_t value);
HOST(store_u64) void extism_store_u64(uint64_t address, uint64_t value);
HOST(input_length) uint64_t extism_input_length(void);
HOST(input_offset) uint64_t extism_input_offset(void);
HOST(input_load_u8) uint32_t extism_input_load_u8(uint64_t index);
HOST(input_load_u64) uint64_t extism_input_load_u64(uint64_t index);
HOST(output_set) void extism_output_set(uint64_t block, uint64_t length);
HOST(error_set) void extism_error_set(uint64_t block);
HOST(config_get) uint64_t extism_config_get(uint64_t name);
HOST(var_get) uint64_t extism_var_get(uint64_t name);
HOST(var_set) void extism_var_set(uint64_t name, uint64_t value);
HOST(http_request) uint64_t extism_http_request(uint64_t request, uint64_t body);
HOST(http_status_code) int32_t extism_http_status_code(void);
HOST(http_headers) uint64_t extism_http_headers(void);
HOST(log_info) void extism_log_info(uint64_t line);
HOST(log_error) void extism_log_error(uint64_t line);
#undef HOST

#define EXPORT(name) __attribute__((export_name(#name))) int32_t name(void)
