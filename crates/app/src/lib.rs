//! Lianxin 连心: the programme of staff posted to villages. `ARCHITECTURE.md` is the map of this house.

pub mod accounts;
pub mod app;
pub mod briefings;
pub mod burden;
pub mod check;
pub mod cli;
pub mod config;
pub mod demo;
pub mod dispatch;
pub mod dossier;
pub mod express;
pub mod flows;
pub mod forms;
pub mod handover;
pub mod households;
pub mod housekeeping;
pub mod imports;
pub mod intake;
pub mod log;
pub mod matters;
pub mod packs;
pub mod people;
pub mod places;
pub mod postings;
pub mod presence;
pub mod prints;
pub mod ratings;
pub mod search;
pub mod spine;
pub mod statistics;
pub mod tables;
#[cfg(test)]
pub mod testing;
#[cfg(test)]
mod tidy;
pub mod today;
pub mod units;
pub mod web;
pub mod worker;

use std::sync::OnceLock;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

static METRICS: OnceLock<PrometheusHandle> = OnceLock::new();

/// Installs the recorder of figures for operators; once per process.
pub fn install_metrics() {
    if METRICS.get().is_none()
        && let Ok(handle) = PrometheusBuilder::new().install_recorder()
    {
        let _ = METRICS.set(handle);
    }
}

/// The recorder, where the process installed one.
pub fn metrics_handle() -> Option<&'static PrometheusHandle> {
    METRICS.get()
}
