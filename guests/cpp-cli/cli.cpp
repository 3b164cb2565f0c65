// A WASI 0.1 command in C++ with iostream and containers: counts words, or lines, of standard input or of the files named.
//   cpp-cli             "Hello from C++\n"
//   cpp-cli words [F…]  how often each word occurs, most frequent first
//   cpp-cli lines [F…]  lines and bytes of each
#include <algorithm>
#include <cstdio>
#include <iomanip>
#include <iostream>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

namespace {

using Counts = std::map<std::string, int>;

void count_words(std::istream &in, Counts &counts)
{
    for (std::string word; in >> word;) ++counts[word];
}

void print(const Counts &counts)
{
    std::vector<std::pair<std::string, int>> sorted(counts.begin(), counts.end());
    std::stable_sort(sorted.begin(), sorted.end(), [](const auto &a, const auto &b) { return a.second > b.second; });
    for (const auto &[word, n] : sorted) std::cout << std::setw(6) << n << ' ' << word << '\n';
}

void count_lines(std::istream &in, const std::string &name)
{
    size_t lines = 0, bytes = 0;
    for (std::string line; std::getline(in, line); ++lines) bytes += line.size() + !in.eof();
    std::cout << lines << ' ' << bytes << ' ' << name << '\n';
}

// Debian's libc++ for WASI is built without <fstream>.
std::optional<std::string> read_file(const std::string &path)
{
    std::FILE *file = std::fopen(path.c_str(), "rb");
    if (!file) return {};
    std::string text;
    char buffer[16384];
    for (size_t n; (n = std::fread(buffer, 1, sizeof buffer, file)) > 0;) text.append(buffer, n);
    std::fclose(file);
    return text;
}

} // namespace

int main(int argc, char **argv)
{
    std::ios::sync_with_stdio(false);
    const std::vector<std::string> args(argv + 1, argv + argc);
    if (args.empty()) return std::cout << "Hello from C++\n", 0;
    if (args[0] != "words" && args[0] != "lines") return std::cerr << "cpp-cli [words|lines] [file…]\n", 2;
    Counts counts;
    const auto one = [&](std::istream &in, const std::string &name) {
        if (args[0] == "words") count_words(in, counts);
        else count_lines(in, name);
    };
    if (args.size() == 1) one(std::cin, "-");
    for (auto path = args.begin() + 1; path < args.end(); ++path) {
        const auto text = read_file(*path);
        if (!text) return std::cerr << *path << ": cannot be read\n", 1;
        std::istringstream file(*text);
        one(file, *path);
    }
    print(counts);
}
