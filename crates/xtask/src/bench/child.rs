//! One fresh process: runs it to its end, hears its `@@` line, and measures its peak memory from outside.
//!
//! Deliberately absent: the clock. A child times its own work, without its start.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Map, Value};

/// Peak memory of ours or a peer, MB, where the system says it.
pub const PEAK: &str = "peak_rss_mb";

/// No workload takes this long; one that does hangs.
const PATIENCE: Duration = Duration::from_secs(900);

/// What a child said, with [`PEAK`] added.
#[derive(Debug, Clone, Default)]
pub struct Run(pub Map<String, Value>);

impl Run {
    pub fn figure(&self, name: &str) -> Option<f64> {
        self.0.get(name)?.as_f64()
    }

    pub fn check(&self) -> Option<&Value> {
        self.0.get("check").filter(|check| !check.is_null())
    }
}

/// Runs a child that prints one `@@{…}` line.
///
/// Errors: it does not start, fails (with its last words), says no such line, or does not end.
pub fn fresh(command: &mut Command) -> Result<Run, String> {
    let (lines, peak) = lines(command)?;
    let said = lines.iter().find_map(|line| line.strip_prefix("@@")).ok_or("it printed no @@ line")?;
    let mut figures: Map<String, Value> = serde_json::from_str(said).map_err(|error| format!("{said}: {error}"))?;
    if !figures.get("t").is_some_and(Value::is_number) {
        return Err(format!("no `t` in {said}"));
    }
    figures.remove(PEAK);
    if let Some(peak) = peak {
        figures.insert(PEAK.into(), peak.into());
    }
    Ok(Run(figures))
}

/// Runs to the end: the lines of standard output, and the peak in MB.
pub fn lines(command: &mut Command) -> Result<(Vec<String>, Option<f64>), String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("{name}: {error}"))?;
    let said = child.stdout.take().map(|stdout| std::thread::spawn(move || read_lines(stdout)));
    let complaints = child.stderr.take().map(|stderr| std::thread::spawn(move || read_lines(stderr)));
    let begun = Instant::now();
    let mut peak = None;
    let status = loop {
        peak = high_water(&child).or(peak);
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if begun.elapsed() > PATIENCE => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!("it did not end in {} s", PATIENCE.as_secs()));
            }
            Ok(None) => std::thread::sleep(Duration::from_millis(5)),
            Err(error) => return Err(format!("{name}: {error}")),
        }
    };
    let join = |thread: Option<std::thread::JoinHandle<Vec<String>>>| {
        thread.and_then(|thread| thread.join().ok()).unwrap_or_default()
    };
    let (said, complaints) = (join(said), join(complaints));
    if status.success() {
        return Ok((said, peak));
    }
    let last = complaints.iter().rev().find(|line| !line.trim().is_empty()).map_or("", |line| line.trim());
    Err(format!("{status}: {last}"))
}

fn read_lines(from: impl Read) -> Vec<String> {
    let mut lines = Vec::new();
    let mut reader = BufReader::new(from);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
        lines.push(String::from_utf8_lossy(&line).trim_end().to_owned());
        line.clear();
    }
    lines
}

/// The most memory the process ever held. It only rises, so looking often is enough; what the process was before it
/// became the program (which `getrusage` mixes in) is not in it.
fn high_water(child: &Child) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: f64 = line.split_whitespace().next()?.parse().ok()?;
    Some((kilobytes / 1024.0).round())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    fn sh(script: &str) -> Result<Run, String> {
        fresh(Command::new("sh").args(["-c", script]))
    }

    #[test]
    fn a_child_is_heard_and_measured() {
        let run = sh(r#"echo hello; sleep 0.05; echo '@@{"t":1.5,"check":[1,2],"peak_rss_mb":9999}'"#).unwrap();
        assert_eq!(run.figure("t"), Some(1.5));
        assert_eq!(run.check(), Some(&serde_json::json!([1, 2])));
        assert!(run.figure(PEAK).is_some_and(|peak| peak < 500.0), "its own word is not taken: {run:?}");
    }

    #[test]
    fn a_failing_child_is_quoted() {
        assert!(sh("echo 'no such workload' >&2; exit 2").unwrap_err().ends_with("no such workload"));
        assert!(sh("echo hello").unwrap_err().contains("@@"));
        assert!(sh("echo '@@{\"check\":1}'").unwrap_err().contains("`t`"));
    }
}
