//! What whoever runs a server does with it: settings, companies, certificates, copies, several processes, health.
//!
//! Absent on purpose: what laptops say to each other (`laptops.rs`), the tables (`database.rs`).
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/postgres.rs"]
mod postgres;
#[path = "support/process.rs"]
mod process;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use postgres::PostgresServer;
use process::{Laptop, Server, program};

fn file_db(folder: &Path) -> String {
    format!("sqlite:{}", folder.join("server.db").display())
}

/// What a program says, and whether it went well.
fn said(command: &mut Command) -> (bool, String) {
    let output = command.output().unwrap();
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    (output.status.success(), text)
}

fn done(command: &mut Command) -> String {
    let (well, text) = said(command);
    assert!(well, "{text}");
    text
}

fn get(url: &str) -> (u16, String) {
    let agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
    let mut response = agent.get(url).call().unwrap();
    let body = response.body_mut().read_to_vec().unwrap();
    (response.status().as_u16(), String::from_utf8_lossy(&body).into_owned())
}

const UNITS: &str = "unit_id,name,parent_id,kind\ncompany,海棠,,company\nA,一队,company,team\n";
const PEOPLE: &str = "person_id,name,unit_id,position,role,base_salary,joined_on,left_on\n\
    he-qi,何琪,A,team_lead,manager,12000.00,2025-01-01,\nlu-yu,陆羽,A,new_business,rep,9000.00,2025-01-01,\n";

#[test]
fn a_new_company_begins_with_its_owner_who_brings_in_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let at = file_db(folder.path());
    let add = |tenant: &str| {
        let args = ["tenant", "add", tenant, "--name", "海棠", "--owner-id", "boss", "--owner-name", "老板"];
        let mut command = program(&args, &at, folder.path());
        command.args(["--password", "env:SAMPLE"]);
        command
    };
    done(&mut add("haitang"));
    let (again, why) = said(&mut add("haitang"));
    assert!(!again && why.contains("already"), "{why}");
    let server = Server::empty(&at, folder.path());
    let owner = Laptop::of("boss", &server);
    for (noun, rows) in [("unit", UNITS), ("person", PEOPLE)] {
        owner.done(&[noun, "import", &owner.file(rows)]);
    }
    owner.sync();
    let set = ["user", "set", "he.qi", "--tenant", "haitang", "--person", "he-qi", "--password", "env:SAMPLE"];
    done(&mut program(&set, &at, folder.path()));
    let manager = Laptop::of("he.qi", &server);
    let people = manager.done(&["person", "list"]);
    assert!(people.to_string().contains("陆羽"), "{people}");
}

#[test]
fn a_workspace_of_ones_own_becomes_a_company_on_a_server() {
    let folder = tempfile::tempdir().unwrap();
    let at = file_db(folder.path());
    let own = Laptop { home: tempfile::tempdir().unwrap() };
    own.done(&["workspace", "create", "--company", "海棠", "--owner-id", "boss", "--owner-name", "老板"]);
    for (noun, rows) in [("unit", UNITS), ("person", PEOPLE)] {
        own.done(&[noun, "import", &own.file(rows)]);
    }
    let home = own.home.path().display().to_string();
    let args = ["tenant", "add", "haitang", "--from", &home, "--unlock", "env:LAPTOP", "--password", "env:SAMPLE"];
    done(program(&args, &at, folder.path()).env("LAPTOP", process::PASSPHRASE));
    let server = Server::empty(&at, folder.path());
    let owner = Laptop::of("boss", &server);
    assert_eq!(owner.done(&["person", "list"]), own.done(&["person", "list"]));
    assert_eq!(owner.done(&["unit", "list"]), own.done(&["unit", "list"]));
}

