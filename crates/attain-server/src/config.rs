//! What a server is started with: the command line over the environment over a file over what is usual.
//!
//! Owns: [`Given`], as any of the three gives it; [`Config`], settled and checked; reading secrets.
//! Absent on purpose: opening anything.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use serde::Deserialize;

use crate::db;
use crate::http::PATIENCE;
use crate::seal::SecretKey;

type Result<T> = std::result::Result<T, String>;

// Settings as somebody gives them. In a file they have the same names with `_` for `-`. (No docstring: it would be the
// help of every verb.)
#[derive(Args, Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Given {
    /// A TOML file of the settings below; what stands on the command line or in the environment goes before it
    #[arg(long, global = true, env = "ATTAIN_CONFIG")]
    #[serde(skip)]
    pub config: Option<PathBuf>,
    /// sqlite:PATH or postgres://… [sqlite:attain-server.db]
    #[arg(long, global = true, env = "ATTAIN_DB")]
    pub db: Option<String>,
    /// The key under which the tenants' keys lie: env:VAR or file:PATH, 64 hexadecimal digits; a file is made if there is none [file:attain-server.key]
    #[arg(long, global = true, env = "ATTAIN_MASTER_KEY")]
    pub master_key: Option<String>,
    /// Where replicas lie: disposable, encrypted, a folder for each server process [attain-replicas]
    #[arg(long, global = true, env = "ATTAIN_REPLICAS")]
    pub replicas: Option<PathBuf>,
    /// Address and port to serve on; port 0 takes a free one [127.0.0.1:8787]
    #[arg(long, global = true, env = "ATTAIN_LISTEN")]
    pub listen: Option<SocketAddr>,
    /// Serve HTTPS with this certificate chain (PEM)
    #[arg(long, global = true, env = "ATTAIN_CERTIFICATE")]
    pub certificate: Option<PathBuf>,
    /// The certificate's key (PEM)
    #[arg(long, global = true, env = "ATTAIN_PRIVATE_KEY")]
    pub private_key: Option<PathBuf>,
    /// Longest a request may take, in seconds [60]
    #[arg(long, global = true, env = "ATTAIN_PATIENCE")]
    pub patience: Option<u64>,
}

/// Settings that fit together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    pub db: String,
    pub master_key: String,
    pub replicas: PathBuf,
    pub listen: SocketAddr,
    /// Certificate chain and key.
    pub tls: Option<(PathBuf, PathBuf)>,
    pub patience: Duration,
}

impl Given {
    /// Errors: a file that is not there or says something else; settings that do not fit together.
    pub fn settle(self) -> Result<Config> {
        let file = match &self.config {
            None => Given::default(),
            Some(path) => {
                let said = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
                let text = std::fs::read_to_string(path).map_err(|error| said(&error))?;
                toml::from_str(&text).map_err(|error| said(&error))?
            }
        };
        let tls = match (self.certificate.or(file.certificate), self.private_key.or(file.private_key)) {
            (Some(certificate), Some(key)) => Some((certificate, key)),
            (None, None) => None,
            _ => return Err("a certificate and its private key are given together".into()),
        };
        let config = Config {
            db: self.db.or(file.db).unwrap_or_else(|| "sqlite:attain-server.db".into()),
            master_key: self.master_key.or(file.master_key).unwrap_or_else(|| "file:attain-server.key".into()),
            replicas: self.replicas.or(file.replicas).unwrap_or_else(|| "attain-replicas".into()),
            listen: self.listen.or(file.listen).unwrap_or(SocketAddr::from(([127, 0, 0, 1], 8787))),
            tls,
            patience: self.patience.or(file.patience).map_or(PATIENCE, Duration::from_secs),
        };
        if config.patience.is_zero() {
            return Err("a request needs a second at least".into());
        }
        db::check(&config.db).map_err(|error| error.to_string())?;
        if !config.listen.ip().is_loopback() && config.tls.is_none() {
            return Err("plain HTTP is for this machine alone: listen on 127.0.0.1, or give a certificate".into());
        }
        for path in config.tls.iter().flat_map(|(certificate, key)| [certificate, key]) {
            std::fs::metadata(path).map_err(|error| format!("{}: {error}", path.display()))?;
        }
        if config.new_key_file().is_none() {
            config.master()?;
        }
        Ok(config)
    }
}

impl Config {
    /// The file of a master key that is not there yet.
    fn new_key_file(&self) -> Option<&Path> {
        self.master_key.strip_prefix("file:").map(Path::new).filter(|path| !path.exists())
    }

    /// The master key. Errors: it is not where it is said to be, or is none.
    pub fn master(&self) -> Result<SecretKey> {
        let text = secret(&self.master_key)?;
        let digits = |at: usize| text.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
        let bytes: Option<Vec<u8>> = (0..64).step_by(2).map(digits).collect();
        let bytes: Option<[u8; 32]> = bytes.filter(|_| text.len() == 64).and_then(|bytes| bytes.try_into().ok());
        bytes.map(SecretKey::new).ok_or_else(|| format!("{}: a master key is 64 hexadecimal digits", self.master_key))
    }

    /// The master key; a file that is not there yet is made, for its owner alone to read.
    pub fn master_or_new(&self) -> Result<SecretKey> {
        let Some(path) = self.new_key_file() else { return self.master() };
        let key = SecretKey::random().map_err(|error| error.to_string())?;
        let text: String = key.bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let written = std::io::Write::write_all(&mut file, text.as_bytes()).and_then(|()| file.sync_all());
        written.map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(key)
    }
}

/// A secret from where it is kept: `env:VAR` or `file:PATH`.
pub fn secret(from: &str) -> Result<String> {
    let text = match from.split_once(':') {
        Some(("env", name)) => std::env::var(name).map_err(|_| format!("{name} is not set"))?,
        Some(("file", path)) => std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?,
        _ => return Err("a secret is given as env:VAR or file:PATH".into()),
    };
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(text: &str) -> (tempfile::TempDir, Given) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("attain.toml");
        std::fs::write(&path, text).unwrap();
        let given = Given { config: Some(path), ..Given::default() };
        (folder, given)
    }

    #[test]
    fn the_command_line_goes_before_the_file_and_the_file_before_what_is_usual() {
        let (_folder, given) = given("db = 'sqlite:/srv/attain.db'\nlisten = '127.0.0.1:9000'\n");
        let config = Given { listen: "127.0.0.1:9001".parse().ok(), ..given }.settle().unwrap();
        assert_eq!(config.db, "sqlite:/srv/attain.db");
        assert_eq!(config.listen.port(), 9001);
        assert_eq!(config.replicas, Path::new("attain-replicas"));
    }

    #[test]
    fn what_does_not_fit_is_said_before_anything_is_opened() {
        let refused = |text: &str| given(text).1.settle().unwrap_err();
        assert!(refused("dbs = 'sqlite:x'").contains("dbs"));
        assert!(refused("db = 'mysql://x'").contains("sqlite:PATH"));
        assert!(refused("db = 'postgres://attain@db.example/attain?sslmode=disable'").contains("encrypted"));
        assert!(refused("listen = '0.0.0.0:8787'").contains("plain HTTP"));
        assert!(refused("certificate = 'x.pem'").contains("together"));
        assert!(refused("certificate = 'x.pem'\nprivate_key = 'y.pem'").contains("x.pem"));
        assert!(refused("master_key = 'env:NOT_SET_ANYWHERE'").contains("NOT_SET_ANYWHERE"));
    }
}
