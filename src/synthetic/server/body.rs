//! Bodies that end well, break off, or fall silent.

use std::pin::Pin;
use std::task::{Context, Poll};

use hyper::body::{Body, Bytes, Frame, SizeHint};

/// The body of an answer.
#[derive(Debug)]
pub struct ReplyBody {
    left: Option<Bytes>,
    announced: u64,
    end: End,
}

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
        ReplyBody { announced: bytes.len() as u64, left: Some(bytes), end: End::Well }
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
        ReplyBody { announced: bytes.len() as u64, left: Some(half), end }
    }
}

impl Body for ReplyBody {
    type Data = Bytes;
    type Error = BreaksOff;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BreaksOff>>> {
        match (self.left.take().filter(|bytes| !bytes.is_empty()), self.end) {
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
