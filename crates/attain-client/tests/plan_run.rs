//! The published examples of `tests/plans`, through `attainctl plan run`.

#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "support/attainctl.rs"]
mod attainctl;

use std::collections::BTreeMap;
use std::path::PathBuf;

use attainctl::Home;
use serde_json::Value;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/plans")
}

/// The text of a fenced block.
fn block<'t>(text: &'t str, name: &str) -> &'t str {
    let fence = format!("```{name}\n");
    text.split_once(&fence).and_then(|(_, rest)| rest.split_once("```")).unwrap_or_else(|| panic!("no {name}")).0
}

fn amount(item: &Value, key: &str) -> String {
    let money = |value: &Value| value["amount"].as_str().unwrap_or("").to_string();
    match key {
        "balance" => money(&item["draw"]["balance"]),
        "score" => item["score"].as_str().unwrap_or("").to_string(),
        "adjustments" => {
            let list = item["adjustments"].as_array().unwrap();
            let cents = |v: &Value| money(&v["amount"]).replace('.', "").parse::<i64>().unwrap();
            let sum: i64 = list.iter().map(cents).sum();
            let sign = if sum < 0 { "-" } else { "" };
            if list.is_empty() { String::new() } else { format!("{sign}{}.{:02}", sum.abs() / 100, sum.abs() % 100) }
        }
        key => money(&item[key]),
    }
}

/// Every difference between what an example expects and what it comes to.
fn differences(home: &Home, name: &str, text: &str) -> Vec<String> {
    let plan = home.write("plan.toml", block(text, "toml"));
    let inputs = home.write("inputs.csv", block(text, "csv inputs"));
    let run = home.run(&["plan", "run", &plan, "--inputs", &inputs, "--lang", "en"]);
    let answer = run.json();
    if run.code != 0 {
        return vec![format!("{name}: {}", answer["findings"])];
    }
    let items: BTreeMap<(String, String), Value> = answer["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| {
            let text = |key: &str| item[key].as_str().unwrap().to_string();
            ((text("person"), text("period")), item.clone())
        })
        .collect();
    let mut reader = csv::Reader::from_reader(block(text, "csv expected").as_bytes());
    let headings: Vec<String> = reader.headers().unwrap().iter().map(str::to_string).collect();
    let mut found = Vec::new();
    let mut lines = 0;
    for record in reader.records() {
        let record = record.unwrap();
        lines += 1;
        let key = (record[0].to_string(), record[1].to_string());
        let Some(item) = items.get(&key) else {
            found.push(format!("{name}: nothing for {key:?}"));
            continue;
        };
        for (heading, expected) in headings.iter().zip(record.iter()).skip(2) {
            let is = amount(item, heading);
            if is != expected {
                found.push(format!("{name}: {key:?} {heading} {is} instead of {expected}: {}", item["sentences"]));
            }
        }
        let spoken = item["sentences"].to_string();
        if spoken.contains('{') || spoken.contains("payout.") || item["recomputed"] != true {
            found.push(format!("{name}: {key:?} is not told or does not recompute: {spoken}"));
        }
    }
    assert!(lines > 0, "{name} expects nothing");
    found
}

#[test]
fn the_published_examples_hold_to_the_cent() {
    let home = Home::empty();
    let mut names: Vec<PathBuf> = std::fs::read_dir(folder()).unwrap().flatten().map(|entry| entry.path()).collect();
    names.retain(|path| path.extension().is_some_and(|e| e == "md") && !path.ends_with("README.md"));
    names.sort();
    assert!(names.len() >= 25, "{} examples", names.len());
    let mut found = Vec::new();
    for path in &names {
        let text = std::fs::read_to_string(path).unwrap();
        assert!(text.lines().any(|line| line.starts_with("Source: ")), "{} names no source", path.display());
        found.extend(differences(&home, &path.file_stem().unwrap().to_string_lossy(), &text));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
