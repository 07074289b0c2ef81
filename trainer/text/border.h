// The C interface of the Rust library in trainer/text/rust, and the owner of its answers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace ktrain::trainer {

// From byte `begin` to before byte `end`.
struct ByteSpan {
    std::size_t begin = 0;
    std::size_t end = 0;
    bool operator==(const ByteSpan&) const = default;
};

extern "C" {
struct KtrainTokenizer;
struct KtrainTemplate;
struct KtrainReply {
    const char* text;
    std::size_t text_size;
    const std::uint32_t* ids;
    std::size_t ids_size;
    const ByteSpan* spans;
    std::size_t spans_size;
    void* owner;
    std::uint32_t line;
    bool failed;
};
void ktrain_text_free(void* owner);
KtrainReply ktrain_tokenizer_new(const char* json, std::size_t json_size, const char* added, std::size_t added_size,
                                 KtrainTokenizer** out);
void ktrain_tokenizer_delete(KtrainTokenizer*);
KtrainReply ktrain_tokenizer_encode(const KtrainTokenizer*, const char* text, std::size_t size, bool add_special_tokens,
                                    bool offsets);
KtrainReply ktrain_tokenizer_decode(const KtrainTokenizer*, const std::uint32_t* ids, std::size_t size,
                                    bool skip_special_tokens);
KtrainReply ktrain_tokenizer_id(const KtrainTokenizer*, const char* token, std::size_t size);
KtrainReply ktrain_tokenizer_token(const KtrainTokenizer*, std::uint32_t id);
std::size_t ktrain_tokenizer_size(const KtrainTokenizer*);
KtrainReply ktrain_template_new(const char* source, std::size_t size, KtrainTemplate** out);
void ktrain_template_delete(KtrainTemplate*);
KtrainReply ktrain_template_render(const KtrainTemplate*, const char* variables, std::size_t size, std::int64_t now);
}

// An answer of the library. After a failure text() is the message and line() its line of the source, or 0.
class Answer {
public:
    explicit Answer(KtrainReply reply) : reply_(reply) {}
    ~Answer() { ktrain_text_free(reply_.owner); }
    Answer(const Answer&) = delete;
    Answer& operator=(const Answer&) = delete;

    bool failed() const { return reply_.failed; }
    int line() const { return static_cast<int>(reply_.line); }
    std::string_view text() const { return {reply_.text, reply_.text_size}; }
    std::span<const std::uint32_t> ids() const { return {reply_.ids, reply_.ids_size}; }
    std::span<const ByteSpan> spans() const { return {reply_.spans, reply_.spans_size}; }

private:
    KtrainReply reply_;
};

}  // namespace ktrain::trainer
