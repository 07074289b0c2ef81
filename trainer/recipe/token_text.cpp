// Pieces of text, token by token.
#include "trainer/recipe/token_text.h"

namespace ktrain::trainer {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";  // of bytes that are no character

// The text of `id` behind `before`: many decoders treat the first token of a text in another way.
std::string piece_of(const Tokenizer& tokenizer, const TokenIds& before, std::int32_t id) {
    TokenIds both = before;
    both.push_back(id);
    const std::string lead = tokenizer.decode(before, false), text = tokenizer.decode(both, false);
    const std::string piece = text.starts_with(lead) ? text.substr(lead.size()) : tokenizer.decode({{id}}, false);
    if (piece.empty() || piece.find(replacement) != piece.npos) return tokenizer.token_of(id).value_or(piece);
    return piece;
}

}  // namespace

Json describe_tokens(const Tokenizer& tokenizer, std::span<const Token> tokens) {
    Json pieces = Json::array(), learned = Json::array();
    TokenIds ids, before;
    for (const Token token : tokens) {
        pieces.push_back(piece_of(tokenizer, before, token.id()));
        learned.push_back(token.learned() ? 1 : 0);
        ids.push_back(token.id());
        before = {token.id()};
    }
    return {{"ids", ids}, {"pieces", pieces}, {"learned", learned}, {"text", tokenizer.decode(ids, false)}};
}

}  // namespace ktrain::trainer