#[test]
fn a_copy_brings_a_server_back_and_laptops_sign_in_again_with_what_waits() {
    for place in ["sqlite", "postgres"] {
        let (folder, fresh) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let running = (place == "postgres").then(PostgresServer::shared);
        let at = |folder: &Path| running.as_ref().map_or_else(|| file_db(folder), |running| running.database());
        let (old, new) = (at(folder.path()), at(fresh.path()));
        let copy = folder.path().join("copy");
        let copy_name = copy.display().to_string();
        let server = if running.is_some() { Server::on(&old, folder.path()) } else { Server::start(folder.path()) };
        let hr = Laptop::of("wang-fang", &server);
        hr.done(&["goal", "adjust", "g26-jia", "--target", "4500000", "--reading", "remaining-share"]);
        hr.sync();
        let october = hr.month("g26-zhang-san", "2026-10");
        done(&mut program(&["backup", &copy_name], &old, folder.path()));
        let (again, why) = said(&mut program(&["backup", &copy_name], &old, folder.path()));
        assert!(!again && why.contains("there already"), "{why}");
        // Known to the old server alone, and waiting on the laptop.
        hr.done(&["note", "add", "--about", "zhang-san", "--text", "备份之后", "--visibility", "managers"]);
        hr.sync();
        hr.done(&["note", "add", "--about", "zhang-san", "--text", "还没提交", "--visibility", "managers"]);
        drop(server);

        std::fs::copy(folder.path().join("master.key"), fresh.path().join("master.key")).unwrap();
        done(&mut program(&["restore", &copy_name], &new, fresh.path()));
        let (twice, _) = said(&mut program(&["restore", &copy_name], &new, fresh.path()));
        assert!(!twice, "a database that has something is left alone");
        let server = Server::empty(&new, fresh.path());
        assert!(!hr.run(&["sync", "run"]).status.success(), "the old address and the old session are over");
        hr.done(&["sync", "sign-in", &server.url, "--user", "wang-fang", "--password", "env:SAMPLE"]);
        hr.run(&["sync", "run"]);
        hr.sync();
        let other = Laptop::of("wang-fang", &server);
        assert_eq!(other.month("g26-zhang-san", "2026-10"), october);
        let found =
            |laptop: &Laptop, text: &str| laptop.done(&["note", "search", text])["items"].as_array().unwrap().len();
        for laptop in [&hr, &other] {
            assert_eq!((found(laptop, "还没提交"), found(laptop, "备份之后")), (1, 0), "{place}");
        }
        let digest = |laptop: &Laptop| laptop.done(&["sync", "status"])["digest"].clone();
        assert_eq!(digest(&hr), digest(&other));
        // A copy under another master key is no use to anyone.
        let stranger = tempfile::tempdir().unwrap();
        if place == "sqlite" {
            let (well, _) = said(&mut program(&["restore", &copy_name], &file_db(stranger.path()), stranger.path()));
            assert!(!well && !stranger.path().join("server.db").exists());
        }
    }
}

#[test]
fn laptops_of_two_server_processes_on_one_postgresql_see_the_same() {
    let running = PostgresServer::shared();
    let at = running.database();
    let (east, west) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let first = Server::on(&at, east.path());
    std::fs::copy(east.path().join("master.key"), west.path().join("master.key")).unwrap();
    let second = Server::on(&at, west.path());
    let (hr, manager) = (Laptop::of("wang-fang", &first), Laptop::of("li-na", &second));
    hr.done(&["goal", "adjust", "g26-company", "--target", "1.2亿", "--reading", "remaining-share"]);
    hr.sync();
    manager.sync();
    assert_eq!(manager.month("g26-zhang-san", "2026-09"), "396000.00");
    manager.done(&["goal", "lock", "g26-zhang-san"]);
    manager.sync();
    hr.sync();
    let tree = hr.done(&["goal", "tree", "--period", "2026"]);
    assert_eq!(process::find(&tree["goals"], "g26-zhang-san").unwrap()["locked"], true);
}

