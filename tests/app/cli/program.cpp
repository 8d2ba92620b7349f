// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/app/cli/program.h"

#include <cerrno>
#include <cstdlib>
#include <sstream>
#include <stdexcept>

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

namespace limbeck::test {

namespace {

std::string program() {
    const char* folder = std::getenv("LIMBECK_BIN_DIR");
    return std::string(folder ? folder : ".") + "/limbeck-cli";
}

[[noreturn]] void become(const std::vector<std::string>& arguments, const std::filesystem::path& folder,
                         int out, int err) {
    const std::string path = program();
    dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    std::vector<char*> words{const_cast<char*>(path.c_str())};
    for (const std::string& argument : arguments)
        words.push_back(const_cast<char*>(argument.c_str()));
    words.push_back(nullptr);
    // What a run keeps for later ones is no affair of other tests, nor of whoever runs them.
    setenv("XDG_CACHE_HOME", (std::filesystem::absolute(folder) / "cache").c_str(), 1);
    if (chdir(folder.c_str()) == 0) execv(path.c_str(), words.data());
    _exit(127);
}

} // namespace

std::vector<nlohmann::json> Outcome::objects() const {
    std::vector<nlohmann::json> objects;
    std::istringstream lines(out);
    for (std::string line; std::getline(lines, line);)
        objects.push_back(nlohmann::json::parse(line));
    return objects;
}

nlohmann::json Outcome::last(const std::string& event) const {
    nlohmann::json found;
    for (const auto& object : objects())
        if (object.at("event") == event) found = object;
    return found;
}

Outcome limbeck_cli(const std::vector<std::string>& arguments, const std::filesystem::path& folder,
                    const Watch& watch) {
    int out[2], err[2];
    if (pipe2(out, O_CLOEXEC) != 0 || pipe2(err, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    const pid_t process = fork();
    if (process < 0) throw std::runtime_error("no process");
    if (process == 0) become(arguments, folder, out[1], err[1]);
    close(out[1]);
    close(err[1]);

    Outcome outcome;
    pollfd files[2] = {{out[0], POLLIN, 0}, {err[0], POLLIN, 0}};
    while (files[0].fd >= 0 || files[1].fd >= 0) {
        poll(files, 2, 50);
        for (int i = 0; i < 2; ++i) {
            if (files[i].fd < 0 || files[i].revents == 0) continue;
            char buffer[4096];
            const ssize_t got = read(files[i].fd, buffer, sizeof buffer);
            if (got > 0)
                (i == 0 ? outcome.out : outcome.err).append(buffer, static_cast<std::size_t>(got));
            else if (got == 0 || errno != EINTR) {
                close(files[i].fd);
                files[i].fd = -1;
            }
        }
        if (watch) watch(outcome.out, process);
    }
    int status = 0;
    waitpid(process, &status, 0);
    outcome.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return outcome;
}

} // namespace limbeck::test
