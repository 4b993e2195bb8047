//! Whatever the logits and the sampling mode, what is written follows the constraint; and no constraint, however
//! foolish, does more harm than an error.

use std::sync::Arc;

use proptest::collection::vec;
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_oneof, proptest};
use serde_json::{Value, json};

use super::{Constraint, Grammars, MAX_BYTES};
use crate::models::testing::Noise;
use crate::sampler::{Opinion, Sampler};
use crate::tokenizer::tests::small::small_gguf;
use crate::tokenizer::{Detokenizer, Tokenizer, read};
use crate::{EngineError, SamplingParams};

/// The end of a text in the small vocabulary.
const END: u32 = 0;

fn small() -> (Arc<Tokenizer>, Grammars) {
    let tokenizer = Arc::new(read(small_gguf().open().metadata()).unwrap().tokenizer);
    (Arc::clone(&tokenizer), Grammars::new(tokenizer, vec![END]))
}

/// What a model of random logits writes.
struct Written {
    text: String,
    /// It came to an end, and was not cut.
    complete: bool,
    tokens: usize,
    forced: usize,
}

/// Writes up to `most` tokens. The longer it takes, the more the model likes what closes something.
fn write(
    (tokenizer, grammars): &(Arc<Tokenizer>, Grammars),
    constraint: &Constraint,
    healed: &str,
    sampling: &SamplingParams,
    most: usize,
) -> Result<Written, EngineError> {
    let vocab = tokenizer.vocab();
    let mut guide = grammars.guide(constraint, healed.as_bytes())?;
    let mut noise = Noise::new(sampling.seed);
    let mut sampler = Sampler::new(sampling.clone());
    let mut detokenizer = Detokenizer::default();
    let mut written = Written { text: String::new(), complete: false, tokens: 0, forced: 0 };
    let closing: Vec<u32> = ["\"", "}", "]"].iter().flat_map(|text| tokenizer.encode_continuation(text)).collect();
    loop {
        let forced = guide.forced()?;
        for token in &forced {
            written.text.push_str(&detokenizer.push(vocab.written(*token)));
        }
        written.forced += forced.len();
        written.tokens += forced.len();
        written.complete = guide.is_complete();
        if written.complete || written.tokens >= most {
            break;
        }
        let mut row = noise.values(vocab.len(), 3.0);
        for token in closing.iter().chain([&END]) {
            row[*token as usize] += written.tokens as f32 / 10.0;
        }
        guide.allowed()?.restrict(&mut row);
        let silent: Vec<u32> = vocab.silent().filter(|token| *token != END).collect();
        // An opinion that knows nothing of the constraint.
        let opinion = Opinion { weight: 0.5, tokens: vec![((noise.bits() % 260) as u32, 1.0)] };
        let chosen = sampler.choose(&mut row, &silent, Some(&opinion)).expect("something is allowed");
        guide.accept(chosen.token)?;
        written.tokens += 1;
        if chosen.token == END {
            written.complete = true;
            break;
        }
        written.text.push_str(&detokenizer.push(vocab.written(chosen.token)));
    }
    assert!(!written.complete || detokenizer.pending().is_empty(), "it ends inside a character");
    Ok(written)
}

fn sampling() -> impl Strategy<Value = SamplingParams> {
    let mode = prop_oneof![
        Just(SamplingParams::default()),
        Just(SamplingParams { temperature: 1.5, ..SamplingParams::default() }),
        Just(SamplingParams { temperature: 1.0, top_p: 0.8, ..SamplingParams::default() }),
        Just(SamplingParams { temperature: 1.0, top_k: 3, min_p: 0.1, ..SamplingParams::default() }),
        Just(SamplingParams { repetition_penalty: 1.5, frequency_penalty: 1.0, ..SamplingParams::default() }),
    ];
    (mode, 0_u64..100_000).prop_map(|(mode, seed)| SamplingParams { seed, ..mode })
}

/// A small family of schemas.
#[derive(Clone, Debug)]
enum Schema {
    Integer(i64, i64),
    Boolean,
    Text(usize),
    OneOf(Vec<String>),
    List(Box<Self>, usize, usize),
    Object(Vec<(String, Self, bool)>),
}

