//! `attain-server`: the authority's program.
//!
//! Owns: its command line, keys and secrets from the environment or files, starting and stopping.
//! Absent on purpose: everything it serves (the library).

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use attain_client::keys::Unlock;
use attain_client::workspace::NewWorkspace;
use attain_server::authority::{Authority, Failure};
use attain_server::company::{self, Beginning};
use attain_server::config::{Config, Given, secret};
use attain_server::db::{self, Account};
use attain_server::http::Server;
use attain_server::seal::SecretKey;
use attain_server::{account, backup, serve};
use clap::{Args, Parser, Subcommand};
use metrics_exporter_prometheus::PrometheusBuilder;

#[derive(Parser)]
#[command(name = "attain-server", version, about = "The authority of Attain 达成")]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Serves laptops until told to stop
    Serve {
        #[command(flatten)]
        given: Given,
        /// Adds the sample company, if it is not there, with an account for each of its people
        #[arg(long)]
        sample: bool,
        /// The password of the sample's accounts: env:VAR or file:PATH; else one is made and printed
        #[arg(long)]
        sample_password: Option<String>,
        /// Checks the settings, says what they are, and serves nothing
        #[arg(long)]
        check: bool,
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
    /// Changes of people who were nobody in the company any more, as their laptops sealed them: JSON, one box a line
    Escrow {
        #[command(flatten)]
        given: Given,
        #[arg(long)]
        tenant: String,
    },
    /// What is on record of laptops, in the order it came: JSON, one entry a line
    Audit {
        #[command(flatten)]
        given: Given,
        #[arg(long)]
        tenant: String,
        #[arg(long)]
        device: Option<String>,
    },
    /// Checks that the database, the key and the replicas are what they should be
    Doctor {
        #[command(flatten)]
        given: Given,
    },
    /// Copies the database to a new file, while it is served; the master key is not in it
    Backup {
        #[command(flatten)]
        given: Given,
        file: PathBuf,
    },
    /// Fills a new database from a copy; every laptop then signs in again
    Restore {
        #[command(flatten)]
        given: Given,
        file: PathBuf,
    },
}

#[derive(Subcommand)]
enum TenantVerb {
    List {
        #[command(flatten)]
        given: Given,
    },
    /// Puts a company on the server: a new one with its owner, or a workspace that had no server
    Add {
        #[command(flatten)]
        given: Given,
        tenant: String,
        /// The password of the owner's account, named as the owner's id: env:VAR or file:PATH
        #[arg(long)]
        password: String,
        #[command(flatten)]
        new: Box<NewCompany>,
        /// Takes over the workspace in this home folder instead
        #[arg(long, conflicts_with = "name")]
        from: Option<PathBuf>,
        /// What opens that workspace: keychain or env:VAR
        #[arg(long, default_value = "keychain")]
        unlock: String,
    },
}

#[derive(Args)]
struct NewCompany {
    #[arg(long, required_unless_present = "from")]
    name: Option<String>,
    #[arg(long, default_value = "CNY")]
    currency: String,
    #[arg(long, default_value = "owner")]
    owner_id: String,
    #[arg(long, default_value = "Owner")]
    owner_name: String,
    /// The company's clock: hours and minutes before or after UTC
    #[arg(long, default_value = "+08:00", allow_hyphen_values = true)]
    utc_offset: String,
}

#[derive(Subcommand)]
enum UserVerb {
    /// Makes an account, or gives one another password or person
    Set {
        #[command(flatten)]
        given: Given,
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
        given: Given,
        #[arg(long)]
        tenant: String,
    },
}

