//! `cargo xtask tidy`: the structural rules of `docs/ARCHITECTURE.md`, read from the text of the repository.
//!
//! One function per rule, from files to findings. What the compiler, clippy or eslint already refuse is absent, and so
//! are the bindings of the views: a test beside the views compares those.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// A text file, its path written with `/` from the root.
struct File {
    path: String,
    text: String,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Finding {
    path: String,
    line: usize,
    what: String,
}

pub fn run(root: &Path) -> Result<(), String> {
    let files = read(root)?;
    let mut findings = findings(&files);
    findings.sort();
    for finding in &findings {
        println!("{}:{}: {}", finding.path, finding.line, finding.what);
    }
    match findings.len() {
        0 => Ok(()),
        1 => Err("one structural rule is broken".into()),
        n => Err(format!("structural rules are broken in {n} places")),
    }
}

type Rule = fn(&[File]) -> Vec<Finding>;

fn findings(files: &[File]) -> Vec<Finding> {
    let rules: [Rule; 12] = [
        arrows,
        ui_arrows,
        names,
        sql,
        pure_domain,
        one_door,
        colours,
        words_in_markup,
        messages,
        spoken,
        length,
        left_overs,
    ];
    rules.iter().flat_map(|rule| rule(files)).collect()
}

/// Generated, installed or not ours to read.
const SKIPPED: &[&str] = &["target", "node_modules", "dist", "gen", "paraglide", ".git", ".svelte-kit"];
const READ: &[&str] = &["rs", "toml", "ts", "js", "svelte", "css", "json", "html", "md", "sql"];

fn read(root: &Path) -> Result<Vec<File>, String> {
    let mut files = Vec::new();
    let mut waiting: Vec<PathBuf> = vec![root.to_owned()];
    while let Some(dir) = waiting.pop() {
        let entries = std::fs::read_dir(&dir).map_err(|error| format!("{}: {error}", dir.display()))?;
        for entry in entries.flatten() {
            let path = entry.path();
            let name = entry.file_name();
            if SKIPPED.iter().any(|skipped| name == *skipped) || entry.file_type().is_ok_and(|kind| kind.is_symlink()) {
                continue;
            }
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|ext| READ.iter().any(|read| ext == *read)) {
                let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
                let path = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
                files.push(File { path, text });
            }
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

impl File {
    fn is(&self, extension: &str) -> bool {
        self.path.rsplit('.').next() == Some(extension)
    }

    fn under(&self, dir: &str) -> bool {
        self.path.starts_with(dir)
    }

    /// Lines with their number, comments of the language cut off (a `//` inside a string is taken for one only after
    /// a space or at the start of the line).
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(index, line)| {
            let trimmed = line.trim_start();
            let cut = if ["//", "/*", "* "].iter().any(|open| trimmed.starts_with(open)) {
                Some(0)
            } else {
                line.find(" //")
            };
            (index + 1, cut.map_or(line, |at| &line[..at]))
        })
    }

    fn finding(&self, line: usize, what: impl Into<String>) -> Finding {
        Finding { path: self.path.clone(), line, what: what.into() }
    }
}

/// Which crate may use which: everything else is refused.
const ARROWS: &[(&str, &[&str])] = &[
    ("attain", &["attain-client"]),
    ("attain-domain", &[]),
    ("attain-store", &["attain-domain"]),
    ("attain-sync", &["attain-domain"]),
    ("attain-reports", &["attain-domain"]),
    ("attain-client", &["attain-domain", "attain-store", "attain-sync", "attain-reports"]),
    ("attain-server", &["attain-client", "attain-domain", "attain-store", "attain-sync"]),
    ("xtask", &[]),
    ("attain-fuzz", &["attain-client", "attain-domain", "attain-server", "attain-store", "attain-sync"]),
];

fn arrows(files: &[File]) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in files.iter().filter(|file| file.path == "Cargo.toml" || file.path.ends_with("/Cargo.toml")) {
        let manifest: toml::Table = match file.text.parse() {
            Ok(manifest) => manifest,
            Err(error) => {
                found.push(file.finding(1, format!("not TOML: {error}")));
                continue;
            }
        };
        let Some(name) = manifest.get("package").and_then(|package| package.get("name")?.as_str()) else { continue };
        let Some((_, allowed)) = ARROWS.iter().find(|(owner, _)| *owner == name) else {
            found.push(file.finding(1, format!("the crate {name} is not in the plan of the house")));
            continue;
        };
        for used in manifest.get("dependencies").and_then(toml::Value::as_table).into_iter().flat_map(toml::Table::keys)
        {
            let ours = used.starts_with("attain") || used == "xtask";
            let line = file.text.lines().position(|line| line.starts_with(used.as_str())).map_or(1, |at| at + 1);
            if ours && !allowed.contains(&used.as_str()) {
                found.push(file.finding(line, format!("{name} may not use {used}")));
            }
            let sqlite = ["rusqlite", "libsqlite3-sys", "sqlx", "diesel"].contains(&used.as_str());
            if sqlite && !["attain-store", "attain-server"].contains(&name) {
                found.push(file.finding(line, format!("{name} may not use {used}: SQL lives in attain-store")));
            }
        }
    }
    found
}

