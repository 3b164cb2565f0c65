// What the host allocates through. All that it hands over during a call, and all that you take from plugin::alloc or plugin::give, is given up
// together when the call is over (plugin::reset): copy what you want to keep.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <vector>

namespace plugin {

inline std::vector<void *> held;

inline void *alloc(std::size_t size, std::size_t align = 8)
{
    void *p = std::aligned_alloc(align < 8 ? 8 : align, (size + 15) & ~std::size_t{15});
    if (!p) __builtin_trap();
    held.push_back(p);
    return p;
}

inline void reset()
{
    for (void *p : held) std::free(p);
    held.clear();
}

/// Text as it stands in memory: an address and a length in bytes.
struct Text {
    const char *address;
    std::uint32_t length;
    operator std::string_view() const { return {address, length}; }
};

/// A copy of text that lives until the call is over.
inline Text give(std::string_view text)
{
    auto *p = static_cast<char *>(alloc(text.size() ? text.size() : 1));
    std::memcpy(p, text.data(), text.size());
    return {p, static_cast<std::uint32_t>(text.size())};
}

} // namespace plugin

extern "C" __attribute__((export_name("cabi_realloc"))) inline __attribute__((used)) void *cabi_realloc(void *old, std::size_t old_size, std::size_t align, std::size_t size)
{
    void *p = plugin::alloc(size, align);
    if (old) std::memcpy(p, old, old_size < size ? old_size : size);
    return p;
}
