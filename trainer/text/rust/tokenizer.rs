// One tokenizer.json: text to ids and back.
use crate::{Answer, Failure, Outcome, Span};
use serde_json::Value;
use std::collections::HashMap;
use tokenizers::processors::PostProcessorWrapper;
use tokenizers::AddedToken;

/// A blank belongs to the token that holds it, also where the file would leave it out of the token's span.
fn with_whole_spans(mut processor: PostProcessorWrapper) -> PostProcessorWrapper {
    match &mut processor {
        PostProcessorWrapper::ByteLevel(inner) => inner.trim_offsets = false,
        PostProcessorWrapper::Roberta(inner) => inner.trim_offsets = false,
        PostProcessorWrapper::Sequence(inner) => {
            let all: &mut [PostProcessorWrapper] = inner.as_mut();
            all.iter_mut().for_each(|one| *one = with_whole_spans(one.clone()));
        }
        _ => {}
    }
    processor
}

pub struct Tokenizer(tokenizers::Tokenizer);

impl Tokenizer {
    /// `added` is a JSON list of tokens that the tokenizer gets unless it has them: an object with all marks, or the
    /// text of a special token.
    pub fn new(json: &[u8], added: &[u8]) -> Result<Self, Failure> {
        let mut inner = tokenizers::Tokenizer::from_bytes(json)?;
        // What one session left in the file must not cut or fill the texts of another.
        inner.with_truncation(None)?.with_padding(None);
        if let Some(processor) = inner.get_post_processor().cloned() {
            inner.with_post_processor(Some(with_whole_spans(processor)));
        }
        let known = inner.get_added_tokens_decoder();
        let mut known: HashMap<&str, &AddedToken> = known.values().map(|one| (one.content.as_str(), one)).collect();
        let wanted: Vec<(AddedToken, bool)> = serde_json::from_slice::<Vec<Value>>(added)?
            .into_iter()
            .map(|token| match token {
                Value::String(text) => Ok((AddedToken::from(text, true), false)),
                object => Ok((serde_json::from_value(object)?, true)),
            })
            .collect::<Result<_, Failure>>()?;
        let mut lacking = Vec::new();
        for (token, marks_count) in &wanted {
            let there = known.get(token.content.as_str());
            if !there.is_some_and(|there| !marks_count || *there == token) {
                known.insert(&token.content, token);
                lacking.push(token.clone());
            }
        }
        inner.add_tokens(lacking)?;
        Ok(Tokenizer(inner))
    }

    pub fn special_ids(&self) -> Vec<u32> {
        let added = self.0.get_added_tokens_decoder();
        let special = added.iter().filter(|(_, token)| token.special);
        special.map(|(&id, _)| id).collect()
    }

    /// Invalid UTF-8 becomes U+FFFD as in Python's errors="replace": one for each longest part of a character.
    pub fn encode(&self, text: &[u8], add_special_tokens: bool, offsets: bool) -> Outcome {
        let text = String::from_utf8_lossy(text);
        if !offsets {
            let encoding = self.0.encode_fast(text, add_special_tokens)?;
            return Ok(Answer { ids: encoding.get_ids().to_vec(), ..Answer::default() });
        }
        let encoding = self.0.encode(text.as_ref(), add_special_tokens)?;
        let spans = encoding.get_offsets().iter();
        Ok(Answer {
            ids: encoding.get_ids().to_vec(),
            spans: spans.map(|&(begin, end)| Span { begin, end }).collect(),
            text: text.into_owned(),
        })
    }

    pub fn decode(&self, ids: &[u32], skip_special_tokens: bool) -> Outcome {
        Ok(Answer { text: self.0.decode(ids, skip_special_tokens)?, ..Answer::default() })
    }

    pub fn id(&self, token: &[u8]) -> Outcome {
        Ok(Answer { ids: Vec::from_iter(self.0.token_to_id(std::str::from_utf8(token)?)), ..Answer::default() })
    }

    pub fn token(&self, id: u32) -> Answer {
        let token = self.0.id_to_token(id);
        Answer { ids: Vec::from_iter(token.as_ref().map(|_| id)), text: token.unwrap_or_default(), ..Answer::default() }
    }

    pub fn size(&self) -> usize {
        self.0.get_vocab_size(true)
    }
}