fn schemas() -> impl Strategy<Value = Schema> {
    let leaf = prop_oneof![
        (-200_i64..200, 0_i64..300).prop_map(|(from, span)| Schema::Integer(from, from + span)),
        Just(Schema::Boolean),
        (0_usize..12).prop_map(Schema::Text),
        vec("[a-zé\" ]{0,6}", 1..4).prop_map(Schema::OneOf),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        let name = "[a-z\"ü]{1,5}";
        prop_oneof![
            (inner.clone(), 0_usize..3, 0_usize..3).prop_map(|(items, from, span)| Schema::List(
                Box::new(items),
                from,
                from + span
            )),
            vec((name, inner, any::<bool>()), 0..4).prop_map(|mut fields: Vec<(String, Schema, bool)>| {
                fields.sort_by(|a, b| a.0.cmp(&b.0));
                fields.dedup_by(|a, b| a.0 == b.0);
                Schema::Object(fields)
            }),
        ]
    })
}

impl Schema {
    fn json(&self) -> Value {
        match self {
            Self::Integer(from, to) => json!({"type": "integer", "minimum": from, "maximum": to}),
            Self::Boolean => json!({"type": "boolean"}),
            Self::Text(most) => json!({"type": "string", "maxLength": most}),
            Self::OneOf(texts) => json!({"enum": texts}),
            Self::List(items, from, to) => {
                json!({"type": "array", "items": items.json(), "minItems": from, "maxItems": to})
            }
            Self::Object(fields) => {
                let properties: serde_json::Map<String, Value> =
                    fields.iter().map(|(name, schema, _)| (name.clone(), schema.json())).collect();
                let required: Vec<&String> =
                    fields.iter().filter(|(_, _, required)| *required).map(|(name, ..)| name).collect();
                json!({
                    "type": "object", "properties": properties, "required": required, "additionalProperties": false,
                })
            }
        }
    }

    fn accepts(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Integer(from, to), value) => value.as_i64().is_some_and(|value| (*from..=*to).contains(&value)),
            (Self::Boolean, value) => value.is_boolean(),
            (Self::Text(most), Value::String(text)) => text.chars().count() <= *most,
            (Self::OneOf(texts), Value::String(text)) => texts.contains(text),
            (Self::List(items, from, to), Value::Array(values)) => {
                (*from..=*to).contains(&values.len()) && values.iter().all(|value| items.accepts(value))
            }
            (Self::Object(fields), Value::Object(values)) => {
                fields.iter().all(|(name, schema, required)| match values.get(name) {
                    Some(value) => schema.accepts(value),
                    None => !required,
                }) && values.keys().all(|key| fields.iter().any(|(name, ..)| name == key))
            }
            _ => false,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn schemas_are_satisfied(schema in schemas(), sampling in sampling(), healed in "([a-z {(é]{1,8})?") {
        let text = schema.json().to_string();
        let written = write(&small(), &Constraint::JsonSchema(text.clone()), &healed, &sampling, 3000).unwrap();
        assert!(written.complete, "{text}: {}", written.text);
        let answer = written.text.strip_prefix(healed.as_str()).expect("the text that was taken back comes first");
        let value: Value = serde_json::from_str(answer).unwrap_or_else(|error| panic!("{text}: {answer}: {error}"));
        assert!(schema.accepts(&value), "{text}: {answer}");
    }

    #[test]
    fn objects_are_objects(sampling in sampling()) {
        let written = write(&small(), &Constraint::JsonObject, "", &sampling, 3000).unwrap();
        assert!(written.complete, "{}", written.text);
        match serde_json::from_str::<Value>(&written.text) {
            Ok(value) => assert!(value.is_object(), "{}", written.text),
            // JSON itself has no largest number.
            Err(error) => assert!(error.to_string().contains("number out of range"), "{}: {error}", written.text),
        }
    }