/// kit ← parts ← screens.
fn ui_arrows(files: &[File]) -> Vec<Finding> {
    let layers = [("ui/src/kit/", &["parts", "screens", "ipc", "bindings"][..]), ("ui/src/parts/", &["screens"][..])];
    let mut found = Vec::new();
    for (dir, refused) in layers {
        for file in files.iter().filter(|file| file.under(dir) && !file.path.contains(".test.")) {
            for (line, text) in file.code().filter(|(_, text)| text.contains("from '") || text.contains("import(")) {
                for layer in refused {
                    let hit = [format!("../{layer}/"), format!("../{layer}'"), format!("/src/{layer}/")];
                    if hit.iter().any(|hit| text.contains(hit.as_str())) {
                        found.push(file.finding(line, format!("{dir} may not use {layer}")));
                    }
                }
            }
        }
    }
    found
}

/// Names that say nothing.
fn names(files: &[File]) -> Vec<Finding> {
    let empty = ["common", "util", "utils", "types", "helper", "helpers", "manager", "managers", "misc"];
    let source = |file: &&File| file.is("rs") || file.under("ui/src/");
    let mut found = Vec::new();
    for file in files.iter().filter(source) {
        if file.path.ends_with("/mod.rs") {
            found.push(file.finding(1, "a module is a file of its own name, not mod.rs"));
        }
        for part in file.path.split('/') {
            let stem = part.split('.').next().unwrap_or(part).to_lowercase();
            if empty.contains(&stem.as_str()) {
                found.push(file.finding(1, format!("{part:?} says nothing: name it after its noun")));
            }
        }
    }
    found
}

/// SQL is written in the store and in the server's database layer, nowhere else; but for tests that look into files.
fn sql(files: &[File]) -> Vec<Finding> {
    let homes = [
        "crates/attain-store/",
        "crates/attain-server/src/db",
        "crates/attain-server/tests/support/",
        "crates/xtask/src/tidy",
    ];
    let words = ["SELECT ", "INSERT INTO ", "INSERT OR ", "DELETE FROM ", "CREATE TABLE ", "PRAGMA ", "ALTER TABLE "];
    let mut found = Vec::new();
    for file in files.iter().filter(|file| file.is("rs") && !homes.iter().any(|home| file.under(home))) {
        for (line, text) in file.code() {
            let update = text.contains("UPDATE ") && text.contains(" SET ");
            if update || words.iter().any(|word| text.contains(word)) {
                found.push(file.finding(line, "SQL outside attain-store"));
            }
        }
    }
    found
}

