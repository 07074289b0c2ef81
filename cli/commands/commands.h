// One maker for each subcommand; the table that lists them is in cli/app.cpp.
#pragma once

#include <memory>

#include "cli/commands/command.h"

namespace ktrain {

std::unique_ptr<Subcommand> make_cancel();
std::unique_ptr<Subcommand> make_completion();
std::unique_ptr<Subcommand> make_data();
std::unique_ptr<Subcommand> make_diagnose();
std::unique_ptr<Subcommand> make_estimate();
std::unique_ptr<Subcommand> make_eval();
std::unique_ptr<Subcommand> make_events();
std::unique_ptr<Subcommand> make_generate();
std::unique_ptr<Subcommand> make_init();
std::unique_ptr<Subcommand> make_list();
std::unique_ptr<Subcommand> make_logs();
std::unique_ptr<Subcommand> make_merge();
std::unique_ptr<Subcommand> make_prune();
std::unique_ptr<Subcommand> make_resume();
std::unique_ptr<Subcommand> make_run();
std::unique_ptr<Subcommand> make_status();
std::unique_ptr<Subcommand> make_submit();
std::unique_ptr<Subcommand> make_suspend();
std::unique_ptr<Subcommand> make_top();
std::unique_ptr<Subcommand> make_validate();
std::unique_ptr<Subcommand> make_version();
std::unique_ptr<Subcommand> make_wait();

}  // namespace ktrain
