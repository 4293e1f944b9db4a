//! `attain-server`: the authority's program.
//!
//! Owns: its command line, keys and secrets from the environment or files, starting and stopping.
//! Absent on purpose: everything it serves (the library).

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use attain_server::account;
use attain_server::db::{Account, AuthorityDb, sqlite::Sqlite};
use attain_server::http::{Server, router};
use attain_server::seal::SecretKey;
use clap::{Args, Parser, Subcommand};

#[derive(Parser)]
#[command(name = "attain-server", version, about = "The authority of Attain 达成")]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Args, Clone)]
struct Where {
    /// sqlite:PATH
    #[arg(long, global = true, env = "ATTAIN_DB", default_value = "sqlite:attain-server.db")]
    db: String,
    /// The key under which the tenants' keys lie: env:VAR or file:PATH, 64 hexadecimal digits. A file is made if there is none.
    #[arg(long, global = true, env = "ATTAIN_MASTER_KEY", default_value = "file:attain-server.key")]
    master_key: String,
    /// Where replicas lie: disposable, encrypted
    #[arg(long, global = true, env = "ATTAIN_REPLICAS", default_value = "attain-replicas")]
    replicas: PathBuf,
}

#[derive(Subcommand)]
enum Verb {
    /// Serves laptops until told to stop
    Serve {
        #[command(flatten)]
        at: Where,
        #[arg(long, default_value = "127.0.0.1:8787")]
        listen: SocketAddr,
        /// Fills an empty database with the sample company, an account for each of its people
        #[arg(long)]
        sample: bool,
        /// The password of the sample's accounts: env:VAR or file:PATH; else one is made and printed
        #[arg(long)]
        sample_password: Option<String>,
    },
    /// Companies
    #[command(subcommand)]
    Tenant(TenantVerb),
    /// Accounts
    #[command(subcommand)]
    User(UserVerb),
    /// Laptops
    #[command(subcommand)]
    Device(DeviceVerb),
    /// Checks that the database, the key and the replicas are what they should be
    Doctor {
        #[command(flatten)]
        at: Where,
    },
}

#[derive(Subcommand)]
enum TenantVerb {
    List {
        #[command(flatten)]
        at: Where,
    },
}

#[derive(Subcommand)]
enum UserVerb {
    /// Makes an account, or gives one another password or person
    Set {
        #[command(flatten)]
        at: Where,
        user: String,
        #[arg(long)]
        tenant: String,
        #[arg(long)]
        person: String,
        /// env:VAR or file:PATH
        #[arg(long)]
        password: String,
        #[arg(long)]
        disabled: bool,
    },
    List {
        #[command(flatten)]
        at: Where,
        #[arg(long)]
        tenant: String,
    },
}

#[derive(Subcommand)]
enum DeviceVerb {
    List {
        #[command(flatten)]
        at: Where,
        #[arg(long)]
        tenant: String,
    },
    /// Takes a laptop's access away
    Revoke {
        #[command(flatten)]
        at: Where,
        #[arg(long)]
        tenant: String,
        device: String,
    },
}

type Result<T> = std::result::Result<T, String>;

fn said(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn main() -> ExitCode {
    match run(Arguments::parse().verb) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("attain-server: {error}");
            ExitCode::from(1)
        }
    }
}

fn secret(from: &str) -> Result<String> {
    let text = match from.split_once(':') {
        Some(("env", name)) => std::env::var(name).map_err(|_| format!("{name} is not set"))?,
        Some(("file", path)) => std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?,
        _ => return Err("a secret is given as env:VAR or file:PATH".into()),
    };
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// The master key; a file that is not there yet is made, for its owner alone to read.
fn master(from: &str) -> Result<SecretKey> {
    if let Some(path) = from.strip_prefix("file:").map(Path::new).filter(|path| !path.exists()) {
        let key = SecretKey::random().map_err(said)?;
        let text: String = key.bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path).map_err(|error| format!("{}: {error}", path.display()))?;
        std::io::Write::write_all(&mut file, text.as_bytes()).map_err(said)?;
        return Ok(key);
    }
    let text = secret(from)?;
    let digits = |at: usize| text.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
    let bytes: Option<Vec<u8>> = (0..64).step_by(2).map(digits).collect();
    let bytes: Option<[u8; 32]> = bytes.filter(|_| text.len() == 64).and_then(|bytes| bytes.try_into().ok());
    bytes.map(SecretKey::new).ok_or_else(|| "a master key is 64 hexadecimal digits".into())
}

fn open(at: &Where) -> Result<Server> {
    let master = master(&at.master_key)?;
    let db: Arc<dyn AuthorityDb> = match at.db.strip_prefix("sqlite:") {
        Some(path) => Arc::new(Sqlite::open(Path::new(path), Some(master.bytes())).map_err(said)?),
        None => return Err("--db takes sqlite:PATH".into()),
    };
    std::fs::create_dir_all(&at.replicas).map_err(|error| format!("{}: {error}", at.replicas.display()))?;
    Server::new(db, master, at.replicas.clone()).map_err(said)
}