/// No IO, clock, randomness, async, float or unordered map in the domain.
fn pure_domain(files: &[File]) -> Vec<Finding> {
    let refused = [
        "f32",
        "f64",
        "HashMap",
        "HashSet",
        "SystemTime",
        "Instant",
        "Utc::now",
        "Local::now",
        "async",
        "await",
        "rand",
        "thread",
        "std::time",
        "std::fs",
        "std::io",
        "std::net",
        "std::env",
        "std::process",
        "println!",
        "eprintln!",
    ];
    let mut found = Vec::new();
    for file in files.iter().filter(|file| file.under("crates/attain-domain/src/") && file.is("rs")) {
        for (line, text) in file.code() {
            for word in refused.iter().filter(|word| has_word(text, word)) {
                found.push(file.finding(line, format!("the domain is pure: {word}")));
            }
        }
    }
    found
}

/// `ui/src/ipc.ts` is the only file that imports Tauri.
fn one_door(files: &[File]) -> Vec<Finding> {
    let ui = files.iter().filter(|file| file.under("ui/src/") && file.path != "ui/src/ipc.ts");
    ui.flat_map(|file| {
        let lines = file.code().filter(|(_, text)| text.contains("@tauri-apps/") || text.contains("__TAURI"));
        lines.map(|(line, _)| file.finding(line, "only ui/src/ipc.ts speaks to Tauri")).collect::<Vec<_>>()
    })
    .collect()
}

/// Colours are tokens.
fn colours(files: &[File]) -> Vec<Finding> {
    let styled = |file: &&File| {
        file.under("ui/src/") && file.path != "ui/src/tokens.css" && ["svelte", "css", "ts"].iter().any(|e| file.is(e))
    };
    let mut found = Vec::new();
    for file in files.iter().filter(styled) {
        for (line, text) in file.code() {
            if hex_colour(text) || ["rgb(", "rgba(", "hsl("].iter().any(|call| text.contains(call)) {
                found.push(file.finding(line, "a colour outside tokens.css"));
            }
        }
    }
    found
}

fn hex_colour(text: &str) -> bool {
    text.match_indices('#').any(|(at, _)| {
        let rest = &text[at + 1..];
        let digits = rest.chars().take_while(char::is_ascii_hexdigit).count();
        let ends =
            rest[digits..].chars().next().is_none_or(|next| !next.is_alphanumeric() && next != '-' && next != '_');
        let before = text[..at].chars().next_back();
        // `{#each`, `href="#ada"`, `&#39;` are no colours.
        ends && [3, 4, 6, 8].contains(&digits) && !matches!(before, Some('{' | '&' | '/')) && !text.contains("href=")
    })
}

/// What a person reads comes from the messages, in both languages.
fn words_in_markup(files: &[File]) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in files.iter().filter(|file| file.under("ui/src/") && file.is("svelte")) {
        let mut comment = false;
        for (line, text) in file.code() {
            comment |= text.contains("<!--");
            if !comment && text.chars().any(is_han) {
                found.push(file.finding(line, "Chinese text in a component: it belongs in ui/messages"));
            }
            comment &= !text.contains("-->");
        }
    }
    found
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}') || "，。、；：！？「」『』（）《》".contains(c)
}

/// Both languages have the same keys, each with a text and the same parameters.
fn messages(files: &[File]) -> Vec<Finding> {
    let texts = |path: &str| files.iter().find(|file| file.path == path);
    let (Some(zh), Some(en)) = (texts("ui/messages/zh-CN.json"), texts("ui/messages/en.json")) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let mut read = |file: &File| -> BTreeMap<String, String> {
        let mut flat = BTreeMap::new();
        match serde_json::from_str(&file.text) {
            Ok(value) => flatten("", &value, &mut flat),
            Err(error) => found.push(file.finding(error.line(), format!("not JSON: {error}"))),
        }
        flat
    };
    let (zh_keys, en_keys) = (read(zh), read(en));
    for (file, keys, other) in [(zh, &zh_keys, &en_keys), (en, &en_keys, &zh_keys)] {
        for (key, text) in keys {
            let line = line_of_key(file, key);
            match other.get(key) {
                None => found.push(file.finding(line, format!("{key} is missing in the other language"))),
                Some(_) if text.trim().is_empty() => found.push(file.finding(line, format!("{key} is empty"))),
                Some(twin) if parameters(text) != parameters(twin) => {
                    found.push(file.finding(line, format!("{key} has other parameters than in the other language")));
                }
                Some(_) => {}
            }
        }
    }
    found
}

