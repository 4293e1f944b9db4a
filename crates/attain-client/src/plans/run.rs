//! A plan on given inputs, without a company.

use attain_domain::money::{Currency, Ratio};
use attain_domain::payout::line::{Line, Written};
use attain_domain::payout::{Statement, account, lacks_in_words, lines_in_words, recompute_lines};
use attain_domain::plan::Plan;
use serde_json::{Value, json};

use super::inputs::{self, Finding, Gap};
use crate::language::Language;

/// What a run comes to: each person's periods, and what is wrong with the inputs.
pub struct Run {
    pub statements: Vec<(String, Result<Vec<Statement>, &'static str>)>,
    pub findings: Vec<Finding>,
    pub currency: Currency,
    pub gaps: Vec<Gap>,
}

/// Runs a plan. Nothing is reckoned while the inputs have findings.
pub fn run(plan: &Plan, bytes: &[u8]) -> Run {
    let inputs = inputs::read(plan, bytes);
    let currency = inputs.currency.or(plan.currency).unwrap_or(Currency::CNY);
    let people = if inputs.findings.is_empty() { inputs.people } else { Vec::new() };
    let statements = people
        .into_iter()
        .map(|(record, periods)| {
            let statements = account(plan, &record, &periods).map_err(|error| error.code());
            (record.person, statements)
        })
        .collect();
    Run { statements, findings: inputs.findings, currency, gaps: inputs.gaps }
}

impl Run {
    pub fn complete(&self) -> bool {
        self.findings.is_empty() && self.statements.iter().all(|(_, statements)| statements.is_ok())
    }

    /// The whole run as one document.
    pub fn json(&self, plan: &Plan, language: Language) -> Value {
        let mut items = Vec::new();
        let mut findings: Vec<Value> = self.findings.iter().map(|finding| finding_json(finding, language)).collect();
        for (person, statements) in &self.statements {
            match statements {
                Ok(statements) => items.extend(statements.iter().map(|s| self.statement(person, s, language))),
                Err(code) => {
                    let message = language.message(code, &[]);
                    findings.push(
                        json!({ "row": null, "column": null, "person": person, "code": code, "message": message }),
                    );
                }
            }
        }
        json!({
            "plan": { "id": plan.id, "version": plan.version, "name": language.pick(&plan.name.zh, Some(&plan.name.en)) },
            "items": items,
            "findings": findings,
        })
    }

    fn statement(&self, person: &str, s: &Statement, language: Language) -> Value {
        let say = |sentences: Vec<attain_domain::payout::Sentence>| -> Vec<String> {
            sentences.iter().map(|said| language.message(&said.code, &said.params).trim().to_string()).collect()
        };
        let mut sentences = say(lines_in_words(&s.lines, self.currency));
        for adjustment in &s.adjustments {
            let code = if adjustment.clawback { "payout.clawed_back" } else { "payout.adjusted" };
            let params = [
                ("period".to_string(), adjustment.corrects.to_string()),
                ("deal".to_string(), adjustment.deal.clone()),
                ("was".to_string(), adjustment.was.amount()),
                ("is".to_string(), adjustment.is.amount()),
                ("amount".to_string(), adjustment.amount.amount()),
            ];
            sentences.push(language.message(code, &params));
        }
        let lacking = |code: &str, subject: &str| {
            let gap = self.gaps.iter().find(|gap| {
                let of = if gap.goal { "payout.lack_target" } else { "payout.lack_actual" };
                gap.person == person
                    && gap.period == s.period
                    && of == code
                    && gap.measure == subject.trim_start_matches("@metric.")
            })?;
            let parts: Vec<String> = gap.parts.iter().map(ToString::to_string).collect();
            let params = [("subject".to_string(), subject.to_string()), ("parts".to_string(), parts.join(", "))];
            Some(language.message("inputs.parts_lack", &params))
        };
        // One for each that lacks, after the first.
        let mut lacks = say(lacks_in_words(&s.lacks));
        for (said, lack) in lacks.iter_mut().skip(1).zip(&s.lacks) {
            if let Some(parts) = lacking(&lack.code, &lack.subject) {
                *said = parts;
            }
        }
        sentences.extend(lacks);
        let missing: Vec<Value> = s
            .lacks
            .iter()
            .map(|lack| {
                let message = lacking(&lack.code, &lack.subject)
                    .unwrap_or_else(|| language.message(&lack.code, &[("subject".to_string(), lack.subject.clone())]));
                json!({ "code": lack.code, "subject": lack.subject.trim_start_matches("@metric."), "message": message })
            })
            .collect();
        json!({
            "person": person,
            "period": s.period,
            "payout": s.paid,
            "earned": s.earned,
            "score": s.score.map(|score| score.to_string()),
            "adjustments": s.adjustments,
            "draw": { "advanced": s.advanced, "recovered": s.recovered, "balance": s.owed },
            "missing": missing,
            "stages": s.lines.iter().map(|line| stage(line, language)).collect::<Vec<_>>(),
            "sentences": sentences,
            "recomputed": s.paid.is_some_and(|paid| recompute_lines(&s.lines, self.currency) == Some(paid)),
        })
    }
}

fn finding_json(finding: &Finding, language: Language) -> Value {
    let code = format!("inputs.{}", finding.code);
    let message = language.message(&code, &finding.params);
    json!({ "row": finding.row, "column": finding.column, "code": code, "message": message })
}

fn stage(line: &Line, language: Language) -> Value {
    let what = language.message(&format!("payout.what.{}", line.what), &[]);
    let subject = match line.subject.strip_prefix('@') {
        Some(key) => language.message(key, &[]),
        None => line.subject.clone(),
    };
    let number = |value: Ratio| json!({ "num": value.num.to_string(), "den": value.den.to_string() });
    let terms: Vec<Value> = line
        .terms
        .iter()
        .map(|term| json!({ "stage": term.line, "name": term.name.trim_start_matches('@'), "exact": number(term.value) }))
        .collect();
    json!({
        "id": line.id,
        "what": what,
        "subject": subject,
        "how": line.how,
        "of": terms,
        "exact": number(line.exact),
        "round": line.digits,
        "value": number(line.value),
        "text": decimal(line.value, line.written),
    })
}

/// A value as a plain decimal: percentages with their sign.
fn decimal(value: Ratio, written: Written) -> String {
    match written {
        Written::Percent => format!("{}%", value.percent(4)),
        Written::Money | Written::Points => plain(value, 4),
        Written::Count | Written::Number => plain(value, 6),
    }
}

fn plain(value: Ratio, digits: u32) -> String {
    let scaled = i64::try_from(value.scaled(digits)).unwrap_or(i64::MAX);
    attain_domain::money::format_scaled(scaled, digits)
}