fn run(verb: Verb) -> Result<()> {
    match verb {
        Verb::Serve { at, listen, sample, sample_password } => {
            if !listen.ip().is_loopback() {
                return Err(
                    "plain HTTP is for this machine alone: listen on 127.0.0.1, behind something that ends TLS".into(),
                );
            }
            let server = Arc::new(open(&at)?);
            let password = if sample { fill_sample(&server, sample_password.as_deref())? } else { None };
            serve(server, listen, password)
        }
        Verb::Tenant(TenantVerb::List { at }) => {
            for tenant in open(&at)?.db.tenants().map_err(said)? {
                println!("{}\t{}", tenant.tenant, tenant.name);
            }
            Ok(())
        }
        Verb::User(UserVerb::Set { at, user, tenant, person, password, disabled }) => {
            let server = open(&at)?;
            if !server.tenant(&tenant).and_then(|known| known.knows(&person)).map_err(said)? {
                return Err(format!("nobody of the id {person} is in {tenant}"));
            }
            let password = account::hash(&secret(&password)?).map_err(said)?;
            server.accounts.set(&Account { tenant, user, person_id: person, password, disabled }).map_err(said)
        }
        Verb::User(UserVerb::List { at, tenant }) => {
            for account in open(&at)?.db.accounts(&tenant).map_err(said)? {
                println!("{}\t{}\t{}", account.user, account.person_id, if account.disabled { "disabled" } else { "" });
            }
            Ok(())
        }
        Verb::Device(DeviceVerb::List { at, tenant }) => {
            for device in open(&at)?.db.devices(&tenant).map_err(said)? {
                let state = if device.revoked { "revoked" } else { "" };
                println!("{}\t{}\t{}\t{state}", device.device, device.user, device.name);
            }
            Ok(())
        }
        Verb::Device(DeviceVerb::Revoke { at, tenant, device }) => {
            match open(&at)?.accounts.revoke(&tenant, &device).map_err(said)? {
                true => Ok(()),
                false => Err(format!("{tenant} has no laptop {device}")),
            }
        }
        Verb::Doctor { at } => {
            let server = open(&at)?;
            for tenant in server.db.tenants().map_err(said)? {
                let authority = server.tenant(&tenant.tenant).map_err(said)?;
                let (company, _) = authority.company().map_err(said)?;
                let clock = server.db.clock(&tenant.tenant).map_err(said)?;
                println!("{}\t{company}\tclock {clock}\tthe replica follows", tenant.tenant);
            }
            println!("in order");
            Ok(())
        }
    }
}

/// The sample company as the tenant `sample`; answers its password when one was made. A database that has it keeps it.
fn fill_sample(server: &Server, password: Option<&str>) -> Result<Option<String>> {
    const TENANT: &str = "sample";
    if server.db.tenants().map_err(said)?.iter().any(|tenant| tenant.tenant == TENANT) {
        return Ok(None);
    }
    let (password, made) = match password {
        Some(from) => (secret(from)?, false),
        None => {
            let random = SecretKey::random().map_err(said)?;
            (random.bytes()[..8].iter().map(|byte| format!("{byte:02x}")).collect(), true)
        }
    };
    let folder = tempfile::tempdir().map_err(said)?;
    let unlock = attain_client::keys::Unlock::Passphrase(password.clone().into());
    let workspace = attain_client::sample::create(folder.path(), &unlock).map_err(|problem| problem.code)?;
    let people = workspace.view().people(workspace.today().map_err(|problem| problem.code)?).map_err(said)?;
    let authority = server.add_tenant(TENANT, "青禾商用咖啡").map_err(said)?;
    authority.found(workspace.view()).map_err(said)?;
    let hashed = account::hash(&password).map_err(said)?;
    for person in people {
        let account = Account {
            tenant: TENANT.to_owned(),
            user: person.id.clone(),
            person_id: person.id,
            password: hashed.clone(),
            disabled: false,
        };
        server.accounts.set(&account).map_err(said)?;
    }
    workspace.store.truncate_log().map_err(said)?;
    Ok(made.then_some(password))
}

fn serve(server: Arc<Server>, listen: SocketAddr, password: Option<String>) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(said)?;
    runtime.block_on(async move {
        let listener = tokio::net::TcpListener::bind(listen).await.map_err(|error| format!("{listen}: {error}"))?;
        let bound = listener.local_addr().map_err(said)?;
        println!("http://{bound}");
        if let Some(password) = password {
            println!("password of every account of the sample: {password}");
        }
        let _ = std::io::Write::flush(&mut std::io::stdout());
        let app = router(server).into_make_service_with_connect_info::<SocketAddr>();
        axum::serve(listener, app).with_graceful_shutdown(stop()).await.map_err(said)
    })
}

/// Until interrupted or told to end.
async fn stop() {
    #[cfg(unix)]
    if let Ok(mut end) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = end.recv() => {}
        }
        return;
    }
    let _ = tokio::signal::ctrl_c().await;
}