/// Every sentence the shell says has words: `say("today.gap")` is message `say.today.gap`.
fn spoken(files: &[File]) -> Vec<Finding> {
    let Some(words) = files.iter().find(|file| file.path == "ui/messages/en.json") else { return Vec::new() };
    let mut found = Vec::new();
    for file in files.iter().filter(|file| file.under("src-tauri/src/commands/")) {
        for (line, text) in file.code() {
            for call in ["say(\"", "said(\"", "lead(\"", "dated(\""] {
                let codes = text.split(call).skip(1).filter_map(|rest| rest.split_once('"')).map(|(code, _)| code);
                for code in codes.filter(|code| code.contains('.')) {
                    if !words.text.contains(&format!("\"say.{code}\"")) {
                        found.push(file.finding(line, format!("say.{code} has no words")));
                    }
                }
            }
        }
    }
    found
}

fn flatten(prefix: &str, value: &serde_json::Value, flat: &mut BTreeMap<String, String>) {
    match value {
        serde_json::Value::Object(map) => {
            for (key, inner) in map.iter().filter(|(key, _)| !key.starts_with('$')) {
                let path = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
                flatten(&path, inner, flat);
            }
        }
        serde_json::Value::String(text) => {
            flat.insert(prefix.to_owned(), text.clone());
        }
        other => {
            flat.insert(prefix.to_owned(), other.to_string());
        }
    }
}

/// Names in braces; how one is written (`{gap:whole}`) may differ between languages.
fn parameters(text: &str) -> BTreeSet<String> {
    text.split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}'))
        .map(|(name, _)| name.split([':', ',', '|']).next().unwrap_or(name).trim().to_owned())
        .collect()
}

fn line_of_key(file: &File, key: &str) -> usize {
    let last = key.rsplit('.').next().unwrap_or(key);
    let hit = |line: &str| line.contains(&format!("\"{key}\"")) || line.contains(&format!("\"{last}\""));
    file.text.lines().position(hit).map_or(1, |at| at + 1)
}

/// A file one can read in a sitting.
const LINES: usize = 700;

fn length(files: &[File]) -> Vec<Finding> {
    let written = |file: &&File| {
        ["rs", "svelte", "ts", "css"].iter().any(|kind| file.is(kind)) && !file.under("ui/src/bindings/")
    };
    let counted = files.iter().filter(written).map(|file| (file, file.text.lines().count()));
    counted
        .filter(|(_, lines)| *lines > LINES)
        .map(|(file, lines)| file.finding(LINES, format!("{lines} lines: split it by noun")))
        .collect()
}

/// Nothing unfinished, nothing skipped, nothing pointing at one machine.
fn left_overs(files: &[File]) -> Vec<Finding> {
    let words = ["TODO", "FIXME", "XXX", "todo!", "unimplemented!", "dbg!"];
    let skipped =
        ["#[ignore", "it.skip", "test.skip", "describe.skip", "it.only", "test.only", "describe.only", "it.todo"];
    let mut found = Vec::new();
    for file in files.iter().filter(|file| !file.under("crates/xtask/src/tidy")) {
        if file.path == "ui/package-lock.json" || file.path == "package-lock.json" {
            if let Some(at) = file.text.lines().position(|line| line.contains("\"resolved\": \"http")) {
                found.push(file.finding(at + 1, "the lock file names a download address: see .npmrc"));
            }
            continue;
        }
        if !["rs", "ts", "svelte", "css"].iter().any(|kind| file.is(kind)) {
            continue;
        }
        for (index, text) in file.text.lines().enumerate() {
            for word in words.iter().filter(|word| has_word(text, word)) {
                found.push(file.finding(index + 1, format!("unfinished: {word}")));
            }
            for word in skipped.iter().filter(|word| text.contains(**word)) {
                found.push(file.finding(index + 1, format!("a test that does not run: {word}")));
            }
        }
    }
    found
}

