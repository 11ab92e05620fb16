//! Serving until told to stop; requests under way are finished first.

use std::net::SocketAddr;

use crate::{app::App, burden, web, worker};

/// Serves on `listen`; returns after SIGINT or SIGTERM, when open requests are answered and the database is closed.
pub async fn serve(app: App, listen: SocketAddr, ready: impl FnOnce(SocketAddr)) -> std::io::Result<()> {
    crate::install_metrics();
    let (router, _) = web::router(app.clone());
    let listener = tokio::net::TcpListener::bind(listen)
        .await
        .map_err(|error| std::io::Error::new(error.kind(), format!("不能监听 {listen}：{error}")))?;
    let address = listener.local_addr()?;
    if app.base_url.as_deref().is_none_or(|url| url.starts_with("http://")) && !address.ip().is_loopback() {
        tracing::warn!("serving plain http beyond loopback: put TLS in front and set LIANXIN_BASE_URL=https://…");
    }
    ready(address);
    let worker = tokio::spawn(worker::run(app.clone()));
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service).with_graceful_shutdown(stop_signal()).await?;
    // What it is writing is undone and taken up again by the next start.
    worker.abort();
    if let Err(error) = burden::meter::save(&app).await {
        tracing::error!(%error, "the burden meter could not be written");
    }
    app.db.close().await;
    tracing::info!("stopped");
    Ok(())
}

async fn stop_signal() {
    let interrupt = async {
        let _ = tokio::signal::ctrl_c().await;
    };
    #[cfg(unix)]
    let terminate = async {
        if let Ok(mut signal) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            signal.recv().await;
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
}
