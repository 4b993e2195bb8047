//! The figures of the servers side by side, for people.

use std::fmt::Write;

use super::figures::{Summary, Times};
use super::{Group, Replay};
use crate::commands::eval::report::percent;

/// Widths of the first column and of the others.
const NAME: usize = 34;
const COLUMN: usize = 26;

/// What a row says of a server.
type Row = (&'static str, fn(&Summary) -> String);

const ROWS: [Row; 14] = [
    ("characters, keys", |it| format!("{}, {}", it.characters, it.keys)),
    ("characters saved", |it| percent(it.saved)),
    ("  by", |it| by_source(it)),
    ("suggestions shown", |it| it.shown.to_string()),
    ("  taken (in part)", |it| format!("{} ({}) of {}", percent(it.acceptance), it.taken_in_part, it.taken)),
    ("prompt tokens from the cache", |it| told(it.cached_share, percent)),
    ("model calls a saved character", |it| told(it.model_calls_per_saved_character, |calls| format!("{calls:.2}"))),
    ("another suggestion, ms", |it| times(&it.suggestion_ms)),
    ("  after a pause", |it| times(&it.after_pause_ms)),
    ("type-through, ms", |it| times(&it.type_through_ms)),
    ("no suggestion, ms", |it| times(&it.silence_ms)),
    ("cancelled to idle, ms", |it| times(&it.cancel_to_idle_ms)),
    ("late, never answered", |it| format!("{}, {}", it.late, it.unanswered)),
    ("digest of what was taken", |it| it.digest.clone()),
];

impl Replay {
    pub(in crate::commands::eval) fn describe(&self) -> String {
        let mut text = match self.key_ms {
            0 => format!("seed {}; the next key is pressed when the answer is there\n", self.seed),
            key_ms => format!("seed {}; a key every {key_ms} ms\n", self.seed),
        };
        for (index, Group { language, .. }) in self.servers.first().iter().flat_map(|it| &it.groups).enumerate() {
            let _ = write!(text, "\n{:NAME$}", language.unwrap_or("all languages"));
            self.line(&mut text, |column| column.name.clone());
            for (name, tell) in ROWS {
                let _ = write!(text, "{name:NAME$}");
                self.line(&mut text, |column| tell(&column.groups[index].summary));
            }
        }
        text.push_str("\nTimes are p50 / p95 / p99 of so many.\n");
        text
    }

    fn line(&self, text: &mut String, cell: impl Fn(&super::Column) -> String) {
        let start = text.len();
        for column in &self.servers {
            let _ = write!(text, "{:<COLUMN$} ", cell(column));
        }
        text.truncate(start + text[start..].trim_end().len());
        text.push('\n');
    }
}

fn by_source(summary: &Summary) -> String {
    let parts: Vec<_> = summary.saved_by.iter().map(|(by, share)| format!("{by} {:.1}", share * 100.0)).collect();
    if parts.is_empty() { "-".to_owned() } else { parts.join(", ") }
}

fn told<T>(figure: Option<T>, describe: impl Fn(T) -> String) -> String {
    figure.map_or_else(|| "-".to_owned(), describe)
}

fn times(times: &Times) -> String {
    match times {
        Times { count: 0, .. } => "-".to_owned(),
        Times { count, p50, p95, p99 } => format!("{p50:.1} / {p95:.1} / {p99:.1} of {count}"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use expect_test::expect;

    use super::super::Column;
    use super::super::figures::Figures;
    use super::Replay;

    #[test]
    fn side_by_side() {
        let mut talks = Figures::default();
        (talks.characters, talks.keys) = (40, 30);
        talks.asked(Some("abcd"), None, true, Duration::from_millis(80));
        talks.asked(Some("bcd"), Some("bcd"), false, Duration::from_micros(300));
        talks.accepted(7, "bcd", true, Some("cache"));
        talks.worked(3, 200, 150);
        let mut silent = Figures::default();
        (silent.characters, silent.keys, silent.late, silent.is_silent) = (40, 40, 2, true);
        silent.asked(None, None, true, Duration::from_millis(9));
        let column = |name, figures| Column::new(name, BTreeMap::from([("python", figures)]));
        let servers = vec![column("ropewalk", talks), column("other", silent)];
        expect![[r#"
            seed 1; the next key is pressed when the answer is there

            python                            ropewalk                   other
            characters, keys                  40, 31                     40, 40
            characters saved                  5.0%                       0.0%
              by                              cache 5.0                  -
            suggestions shown                 1                          0
              taken (in part)                 100.0% (0) of 1            0.0% (0) of 0
            prompt tokens from the cache      75.0%                      -
            model calls a saved character     1.50                       -
            another suggestion, ms            80.0 / 80.0 / 80.0 of 1    -
              after a pause                   80.0 / 80.0 / 80.0 of 1    -
            type-through, ms                  0.3 / 0.3 / 0.3 of 1       -
            no suggestion, ms                 -                          9.0 / 9.0 / 9.0 of 1
            cancelled to idle, ms             -                          -
            late, never answered              0, 0                       2, 0
            digest of what was taken          e6c926f1c068df07           cbf29ce484222325

            Times are p50 / p95 / p99 of so many.
        "#]]
        .assert_eq(&Replay { seed: 1, key_ms: 0, servers }.describe());
    }
}