#[test]
fn https_with_the_companys_own_authority_is_trusted_only_where_it_is_pinned() {
    let folder = tempfile::tempdir().unwrap();
    let authority = rcgen::CertifiedIssuer::self_signed(
        {
            let mut params = rcgen::CertificateParams::new(Vec::<String>::new()).unwrap();
            params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
            params.distinguished_name.push(rcgen::DnType::CommonName, "Qinghe CA");
            params
        },
        rcgen::KeyPair::generate().unwrap(),
    )
    .unwrap();
    let key = rcgen::KeyPair::generate().unwrap();
    let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    let certificate = rcgen::CertificateParams::new(names).unwrap().signed_by(&key, &authority).unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("ca.pem"), authority.pem()).unwrap();
    std::fs::write(path("server.pem"), certificate.pem()).unwrap();
    std::fs::write(path("server.key"), key.serialize_pem()).unwrap();
    let (certificate, key) = (path("server.pem").display().to_string(), path("server.key").display().to_string());
    let server = Server::start_with(&["--certificate", &certificate, "--private-key", &key], folder.path());
    assert!(server.url.starts_with("https://127.0.0.1:"), "{}", server.url);
    let laptop = Laptop { home: tempfile::tempdir().unwrap() };
    let sign_in = ["sync", "sign-in", &server.url, "--user", "li-na", "--password", "env:SAMPLE"];
    let refused = laptop.run(&sign_in);
    let why: serde_json::Value = serde_json::from_slice(&refused.stderr).unwrap();
    assert_eq!(why["error"]["code"], "server_untrusted", "{why}");
    laptop.done(&[&sign_in[..], &["--ca", &path("ca.pem").display().to_string()]].concat());
    // Pinned: nobody has to say it again.
    laptop.sync();
    laptop.done(&sign_in);
    laptop.sync();
}

#[test]
fn health_and_numbers_are_there_and_name_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    assert_eq!(get(&format!("{}/healthz", server.url)), (200, "ok\n".to_owned()));
    let _ = Laptop::of("li-na", &server);
    let (status, numbers) = get(&format!("{}/metrics", server.url));
    assert_eq!(status, 200);
    assert!(numbers.contains(r#"attain_requests_total{route="/v1/pull",status="200"}"#), "{numbers}");
    assert!(!numbers.contains("li-na"));
    assert_eq!(get(&format!("{}/nothing", server.url)).0, 404);
}

#[test]
fn settings_are_checked_before_anything_is_served() {
    let folder = tempfile::tempdir().unwrap();
    let check = |settings: &str| {
        let path = folder.path().join("attain.toml");
        std::fs::write(&path, settings).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_attain-server"));
        said(command.current_dir(folder.path()).args(["serve", "--check", "--config"]).arg(path))
    };
    let (well, text) = check("db = 'postgres://attain:secret@127.0.0.1/attain'\nlisten = '127.0.0.1:9000'\n");
    assert!(well && text.contains("127.0.0.1:9000") && !text.contains("secret"), "{text}");
    let (well, text) = check("lisen = '127.0.0.1:9000'\n");
    assert!(!well && text.contains("lisen"), "{text}");
    assert!(!folder.path().join("attain-server.key").exists(), "a check makes nothing");
}

#[test]
#[cfg(unix)]
fn a_server_that_is_told_to_end_ends_although_somebody_listens() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(folder.path());
    let laptop = Laptop::of("li-na", &server);
    let mut listening = Command::new(process::attainctl())
        .args(["--home", &laptop.home.path().display().to_string(), "--unlock", "env:LAPTOP", "sync", "watch"])
        .env("LAPTOP", process::PASSPHRASE)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_secs(2));
    assert!(Command::new("kill").arg(server.child.id().to_string()).status().unwrap().success());
    let begun = Instant::now();
    let status = loop {
        if let Some(status) = server.child.try_wait().unwrap() {
            break status;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "it does not end");
        std::thread::sleep(Duration::from_millis(50));
    };
    assert!(status.success(), "{status}");
    let _ = listening.kill();
    let _ = listening.wait();
}

#[test]
fn a_change_on_one_laptop_reaches_another_that_watches() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    let (hr, manager) = (Laptop::of("wang-fang", &server), Laptop::of("li-na", &server));
    let mut watching = Command::new(process::attainctl())
        .args([
            "--home",
            &manager.home.path().display().to_string(),
            "--unlock",
            "env:LAPTOP",
            "--json",
            "sync",
            "watch",
        ])
        .env("LAPTOP", process::PASSPHRASE)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(watching.stdout.take().unwrap()));
    // The first line is of the round at its start.
    assert!(lines.next().unwrap().unwrap().contains("\"whole\":true"));
    hr.done(&["goal", "adjust", "g26-company", "--target", "1.2亿", "--reading", "remaining-share"]);
    hr.sync();
    assert!(lines.next().unwrap().unwrap().contains("\"whole\":true"));
    let _ = watching.kill();
    let _ = watching.wait();
    assert_eq!(manager.month("g26-zhang-san", "2026-09"), "396000.00");
}