/// `word` with no letter, digit or underscore on either side.
fn has_word(text: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        !before.is_some_and(part) && (word.ends_with('!') || !after.is_some_and(part))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, text: &str) -> Vec<String> {
        let files = [File { path: path.to_owned(), text: text.to_owned() }];
        findings(&files).into_iter().map(|finding| format!("{}: {}", finding.line, finding.what)).collect()
    }

    #[test]
    fn what_is_refused_and_what_is_not() {
        let domain = "crates/attain-domain/src/goal.rs";
        let cases = [
            (domain, "let x: f64 = 1;", 1),
            (domain, "// f64 is refused", 0),
            (domain, "let half64 = 1;", 0),
            (domain, "use std::collections::HashMap;", 1),
            ("crates/attain-client/src/goal.rs", "db.query(\"SELECT 1\")", 1),
            ("crates/attain-store/src/goal.rs", "db.query(\"SELECT 1\")", 0),
            ("crates/attain-store/src/goal/mod.rs", "", 1),
            ("crates/attain-store/src/utils.rs", "", 1),
            ("ui/src/screens/team/Team.svelte", "import { invoke } from '@tauri-apps/api/core';", 1),
            ("ui/src/ipc.ts", "import { invoke } from '@tauri-apps/api/core';", 0),
            ("ui/src/kit/Button.svelte", "import Goal from '../parts/goal/Goal.svelte';", 1),
            ("ui/src/kit/Button.svelte", "color: #1f4e8c;", 1),
            ("ui/src/kit/Button.svelte", "{#each rows as row}{#if row.added}", 0),
            ("ui/src/kit/Button.svelte", "<b>达成</b>", 1),
            ("ui/src/kit/Button.svelte", "<!-- 达成 -->", 0),
            ("ui/src/tokens.css", "--accent: #1f4e8c;", 0),
            ("src-tauri/src/lib.rs", "// TODO later", 1),
            ("src-tauri/src/lib.rs", "#[ignore]", 1),
            ("src-tauri/src/lib.rs", "todo!()", 1),
        ];
        for (path, text, expected) in cases {
            let found = check(path, text);
            assert_eq!(found.len(), expected, "{path}: {text}: {found:?}");
        }
    }

    #[test]
    fn a_crate_uses_only_what_lies_below_it() {
        let manifest =
            |name: &str, used: &str| format!("[package]\nname = \"{name}\"\n[dependencies]\n{used} = \"1\"\n");
        assert_eq!(check("crates/attain-domain/Cargo.toml", &manifest("attain-domain", "serde")), [""; 0]);
        assert_eq!(
            check("crates/attain-domain/Cargo.toml", &manifest("attain-domain", "attain-store")),
            ["4: attain-domain may not use attain-store"]
        );
        assert_eq!(
            check("crates/attain-client/Cargo.toml", &manifest("attain-client", "rusqlite")),
            ["4: attain-client may not use rusqlite: SQL lives in attain-store"]
        );
        assert_eq!(check("crates/helpers/Cargo.toml", &manifest("attain-helpers", "serde")).len(), 1);
    }

    #[test]
    fn languages_have_the_same_keys_and_parameters() {
        let file = |path: &str, text: &str| File { path: path.to_owned(), text: text.to_owned() };
        let zh = file("ui/messages/zh-CN.json", r#"{"a": "甲 {gap:whole}", "b": {"c": "丙"}, "d": "丁 {n}"}"#);
        let en = file("ui/messages/en.json", r#"{"a": "A {gap}", "d": "D"}"#);
        let found: Vec<String> = messages(&[en, zh]).into_iter().map(|finding| finding.what).collect();
        assert_eq!(
            found,
            [
                "b.c is missing in the other language",
                "d has other parameters than in the other language",
                "d has other parameters than in the other language"
            ]
        );
    }

    #[test]
    fn a_long_file_is_flagged() {
        assert_eq!(check("src-tauri/src/lib.rs", &"x\n".repeat(LINES + 1)).len(), 1);
        assert_eq!(check("src-tauri/src/lib.rs", &"x\n".repeat(LINES)).len(), 0);
    }
}
