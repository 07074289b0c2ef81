// TensorBoard event files: what their records look like, and the reporter that writes them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "trainer/report/appended_file.h"
#include "trainer/report/reporter.h"
#include "trainer/report/scalars.h"

namespace ktrain::trainer {

// Records of an event file, framed. `wall_time` is in seconds since 1970.
std::string version_record(double wall_time);  // the first of every file
// A session that begins at `step`: readers drop what earlier sessions in the folder have from there on.
std::string session_record(double wall_time, std::int64_t step);
std::string scalars_record(double wall_time, std::int64_t step, const std::vector<Scalar>& scalars);

// One event file in `folder` for each attempt of a run.
class TensorBoard final : public Reporter {
public:
    explicit TensorBoard(std::string folder) : folder_(std::move(folder)) {}

    // Errors, here and below: those of Files and AppendedFile.
    void begin(const Beginning& beginning) override;
    void take(const Json& event) override;

private:
    std::string folder_;
    std::unique_ptr<AppendedFile> file_;
};

}  // namespace ktrain::trainer
