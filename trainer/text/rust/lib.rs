// The border to C++: every function takes and returns plain memory, and turns errors and panics into messages.
mod json;
mod template;
mod tokenizer;

use std::ffi::c_void;
use std::panic::{catch_unwind, AssertUnwindSafe};
use template::Template;
use tokenizer::Tokenizer;

/// From byte `begin` to before byte `end`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Span {
    pub begin: usize,
    pub end: usize,
}

/// What a function has to say; which parts it fills is said there.
#[derive(Default)]
pub struct Answer {
    pub text: String,
    pub ids: Vec<u32>,
    pub spans: Vec<Span>,
}

/// A message, and the line of the source that it is about or 0.
pub struct Failure {
    pub message: String,
    pub line: u32,
}

impl<T: std::fmt::Display> From<T> for Failure {
    fn from(error: T) -> Self {
        let message = error.to_string();
        Failure { message, line: 0 }
    }
}

pub type Outcome = Result<Answer, Failure>;

/// An answer as C sees it, good until ktrain_text_free. After a failure `text` is the message, `line` its line or 0.
#[repr(C)]
pub struct Reply {
    text: *const u8,
    text_size: usize,
    ids: *const u32,
    ids_size: usize,
    spans: *const Span,
    spans_size: usize,
    owner: *mut c_void,
    line: u32,
    failed: bool,
}

fn reply(work: impl FnOnce() -> Outcome) -> Reply {
    let outcome = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let said = panic.downcast_ref::<String>().map(String::as_str);
        let said = said.or(panic.downcast_ref::<&str>().copied());
        Err(format!("internal error: {}", said.unwrap_or("no message")).into())
    });
    let (failed, line) = match &outcome {
        Ok(_) => (false, 0),
        Err(failure) => (true, failure.line),
    };
    let answer = Box::new(outcome.unwrap_or_else(|failure| Answer { text: failure.message, ..Answer::default() }));
    Reply {
        text: answer.text.as_ptr(),
        text_size: answer.text.len(),
        ids: answer.ids.as_ptr(),
        ids_size: answer.ids.len(),
        spans: answer.spans.as_ptr(),
        spans_size: answer.spans.len(),
        owner: Box::into_raw(answer).cast(),
        line,
        failed,
    }
}

unsafe fn slice<'a, T>(data: *const T, size: usize) -> &'a [T] {
    if size == 0 {
        return &[]; // C++ may say "nothing" with a null pointer
    }
    std::slice::from_raw_parts(data, size)
}

/// Gives an answer's memory back.
/// # Safety
/// `owner` is that of a Reply, and this is the only call with it. The same goes for all functions below: pointers are
/// what a function here made, sizes are right, and nothing is used after it was freed.
#[no_mangle]
pub unsafe extern "C" fn ktrain_text_free(owner: *mut c_void) {
    drop(Box::from_raw(owner.cast::<Answer>()));
}

/// Reads a tokenizer.json; `added` is a JSON list of tokens that it should know besides. Fills `ids`: special tokens.
#[no_mangle]
pub unsafe extern "C" fn ktrain_tokenizer_new(
    json: *const u8,
    json_size: usize,
    added: *const u8,
    added_size: usize,
    out: *mut *mut Tokenizer,
) -> Reply {
    reply(|| {
        let made = Tokenizer::new(slice(json, json_size), slice(added, added_size))?;
        let ids = made.special_ids();
        *out = Box::into_raw(Box::new(made));
        Ok(Answer { ids, ..Answer::default() })
    })
}

#[no_mangle]
pub unsafe extern "C" fn ktrain_tokenizer_delete(this: *mut Tokenizer) {
    drop(Box::from_raw(this));
}

/// Fills `ids`, and with `offsets` the `spans` of each in the repaired text, which is then the `text`.
#[no_mangle]
pub unsafe extern "C" fn ktrain_tokenizer_encode(
    this: *const Tokenizer,
    text: *const u8,
    size: usize,
    add_special_tokens: bool,
    offsets: bool,
) -> Reply {
    reply(|| (*this).encode(slice(text, size), add_special_tokens, offsets))
}

/// Fills `text`.
#[no_mangle]
pub unsafe extern "C" fn ktrain_tokenizer_decode(
    this: *const Tokenizer,
    ids: *const u32,
    size: usize,
    skip_special_tokens: bool,
) -> Reply {
    reply(|| (*this).decode(slice(ids, size), skip_special_tokens))
}

/// Fills `ids` with the one of this token; with none if there is no such token.
#[no_mangle]
pub unsafe extern "C" fn ktrain_tokenizer_id(this: *const Tokenizer, token: *const u8, size: usize) -> Reply {
    reply(|| (*this).id(slice(token, size)))
}

/// Fills `text` with the token, and `ids` with its id; with none if there is no such id.
#[no_mangle]
pub unsafe extern "C" fn ktrain_tokenizer_token(this: *const Tokenizer, id: u32) -> Reply {
    reply(|| Ok((*this).token(id)))
}

/// The number of tokens, added ones included.
#[no_mangle]
pub unsafe extern "C" fn ktrain_tokenizer_size(this: *const Tokenizer) -> usize {
    (*this).size()
}

/// Compiles a chat template.
#[no_mangle]
pub unsafe extern "C" fn ktrain_template_new(source: *const u8, size: usize, out: *mut *mut Template) -> Reply {
    reply(|| {
        let source = std::str::from_utf8(slice(source, size))?;
        *out = Box::into_raw(Box::new(Template::new(source)?));
        Ok(Answer::default())
    })
}

#[no_mangle]
pub unsafe extern "C" fn ktrain_template_delete(this: *mut Template) {
    drop(Box::from_raw(this));
}

/// Renders with the variables of a JSON object at a time in seconds since 1970. Fills `text`, and `spans` with what
/// stands between {% generation %} and {% endgeneration %}.
#[no_mangle]
pub unsafe extern "C" fn ktrain_template_render(
    this: *const Template,
    variables: *const u8,
    size: usize,
    now: i64,
) -> Reply {
    reply(|| (*this).render(slice(variables, size), now))
}
