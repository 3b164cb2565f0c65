// Answers requests, takes messages, runs at times: whatever calls it, it is a program with arguments, environment, standard input and output.
#include <cstdlib>
#include <iostream>
#include <string>

static std::string variable(const char *name) {
    const char *value = std::getenv(name);
    return value ? value : "";
}

int main() {
    if (std::getenv("REQUEST_METHOD"))
        std::cout << "Content-Type: text/plain\n\nHello, " << variable("PATH_INFO") << "\n";
    else
        std::cout << "called by " << variable("WINDHOVER_TRIGGER") << "\n";
    std::string line;
    while (std::getline(std::cin, line))
        std::cout << line << "\n";
}