#[derive(Subcommand)]
enum DeviceVerb {
    List {
        #[command(flatten)]
        given: Given,
        #[arg(long)]
        tenant: String,
    },
    /// Changes that were refused, as they were pushed: JSON, one a line
    Refused {
        #[command(flatten)]
        given: Given,
        #[arg(long)]
        tenant: String,
    },
    /// Takes a laptop's access away
    Revoke {
        #[command(flatten)]
        given: Given,
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

fn open(config: &Config, master: SecretKey) -> Result<Server> {
    std::fs::create_dir_all(&config.replicas).map_err(|error| format!("{}: {error}", config.replicas.display()))?;
    let db = db::open(&config.db, master.bytes()).map_err(said)?;
    Server::new(db, master, config.replicas.clone()).map_err(said)
}

/// Errors, besides those of the settings: nobody there, not let in, another master key.
fn opened(given: Given) -> Result<Server> {
    let config = given.settle()?;
    open(&config, config.master()?)
}

fn run(verb: Verb) -> Result<()> {
    match verb {
        Verb::Serve { given, check: true, .. } => {
            let config = given.settle()?;
            println!("db {}", shown(&config.db));
            println!("replicas {}", config.replicas.display());
            println!("{}://{}", if config.tls.is_some() { "https" } else { "http" }, config.listen);
            Ok(())
        }
        Verb::Serve { given, sample, sample_password, check: false } => {
            tracing_subscriber::fmt().json().with_writer(std::io::stderr).init();
            let config = given.settle()?;
            let recorder = PrometheusBuilder::new().install_recorder().map_err(said)?;
            let server = Arc::new(open(&config, config.master_or_new()?)?.counting(recorder).waiting(config.patience));
            let password = if sample { fill_sample(&server, sample_password.as_deref())? } else { None };
            serve::serve(server, &config, |address| {
                println!("{address}");
                if let Some(password) = password {
                    println!("password of every account of the sample: {password}");
                }
                let _ = std::io::Write::flush(&mut std::io::stdout());
            })
        }
        Verb::Tenant(TenantVerb::List { given }) => {
            for tenant in opened(given)?.db.tenants().map_err(said)? {
                println!("{}\t{}", tenant.tenant, tenant.name);
            }
            Ok(())
        }
        Verb::Tenant(TenantVerb::Add { given, tenant, password, new, from, unlock }) => {
            let beginning = match from {
                None => new.beginning()?,
                Some(home) if unlock == "keychain" => Beginning::Workspace { home, unlock: Unlock::Keychain },
                Some(home) => Beginning::Workspace { home, unlock: Unlock::Passphrase(secret(&unlock)?.into()) },
            };
            let config = given.settle()?;
            let server = open(&config, config.master_or_new()?)?;
            match company::found(&server, &tenant, &secret(&password)?, beginning)? {
                true => Ok(()),
                false => Err(format!("{tenant} is on this server already")),
            }
        }
        Verb::User(UserVerb::Set { given, user, tenant, person, password, disabled }) => {
            let server = opened(given)?;
            if !server.tenant(&tenant).and_then(|known| known.knows(&person)).map_err(said)? {
                return Err(format!("nobody of the id {person} is in {tenant}"));
            }
            let password = account::hash(&secret(&password)?).map_err(said)?;
            server.accounts.set(&Account { tenant, user, person_id: person, password, disabled }).map_err(said)
        }
        Verb::User(UserVerb::List { given, tenant }) => {
            for account in opened(given)?.db.accounts(&tenant).map_err(said)? {
                println!("{}\t{}\t{}", account.user, account.person_id, if account.disabled { "disabled" } else { "" });
            }
            Ok(())
        }
        Verb::Device(DeviceVerb::List { given, tenant }) => {
            for device in opened(given)?.db.devices(&tenant).map_err(said)? {
                let state = if device.revoked { "revoked" } else { "" };
                println!("{}\t{}\t{}\t{state}", device.device, device.user, device.name);
            }
            Ok(())
        }
        Verb::Device(DeviceVerb::Revoke { given, tenant, device }) => {
            match opened(given)?.accounts.revoke(&tenant, &device).map_err(said)? {
                true => Ok(()),
                false => Err(format!("{tenant} has no laptop {device}")),
            }
        }
        Verb::Device(DeviceVerb::Refused { given, tenant }) => {
            kept(&opened(given)?, &tenant, "read_refused", Authority::refused)
        }
        Verb::Escrow { given, tenant } => kept(&opened(given)?, &tenant, "read_escrow", Authority::escrow),
        Verb::Audit { given, tenant, device } => {
            kept(&opened(given)?, &tenant, "read_trail", |authority| authority.trail(device.as_deref()))
        }
        Verb::Doctor { given } => {
            let server = opened(given)?;
            for tenant in server.db.tenants().map_err(said)? {
                let authority = server.tenant(&tenant.tenant).map_err(said)?;
                let (company, _) = authority.company().map_err(said)?;
                let clock = server.db.clock(&tenant.tenant).map_err(said)?;
                println!("{}\t{company}\tclock {clock}\tthe replica follows", tenant.tenant);
            }
            println!("in order");
            Ok(())
        }
        Verb::Backup { given, file } => {
            let config = given.settle()?;
            backup::backup(&config.db, config.master()?.bytes(), &file)
        }
        Verb::Restore { given, file } => {
            let config = given.settle()?;
            backup::restore(&file, &config.db, config.master()?.bytes())?;
            println!("replicas are made anew: remove what is in {}", config.replicas.display());
            Ok(())
        }
    }
}

/// Prints what is kept, and notes that it was read.
fn kept(
    server: &Server,
    tenant: &str,
    what: &str,
    read: impl FnOnce(&Authority) -> std::result::Result<Vec<serde_json::Value>, Failure>,
) -> Result<()> {
    let authority = server.tenant(tenant).map_err(said)?;
    authority.read_by_operator(what).map_err(said)?;
    for value in read(&authority).map_err(said)? {
        println!("{value}");
    }
    Ok(())
}

/// An address without the password it may hold.
fn shown(db: &str) -> String {
    let db = db.split('?').next().unwrap_or(db);
    match db.split_once("://").and_then(|(kind, rest)| rest.rsplit_once('@').map(|(_, at)| (kind, at))) {
        Some((kind, at)) => format!("{kind}://…@{at}"),
        None => db.to_owned(),
    }
}

impl NewCompany {
    fn beginning(self) -> Result<Beginning> {
        let offset: chrono::FixedOffset =
            self.utc_offset.parse().map_err(|_| "a clock is +08:00 or -05:30".to_owned())?;
        Ok(Beginning::New {
            company: NewWorkspace {
                company: self.name.unwrap_or_default(),
                currency: self.currency.parse().map_err(|_| format!("{} is no currency", self.currency))?,
                owner_id: self.owner_id,
                owner_name: self.owner_name,
            },
            utc_offset_seconds: offset.local_minus_utc(),
        })
    }
}

/// The sample company as the tenant `sample`; answers its password when one was made.
fn fill_sample(server: &Server, password: Option<&str>) -> Result<Option<String>> {
    const TENANT: &str = "sample";
    let known = server.db.tenants().map_err(said)?.into_iter().any(|tenant| tenant.tenant == TENANT);
    if known && server.db.clock(TENANT).map_err(said)? > 0 {
        return Ok(None);
    }
    let (password, made) = match password {
        Some(from) => (secret(from)?, false),
        None => {
            let random = SecretKey::random().map_err(said)?;
            (random.bytes()[..8].iter().map(|byte| format!("{byte:02x}")).collect(), true)
        }
    };
    company::found(server, TENANT, &password, Beginning::Sample)?;
    Ok(made.then_some(password))
}
