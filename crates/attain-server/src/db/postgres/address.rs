//! Where a PostgreSQL is, and how it is spoken to.
//!
//! Owns: reading an address, and when what goes there is encrypted. `sslmode` and `sslrootcert` are libpq's, but that an
//! encrypted connection always checks the certificate and the name in it.
//! Absent on purpose: connecting.

use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

use percent_encoding::percent_decode_str;
use postgres::Config;
use postgres::config::{Host, SslMode};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::super::{DbError, Result};

/// An address that was understood.
#[derive(Clone)]
pub struct Address {
    pub config: Config,
    /// `None`: in clear, on this machine.
    pub tls: Option<MakeRustlsConnect>,
    /// The same for PostgreSQL's own programs, which fall back to clear when they are not told.
    pub libpq: String,
}

fn failed(error: impl std::fmt::Display) -> DbError {
    DbError::Failed(error.to_string())
}

/// Reads `postgres://…`. Whatever is beyond this machine is reached encrypted, and so is one on it that the address says
/// so of: `sslmode=require` (or `verify-full`), or a certificate authority of the company's, `sslrootcert=FILE` (PEM).
/// Without one the computer's own authorities are trusted.
///
/// Errors: not an address; in clear beyond this machine; certificates that cannot be read.
pub fn read(url: &str) -> Result<Address> {
    let (place, options) = url.split_once('?').unwrap_or((url, ""));
    let (mut authority, mut mode, mut left) = (None, "prefer", Vec::new());
    for option in options.split('&').filter(|option| !option.is_empty()) {
        match option.split_once('=') {
            Some(("sslrootcert", path)) => authority = Some(path),
            Some(("sslmode", "verify-ca" | "verify-full")) => mode = "require",
            Some(("sslmode", said)) => mode = said,
            _ => left.push(option),
        }
    }
    // The options, and which `sslmode` beside them.
    let with = |mode: &str| format!("{place}?{}", [&left[..], &[&format!("sslmode={mode}")]].concat().join("&"));
    let mut config: Config = with(mode).parse()?;
    let here = config.get_hosts().iter().all(is_here) && config.get_hostaddrs().iter().all(IpAddr::is_loopback);
    let encrypted = match config.get_ssl_mode() {
        SslMode::Disable if here => false,
        SslMode::Disable => {
            return Err(failed("PostgreSQL beyond this machine is reached encrypted: leave sslmode=disable out"));
        }
        SslMode::Require => true,
        _ => authority.is_some() || !here,
    };
    config.ssl_mode(if encrypted { SslMode::Require } else { SslMode::Disable });
    let file = authority.map(|path| percent_decode_str(path).decode_utf8_lossy());
    let tls = encrypted.then(|| trusting(file.as_deref().map(Path::new))).transpose()?;
    let mode = if encrypted { "verify-full" } else { "disable" };
    let authority = authority.map(|path| format!("&sslrootcert={path}")).unwrap_or_default();
    Ok(Address { config, tls, libpq: with(mode) + &authority })
}

fn is_here(host: &Host) -> bool {
    match host {
        #[cfg(unix)]
        Host::Unix(_) => true,
        Host::Tcp(name) => name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback()),
    }
}

fn trusting(authority: Option<&Path>) -> Result<MakeRustlsConnect> {
    let mut roots = RootCertStore::empty();
    match authority {
        Some(path) => {
            let unreadable = |error: &dyn std::fmt::Display| failed(format!("{}: {error}", path.display()));
            for certificate in CertificateDer::pem_file_iter(path).map_err(|error| unreadable(&error))? {
                roots.add(certificate.map_err(|error| unreadable(&error))?).map_err(|error| unreadable(&error))?;
            }
            if roots.is_empty() {
                return Err(unreadable(&"there is no certificate in it"));
            }
        }
        None => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let client = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().map_err(failed)?;
    Ok(MakeRustlsConnect::new(client.with_root_certificates(roots).with_no_client_auth()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leaves_this_machine_is_encrypted() {
        let encrypted = |url: &str| read(url).map(|address| address.tls.is_some()).map_err(|error| error.to_string());
        for clear in ["postgres://a@127.0.0.1/a", "postgres://a@localhost/a?sslmode=prefer", "postgres:///a?host=/run"]
        {
            assert_eq!(encrypted(clear), Ok(false), "{clear}");
        }
        for sealed in
            ["postgres://a@db.example/a", "postgres://a@localhost/a?sslmode=verify-full", "postgres://a@10.0.0.7/a"]
        {
            assert_eq!(encrypted(sealed), Ok(true), "{sealed}");
        }
        assert!(encrypted("postgres://a@db.example/a?sslmode=disable").unwrap_err().contains("sslmode"));
        assert!(encrypted("postgres://a@db.example/a?sslrootcert=/not%20there").unwrap_err().contains("/not there"));
    }
}
