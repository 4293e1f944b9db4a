//! Listening: plain on this machine alone, else with a certificate; until told to stop.
//!
//! Owns: the listener, TLS, the watch for what other servers change, and a graceful end.
//! Absent on purpose: routes (`http.rs`), settings (`config.rs`).

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;

use crate::config::Config;
use crate::http::{Server, router};

/// Between two looks at what other servers of the same database have changed.
const LOOK: Duration = Duration::from_millis(250);
/// Longest that requests under way are waited for at the end.
const GRACE: Duration = Duration::from_secs(20);

/// Serves until interrupted or told to end; `bound` hears the address first.
///
/// Errors: the address is taken or not this machine's; the certificate cannot be read.
pub fn serve(server: Arc<Server>, config: &Config, bound: impl FnOnce(&str)) -> Result<(), String> {
    let said = |error: &dyn std::fmt::Display| format!("{}: {error}", config.listen);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|error| said(&error))?;
    let served = runtime.block_on(async {
        let listener = TcpListener::bind(config.listen).map_err(|error| said(&error))?;
        listener.set_nonblocking(true).map_err(|error| said(&error))?;
        let address = listener.local_addr().map_err(|error| said(&error))?;
        let app = router(Arc::clone(&server)).into_make_service_with_connect_info::<SocketAddr>();
        let patience = server.patience();
        let handle = Handle::new();
        tokio::spawn(end(Arc::clone(&server), handle.clone()));
        tokio::spawn(watch(server));
        match &config.tls {
            None => {
                bound(&format!("http://{address}"));
                let mut serving = axum_server::from_tcp(listener).map_err(|error| said(&error))?;
                serving.http_builder().http1().header_read_timeout(patience);
                let serving = serving.first_request_timeout(patience);
                serving.handle(handle).serve(app).await.map_err(|error| said(&error))
            }
            Some((certificate, key)) => {
                let _ = rustls::crypto::ring::default_provider().install_default();
                let tls = RustlsConfig::from_pem_chain_file(certificate, key);
                let tls = tls.await.map_err(|error| format!("{}: {error}", certificate.display()))?;
                bound(&format!("https://{address}"));
                let mut serving = axum_server::from_tcp_rustls(listener, tls).map_err(|error| said(&error))?;
                serving.http_builder().http1().header_read_timeout(patience);
                let serving = serving.first_request_timeout(patience);
                serving.handle(handle).serve(app).await.map_err(|error| said(&error))
            }
        }
    });
    // What still listens for changes is not waited for.
    runtime.shutdown_timeout(Duration::from_secs(1));
    served
}

async fn watch(server: Arc<Server>) {
    for round in 0_u64.. {
        tokio::time::sleep(LOOK).await;
        let server = Arc::clone(&server);
        let looked = tokio::task::spawn_blocking(move || {
            for tenant in server.open_tenants() {
                if let Err(error) = tenant.look() {
                    tracing::warn!(cause = %error, "look");
                }
            }
            if round % 100 == 0 {
                server.tidy();
            }
        });
        let _ = looked.await;
    }
}

async fn end(server: Arc<Server>, handle: Handle<SocketAddr>) {
    stopped().await;
    server.end();
    handle.graceful_shutdown(Some(GRACE));
}

/// Until interrupted or told to end.
async fn stopped() {
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