    #[test]
    fn expressions_match(sampling in sampling()) {
        let model = small();
        let check = |regex: &str, matches: fn(&str) -> bool| {
            let written = write(&model, &Constraint::Regex(regex.to_owned()), "", &sampling, 500).unwrap();
            assert!(written.complete && matches(&written.text), "{regex}: {:?}", written.text);
        };
        check("[0-9]{3}-[0-9]{2}", |text| {
            text.len() == 6 && text.char_indices().all(|(at, char)| if at == 3 { char == '-' } else { char.is_ascii_digit() })
        });
        check("(return|def) [a-z]{2,4}/é?", |text| {
            let text = text.strip_prefix("return ").or_else(|| text.strip_prefix("def ")).unwrap();
            let text = text.strip_suffix('é').unwrap_or(text).strip_suffix('/').unwrap();
            (2..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_lowercase())
        });
        check("[äöü🦀]{4}", |text| text.chars().count() == 4 && text.chars().all(|char| "äöü🦀".contains(char)));
        check("", str::is_empty);
        check("yes", |text| text == "yes");
        // Anchors say what is so anyway.
        check("^yes$", |text| text == "yes");
    }

    #[test]
    fn grammars_are_followed(sampling in sampling()) {
        let grammar = "start: call (\";\" call){0,3}\ncall: NAME \"(\" [NAME (\", \" NAME){0,2}] \")\"\nNAME: /[a-c]{1,3}/";
        let written = write(&small(), &Constraint::Lark(grammar.to_owned()), "", &sampling, 500).unwrap();
        assert!(written.complete);
        for call in written.text.split(';') {
            let arguments = call.trim_start_matches(['a', 'b', 'c']).strip_prefix('(').unwrap().strip_suffix(')').unwrap();
            assert!(!call.starts_with('('), "{}", written.text);
            let named = |name: &str| (1..=3).contains(&name.len()) && name.bytes().all(|byte| (b'a'..=b'c').contains(&byte));
            assert!(arguments.is_empty() || arguments.split(", ").all(named), "{}", written.text);
        }
    }
}

#[test]
fn what_is_cut_is_the_beginning_of_an_answer() {
    let sampling = SamplingParams { temperature: 1.0, ..SamplingParams::default() };
    let schema = r#"{"type": "object", "properties": {"name": {"const": "return"}}, "required": ["name"]}"#;
    let written = write(&small(), &Constraint::JsonSchema(schema.to_owned()), "", &sampling, 3).unwrap();
    assert!(!written.complete && written.text.starts_with('{'), "{}", written.text);
    assert!(serde_json::from_str::<Value>(&written.text).is_err());
}

#[test]
fn tokens_without_a_choice_are_not_sampled() {
    let written =
        write(&small(), &Constraint::Regex("def return".to_owned()), "", &SamplingParams::default(), 100).unwrap();
    assert_eq!((written.text.as_str(), written.complete), ("def return", true));
    // As the tokenizer writes it: "def", " ", "return".
    assert_eq!((written.tokens, written.forced), (3, 3));
}

#[test]
fn a_vocabulary_that_takes_no_constraint_is_the_requests_problem() {
    let (tokenizer, _) = small();
    let error = Grammars::new(tokenizer, Vec::new()).guide(&Constraint::JsonObject, b"").err().unwrap();
    let message = "the model has no token that ends an answer".to_owned();
    assert_eq!(error, EngineError::InvalidRequest { field: "constraint", message });
}

#[test]
fn ends_are_allowed_where_the_grammar_can_end() {
    let (tokenizer, _) = small();
    let grammars = Grammars::new(Arc::clone(&tokenizer), vec![END, 4]);
    let mut guide = grammars.guide(&Constraint::Regex("a+".to_owned()), b"").unwrap();
    let a = tokenizer.encode_continuation("a")[0];
    let ends = |guide: &mut super::Guide| {
        let allowed = guide.allowed().unwrap();
        assert!(allowed.contains(a));
        [END, 1, 4].map(|token| allowed.contains(token))
    };
    assert_eq!(ends(&mut guide), [false, false, false]);
    guide.accept(a).unwrap();
    assert_eq!(ends(&mut guide), [true, false, true]);
    assert!(!guide.is_complete());
    guide.accept(4).unwrap();
    assert!(guide.is_complete());
}

