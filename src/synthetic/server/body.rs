//! Bodies that end well, break off, or fall silent.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::body::{Body, Bytes, Frame, SizeHint};
use tokio::time::{Sleep, sleep};

/// The body of an answer.
#[derive(Debug)]
pub struct ReplyBody {
    left: Option<Bytes>,
    announced: u64,
    end: End,
    /// The pause before the next piece, where the body trickles.
    pause: Option<Pin<Box<Sleep>>>,
}

/// A body that trickles comes in so many pieces, with this pause before each.
const PIECES: usize = 10;
const PAUSE: Duration = Duration::from_millis(30);

#[derive(Debug, Clone, Copy)]
enum End {
    Well,
    Broken,
    Silent,
}

/// The body breaks off on purpose.
#[derive(Debug, thiserror::Error)]
#[error("the body breaks off on purpose")]
pub struct BreaksOff;

impl ReplyBody {
    /// All of it.
    pub fn whole(bytes: Bytes) -> Self {
        ReplyBody { announced: bytes.len() as u64, left: Some(bytes), end: End::Well, pause: None }
    }

    /// Announces all, sends half, and closes the connection.
    pub fn broken(bytes: Bytes) -> Self {
        Self::half(&bytes, End::Broken)
    }

    /// Announces all, sends half, and nothing more.
    pub fn stalled(bytes: Bytes) -> Self {
        Self::half(&bytes, End::Silent)
    }

    fn half(bytes: &Bytes, end: End) -> Self {
        let half = bytes.slice(..bytes.len() / 2);
        ReplyBody { announced: bytes.len() as u64, left: Some(half), end, pause: None }
    }

    /// All of it, in pieces.
    pub fn trickling(bytes: Bytes) -> Self {
        ReplyBody { pause: Some(Box::pin(sleep(PAUSE))), ..Self::whole(bytes) }
    }

    /// The next piece of a body that trickles.
    fn piece(&mut self, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        let Some(pause) = &mut self.pause else { return Poll::Ready(self.left.take()) };
        if pause.as_mut().poll(context).is_pending() {
            return Poll::Pending;
        }
        pause.set(sleep(PAUSE));
        let size = usize::try_from(self.announced).unwrap_or(0).div_ceil(PIECES).max(1);
        Poll::Ready(self.left.as_mut().map(|left| left.split_to(size.min(left.len()))))
    }
}

impl Body for ReplyBody {
    type Data = Bytes;
    type Error = BreaksOff;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BreaksOff>>> {
        let piece = ready!(self.piece(context));
        match (piece.filter(|bytes| !bytes.is_empty()), self.end) {
            (Some(bytes), _) => Poll::Ready(Some(Ok(Frame::data(bytes)))),
            (None, End::Well) => Poll::Ready(None),
            (None, End::Broken) => Poll::Ready(Some(Err(BreaksOff))),
            // Never woken: the connection stays open until the client gives up.
            (None, End::Silent) => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.end, End::Well) && self.left.as_ref().is_none_or(Bytes::is_empty)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(match self.end {
            End::Well => self.left.as_ref().map_or(0, |bytes| bytes.len() as u64),
            End::Broken | End::Silent => self.announced,
        })
    }
}
