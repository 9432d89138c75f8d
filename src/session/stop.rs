//! Stopping a scan in the middle: after Ctrl-C or a deadline no call waits any longer, and what was
//! read until then is kept.

use std::sync::Arc;

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
