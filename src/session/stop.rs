//! Stopping a scan in the middle: after Ctrl-C, SIGTERM or a deadline no call waits any longer, and
//! what was read until then is kept.

use std::io;
use std::sync::Arc;

use tokio::signal;
use tokio::sync::watch;

/// A switch that is thrown once. Clones are the same switch.
#[derive(Debug, Clone)]
pub struct Stop(Arc<watch::Sender<bool>>);

impl Default for Stop {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }
}

impl Stop {
    /// Stops the scan.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }

    /// Whether the scan was stopped.
    pub fn is_stopped(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until the scan is stopped.
    pub async fn stopped(&self) {
        // The sender lives as long as this value, so that waiting cannot fail.
        let _ = self.0.subscribe().wait_for(|stopped| *stopped).await;
    }

    /// The outcome of a future, or `None` when the scan is stopped first.
    pub async fn unless<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            () = self.stopped() => None,
            done = work => Some(done),
        }
    }
}

/// Waits for Ctrl-C, or for SIGTERM, by which CI runners and containers end a job.
///
/// # Errors
/// When the system gives no notice of signals.
pub async fn asked_to_end() -> io::Result<()> {
    #[cfg(unix)]
    {
        let mut terminate = signal::unix::signal(signal::unix::SignalKind::terminate())?;
        tokio::select! {
            asked = signal::ctrl_c() => asked,
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    signal::ctrl_c().await
}