#[test]
fn guides_of_one_constraint_do_not_know_each_other() {
    let (tokenizer, grammars) = small();
    let constraint = Constraint::Regex("a(b|c)".to_owned());
    let token = |text: &str| tokenizer.encode_continuation(text)[0];
    let mut first = grammars.guide(&constraint, b"").unwrap();
    first.accept(token("a")).unwrap();
    first.accept(token("b")).unwrap();
    assert!(first.is_complete());
    let mut second = grammars.guide(&constraint, b"").unwrap();
    assert!(!second.is_complete() && second.allowed().unwrap().contains(token("a")));
    for other in 0..20 {
        grammars.guide(&Constraint::Regex(format!("x{other}")), b"").unwrap();
    }
    assert_eq!(grammars.guide(&constraint, b"").unwrap().forced().unwrap(), [token("a")]);
}

fn refused(constraint: &Constraint) -> String {
    match small().1.guide(constraint, b"").map(|_| ()) {
        Err(EngineError::InvalidRequest { field: "constraint", message }) => message,
        other => panic!("{constraint:?}: {other:?}"),
    }
}

#[test]
fn what_is_no_constraint_is_refused_with_a_reason() {
    let check = |constraint: Constraint, expected: &str| {
        let message = refused(&constraint);
        assert!(message.contains(expected), "{constraint:?}: {message}");
        assert!(!message.contains("backtrace") && !message.contains("verbose") && message.len() <= 500, "{message}");
    };
    let schema = |text: &str| Constraint::JsonSchema(text.to_owned());
    check(schema("{"), "EOF");
    check(schema(r#"{"type": "text"}"#), "text");
    check(schema(r#"{"$ref": "https://example.org/schema"}"#), "example.org");
    check(schema(r#"{"type": "integer", "minimum": 3, "maximum": 1}"#), "");
    check(schema("3"), "");
    check(schema(&"[".repeat(101)), "deeper");
    check(schema(&" ".repeat(MAX_BYTES + 1)), "bytes");
    check(Constraint::Regex("a(".to_owned()), "");
    check(Constraint::Lark("begin: \"a\"".to_owned()), "start");
    check(Constraint::Lark("start: other".to_owned()), "other");
    check(Constraint::Lark(String::new()), "");
    check(Constraint::Lark("start: <|fim_prefix|>".to_owned()), "");
    check(Constraint::Lark(format!("start: {}\"a\"{}", "(".repeat(200), ")".repeat(200))), "deeper");
}

#[test]
fn hostile_constraints_are_refused_or_followed() {
    let chain = |rules: usize| {
        let rules: String = (0..rules).map(|rule| format!("r{rule}: r{} | \"x\" r{}\n", rule + 1, rule + 1)).collect();
        format!("start: r0\n{rules}")
    };
    let hostile = [
        Constraint::Regex("(a?){500}a{500}".to_owned()),
        Constraint::Regex("((a{1000}){1000}){1000}".to_owned()),
        Constraint::Regex("(.*a.*){60}".to_owned()),
        Constraint::Regex("[^a]*a[^b]{2000}".to_owned()),
        Constraint::Lark(format!("{}r5000: \"y\"\n", chain(5000))),
        Constraint::Lark("start: start start | \"a\" | \"\"".to_owned()),
        Constraint::Lark("start: a\na: b\nb: a".to_owned()),
        Constraint::Lark("start: \"a\"{100000000}".to_owned()),
        Constraint::Lark("start: (\"a\"{1000}){1000}".to_owned()),
        Constraint::JsonSchema(r##"{"$ref": "#"}"##.to_owned()),
        Constraint::JsonSchema(
            r##"{"$defs": {"a": {"allOf": [{"$ref": "#/$defs/a"}]}}, "$ref": "#/$defs/a"}"##.to_owned(),
        ),
        Constraint::JsonSchema(r#"{"type": "string", "pattern": "(a|b|ab)*(c{500}){500}"}"#.to_owned()),
        Constraint::JsonSchema(r#"{"type": "array", "minItems": 100000000}"#.to_owned()),
        Constraint::JsonSchema(r#"{"type": "string", "maxLength": 100000000}"#.to_owned()),
    ];
    let model = small();
    for constraint in hostile {
        let result = write(&model, &constraint, "", &SamplingParams::default(), 50);
        if let Err(error) = result {
            assert!(matches!(error, EngineError::InvalidRequest { field: "constraint", .. }), "{error}");
        }
    }
}
