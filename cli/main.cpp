// Entry of the program: makes the real world, runs the app, turns an error into text and an exit code.
#include <csignal>
#include <exception>
#include <string>
#include <vector>

#include "cli/app.h"
#include "cli/term/output.h"
#include "core/base/exit_code.h"

using namespace ktrain;

static int report(const term::Session& session, const Error& error) {
    try {
        session.err.write(term::render_error(error, session.err_color()));
    } catch (const std::exception&) {  // stderr is gone: the exit code still tells
    }
    return exit_code_for(error.kind);
}

int main(int argc, char** argv) {
    const std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
    term::Session session{term::standard_output(),
                          term::standard_error(),
                          term::standard_input(),
                          real_env(),
                          real_clock(),
                          real_files()};
    if (argc > 0) session.program = argv[0];
    std::signal(SIGXFSZ, SIG_IGN);  // a file size limit is an error of the write, not the end of the process
    try {
        const int code = run_app(session, words);
        session.out.flush();
        return code;
    } catch (const term::ReaderGone&) {
        return exit_code::reader_gone;
    } catch (const Error& error) {
        return report(session, error);
    } catch (const std::exception& error) {
        return report(session, Error(ErrorKind::bug, std::string("unexpected: ") + error.what(), {},
                                     "please report it with the output of: ktrain version -o json"));
    }
}
