// One chat template, rendered as transformers does it with Jinja2.
use crate::json::{float, tojson};
use crate::{Answer, Failure, Outcome, Span};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Value, ValueKind};
use minijinja::{AutoEscape, Environment, Error, ErrorKind};
use std::cell::{Cell, RefCell};
use std::ffi::{c_char, c_void, CString};
use std::io;

pub struct Template(Environment<'static>);

thread_local! {
    // Of the rendering that goes on in this thread: bytes written, spans of {% generation %}, and the time.
    static WRITTEN: Cell<usize> = const { Cell::new(0) };
    static SPANS: RefCell<Vec<Span>> = const { RefCell::new(Vec::new()) };
    static NOW: Cell<i64> = const { Cell::new(0) };
}

struct Output<'a>(&'a mut Vec<u8>);

impl io::Write for Output<'_> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.0.extend_from_slice(data);
        WRITTEN.set(self.0.len());
        Ok(data.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The tag {% generation %} in words that this engine knows: a scope, and a function at its begin and at its end.
fn without_tag(source: &str) -> String {
    let mut result = String::with_capacity(source.len());
    let source = source.replace("\r\n", "\n").replace('\r', "\n"); // as Jinja2 reads it
    let mut rest = source.as_str();
    while let Some(begin) = rest.find("{%") {
        let (before, tag) = rest.split_at(begin + 2);
        result.push_str(before);
        let (tag, behind) = tag.split_at(tag.find("%}").unwrap_or(tag.len()));
        let word = tag.trim_matches(|c: char| c.is_whitespace() || "+-".contains(c));
        result.push_str(&match word {
            "generation" => tag.replacen(word, "with __marked = __begin()", 1),
            "endgeneration" => tag.replacen(word, "endwith %}{% if __end() %}{% endif", 1),
            _ => tag.to_string(),
        });
        rest = behind;
    }
    result.push_str(rest);
    result
}

fn begin_generation() {
    let begin = WRITTEN.get();
    SPANS.with_borrow_mut(|spans| spans.push(Span { begin, end: begin }));
}

fn end_generation() {
    SPANS.with_borrow_mut(|spans| spans.last_mut().into_iter().for_each(|last| last.end = WRITTEN.get()));
}

/// str(value), but nothing for what is undefined.
fn text(value: &Value) -> String {
    match f64::try_from(value.clone()) {
        Ok(number) if value.is_number() && !value.is_integer() => float(number),
        _ => value.to_string(),
    }
}

fn raise_exception(message: String) -> Result<Value, Error> {
    Err(Error::new(ErrorKind::InvalidOperation, message))
}

extern "C" {
    fn localtime_r(time: *const i64, result: *mut c_void) -> *mut c_void;
    fn strftime(out: *mut c_char, size: usize, format: *const c_char, time: *const c_void) -> usize;
}

/// The local time as the C library writes it, which is what Python does.
fn strftime_now(format: &str) -> Result<String, Error> {
    let bad = |_| Error::new(ErrorKind::InvalidOperation, "strftime_now: NUL in the format");
    let format = CString::new(format).map_err(bad)?;
    let mut parts = [0u64; 16]; // a struct tm takes 7 of them
    let mut out = vec![0u8; 4096];
    let length = unsafe {
        localtime_r(&NOW.get(), parts.as_mut_ptr().cast());
        let (to, size) = (out.as_mut_ptr().cast(), out.len());
        strftime(to, size, format.as_ptr(), parts.as_ptr().cast())
    };
    out.truncate(length);
    Ok(String::from_utf8_lossy(&out).into_owned())
}

fn failure(error: Error) -> Failure {
    let line = error.line().unwrap_or(0) as u32;
    let message = match error.detail() {
        Some(detail) => detail.to_string(),
        None => error.kind().to_string(),
    };
    Failure { message, line }
}

impl Template {
    pub fn new(source: &str) -> Result<Self, Failure> {
        let mut engine = Environment::new();
        let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
        engine.set_syntax(syntax.map_err(failure)?);
        engine.set_auto_escape_callback(|_| AutoEscape::None);
        engine.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
        engine.add_filter("tojson", tojson);
        engine.add_filter("string", |value: Value| text(&value));
        engine.set_formatter(|out, _, value| Ok(out.write_str(&text(value))?));
        for name in ["iterable", "sequence"] {
            engine.add_test(name, |value: &Value| {
                use ValueKind::*;
                matches!(value.kind(), Seq | Map | String | Iterable | Undefined)
            });
        }
        engine.add_function("raise_exception", raise_exception);
        engine.add_function("strftime_now", |format: String| strftime_now(&format));
        engine.add_function("__begin", begin_generation);
        engine.add_function("__end", end_generation);
        engine.add_template_owned("chat", without_tag(source)).map_err(failure)?;
        Ok(Template(engine))
    }

    pub fn render(&self, variables: &[u8], now: i64) -> Outcome {
        let variables: Value = serde_json::from_slice(variables)?;
        let mut text = Vec::new();
        NOW.set(now);
        WRITTEN.set(0);
        SPANS.take();
        let template = self.0.get_template("chat").map_err(failure)?;
        template.render_captured_to(variables, Output(&mut text)).map_err(failure)?;
        Ok(Answer { text: String::from_utf8(text)?, spans: SPANS.take(), ..Answer::default() })
    }
}
