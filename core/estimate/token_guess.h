// How many tokens a data set comes to by the size of its files: a guess, made without a tokenizer.
#pragma once

#include <optional>
#include <string>

#include "core/base/json.h"
#include "core/base/world.h"

namespace ktrain {

struct TokenGuess {
    double tokens = 0;  // of the rows that train; 0: they cannot be guessed
    std::string basis;  // "3.2 MB in rows.jsonl, 81 % of them texts, at 4 bytes of text a token"; or why they cannot
};

// Of the split that trains, without the share of rows that is held out. Nothing where this machine has no data there,
// as of a path of the pod. Of each file its size is looked at, and of few of them some KiB.
std::optional<TokenGuess> guess_tokens(const std::string& path, double held_out, const Files& files);

// Whether `path` has rows of a data set, and no figures of one.
bool has_rows(const std::string& path, const Files& files);

// That they are a guess, its basis, and how they are counted.
std::string words_of(const TokenGuess& guess);
// {tokens, basis, count_with}
Json to_json(const TokenGuess& guess);

}  // namespace ktrain
