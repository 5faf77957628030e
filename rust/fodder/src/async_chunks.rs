use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;

use crate::{Chunks, Stream};

/// A stream cut into [`Bytes`], for asynchronous code: see [`Stream::async_chunks`].
#[derive(Debug, Clone)]
#[must_use]
pub struct AsyncChunks(Chunks);

impl Stream {
    /// [`Stream::chunks`] as an asynchronous stream.
    ///
    /// It never waits: a chunk is made when it is asked for, which keeps the task's thread for some 0.1 ms a MiB and
    /// core. So chunks of up to 8 MiB suit an executor's threads; larger ones belong where blocking is allowed.
    ///
    /// # Panics
    ///
    /// As [`Stream::chunks`].
    pub fn async_chunks(self, len: usize) -> AsyncChunks {
        AsyncChunks(self.chunks(len))
    }
}

impl futures_core::Stream for AsyncChunks {
    type Item = Bytes;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Bytes>> {
        Poll::Ready(self.0.next())
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}
