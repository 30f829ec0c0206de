// The program: one binary, many subcommands, all of them in gateway/app/command_line.
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "gateway/app/command_line.hpp"

int main(int count, char** values) {
    try {
        return hikyaku::gateway::app::run_command_line(
            std::vector<std::string>(values + (count > 0 ? 1 : 0), values + count),
            {std::cin, std::cout, std::cerr});
    } catch (const std::exception& error) {
        std::cerr << "hikyaku: " << error.what() << std::endl;
        return 1;
    }
}
