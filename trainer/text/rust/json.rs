// The filter `tojson` of chat templates: Python's json.dumps, byte for byte.
use minijinja::value::{Kwargs, Value, ValueKind};
use minijinja::{Error, ErrorKind};

/// The names and the order of the arguments are those that transformers gives the filter.
pub fn tojson(
    value: &Value,
    ensure_ascii: Option<bool>,
    indent: Option<Value>,
    separators: Option<Vec<String>>,
    named: Kwargs,
) -> Result<String, Error> {
    let indent: Option<Value> = indent.or(named.get("indent")?);
    let indent = indent.filter(|indent| !indent.is_none());
    let separators = match separators.or(named.get("separators")?) {
        Some(given) => <[String; 2]>::try_from(given).map_err(|_| bad("two separators expected"))?,
        None if indent.is_some() => [",".into(), ": ".into()],
        None => [", ".into(), ": ".into()],
    };
    let mut writer = Writer {
        out: String::new(),
        ascii: ensure_ascii.or(named.get("ensure_ascii")?).unwrap_or(false),
        sorted: named.get::<Option<bool>>("sort_keys")?.unwrap_or(false),
        indent: indent.map(|indent| match indent.as_usize() {
            Some(width) => " ".repeat(width),
            None => indent.to_string(),
        }),
        separators,
        depth: 0,
    };
    named.assert_all_used()?;
    writer.value(value)?;
    Ok(writer.out)
}

fn bad(message: &str) -> Error {
    Error::new(ErrorKind::InvalidOperation, format!("tojson: {message}"))
}

/// The fewest digits that read back the same, with an exponent below 1e-4 and from 1e16 on.
pub fn float(number: f64) -> String {
    if !number.is_finite() {
        return format!("{number}").replace("inf", "Infinity");
    }
    let scientific = format!("{number:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    match exponent.parse().unwrap_or(0) {
        -4..=15 => format!("{number:?}"),
        exponent => format!("{digits}e{exponent:+03}"),
    }
}

struct Writer {
    out: String,
    ascii: bool,
    sorted: bool,
    indent: Option<String>,
    separators: [String; 2], // of items, of a key and its value
    depth: usize,
}

impl Writer {
    fn value(&mut self, value: &Value) -> Result<(), Error> {
        match value.kind() {
            ValueKind::String => self.string(value.as_str().unwrap_or_default()),
            ValueKind::None => self.out.push_str("null"),
            ValueKind::Bool => self.out.push_str(if value.is_true() { "true" } else { "false" }),
            ValueKind::Number if value.is_integer() => self.out.push_str(&value.to_string()),
            ValueKind::Number => self.out.push_str(&float(f64::try_from(value.clone())?)),
            ValueKind::Map => {
                let mut keys: Vec<Value> = value.try_iter()?.collect();
                if self.sorted {
                    keys.sort();
                }
                self.items(['{', '}'], &keys, Some(value))?;
            }
            ValueKind::Seq | ValueKind::Iterable => {
                let items: Vec<Value> = value.try_iter()?.collect();
                self.items(['[', ']'], &items, None)?;
            }
            kind => return Err(bad(&format!("{kind} cannot be written"))),
        }
        Ok(())
    }

    /// A list, or the keys of a map.
    fn items(&mut self, brackets: [char; 2], items: &[Value], map: Option<&Value>) -> Result<(), Error> {
        self.out.push(brackets[0]);
        self.depth += 1;
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.out.push_str(&self.separators[0]);
            }
            self.new_line();
            if let Some(map) = map {
                self.string(&item.to_string());
                self.out.push_str(&self.separators[1]);
                self.value(&map.get_item(item)?)?;
            } else {
                self.value(item)?;
            }
        }
        self.depth -= 1;
        if !items.is_empty() {
            self.new_line();
        }
        self.out.push(brackets[1]);
        Ok(())
    }

    fn new_line(&mut self) {
        if let Some(indent) = &self.indent {
            self.out.push('\n');
            self.out.push_str(&indent.repeat(self.depth));
        }
    }

    fn string(&mut self, text: &str) {
        self.out.push('"');
        for c in text.chars() {
            match c {
                '"' | '\\' => self.out.extend(['\\', c]),
                '\n' => self.out.push_str("\\n"),
                '\r' => self.out.push_str("\\r"),
                '\t' => self.out.push_str("\\t"),
                '\u{8}' => self.out.push_str("\\b"),
                '\u{c}' => self.out.push_str("\\f"),
                _ if c < ' ' || (self.ascii && c > '~') => {
                    for unit in c.encode_utf16(&mut [0; 2]) {
                        self.out.push_str(&format!("\\u{unit:04x}"));
                    }
                }
                _ => self.out.push(c),
            }
        }
        self.out.push('"');
    }
}
