//! Messages in both languages, from the same files the screens use.
//!
//! Owns: looking a message up and filling its placeholders with plain texts.
//! Absent on purpose: number formats of screens (the UI's).

use std::collections::BTreeMap;
use std::str::FromStr;
use std::sync::LazyLock;

/// A language people read Attain in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    Chinese,
    English,
}

type Messages = BTreeMap<String, String>;

static CHINESE: LazyLock<Messages> = LazyLock::new(|| read(include_str!("../../../ui/messages/zh-CN.json")));
static ENGLISH: LazyLock<Messages> = LazyLock::new(|| read(include_str!("../../../ui/messages/en.json")));

fn read(json: &str) -> Messages {
    serde_json::from_str(json).unwrap_or_default()
}

impl FromStr for Language {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        match text.to_ascii_lowercase().split(['-', '_', '.']).next() {
            Some("zh") => Ok(Language::Chinese),
            Some("en") => Ok(Language::English),
            _ => Err(()),
        }
    }
}

impl Language {
    pub fn code(self) -> &'static str {
        match self {
            Language::Chinese => "zh-CN",
            Language::English => "en",
        }
    }

    /// The system's language: Chinese by a Chinese locale, English otherwise.
    pub fn of_system() -> Language {
        ["LC_ALL", "LC_MESSAGES", "LANG"]
            .iter()
            .filter_map(|name| std::env::var(name).ok())
            .find(|value| !value.is_empty())
            .and_then(|value| value.parse().ok())
            .unwrap_or(Language::English)
    }

    /// A message with its placeholders (`{name}` or `{name:format}`) filled; a value that begins with `@` is itself a
    /// message key. The key stands for a message that is missing.
    pub fn message(self, key: &str, params: &[(String, String)]) -> String {
        let messages = match self {
            Language::Chinese => &*CHINESE,
            Language::English => &*ENGLISH,
        };
        let Some(text) = messages.get(key) else { return key.to_string() };
        let mut out = String::with_capacity(text.len());
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            let Some((inside, after)) = after.split_once('}') else {
                out.push('{');
                rest = after;
                continue;
            };
            let name = inside.split(':').next().unwrap_or(inside);
            match params.iter().find(|(n, _)| n == name) {
                Some((_, value)) => match value.strip_prefix('@') {
                    Some(key) => out.push_str(&self.message(key, &[])),
                    None => out.push_str(value),
                },
                None => out.push_str(&format!("{{{inside}}}")),
            }
            rest = after;
        }
        out.push_str(rest);
        out
    }

    pub fn has(self, key: &str) -> bool {
        match self {
            Language::Chinese => CHINESE.contains_key(key),
            Language::English => ENGLISH.contains_key(key),
        }
    }

    /// The name to show: data has a native name and perhaps an English one.
    pub fn pick<'a>(self, name: &'a str, name_en: Option<&'a str>) -> &'a str {
        match self {
            Language::Chinese => name,
            Language::English => name_en.filter(|n| !n.is_empty()).unwrap_or(name),
        }
    }
}
