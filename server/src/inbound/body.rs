//! Reads a request body within limits of size, time, and memory over all bodies
//! ([`body_slots`](super::body_slots)).

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, header};
use futures::StreamExt;
use tokio::time::Instant;

use super::body_slots::{BodySlot, BodySlots, BodySource};
use super::error::InboundError;
use crate::clock::Clock;

/// GitHub's own limit is 25 MB.
pub const MAX_BODY_BYTES: usize = 25 * 1024 * 1024;
/// A slower body is allowed for this long.
const GRACE_TIMEOUT: Duration = Duration::from_secs(5);
/// For the complete body.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);
/// The average rate that a body needs after [`GRACE_TIMEOUT`].
const MIN_BYTES_PER_SECOND: usize = 64 * 1024;
/// For memory, over all waits of a body. Trackers give up after ten seconds.
const SLOT_TIMEOUT: Duration = Duration::from_secs(8);

/// A body with its slot of memory, which is released on drop.
pub struct BufferedBody {
    /// The raw bytes.
    pub bytes: Vec<u8>,
    _slot: BodySlot,
}

/// The length that the headers declare.
///
/// # Errors
/// [`InboundError::TooLarge`] if it is over the limit.
pub fn declared_length(headers: &HeaderMap) -> Result<Option<usize>, InboundError> {
    let Some(length) = headers.get(header::CONTENT_LENGTH) else { return Ok(None) };
    // The HTTP layer has already rejected anything but digits, so a length that doesn't fit a `usize`
    // is too large.
    let length = length.to_str().ok().and_then(|length| length.parse::<usize>().ok()).ok_or(InboundError::TooLarge)?;
    if length > MAX_BODY_BYTES { Err(InboundError::TooLarge) } else { Ok(Some(length)) }
}

/// Reads the whole body.
///
/// # Errors
/// [`InboundError::TooLarge`], [`InboundError::TooSlow`], [`InboundError::Busy`] or [`InboundError::Broken`].
pub async fn read(
    body: Body,
    declared: Option<usize>,
    slots: &BodySlots,
    source: BodySource,
    clock: &Clock,
) -> Result<BufferedBody, InboundError> {
    let mut larger = slots.sizes();
    let mut wait_left = SLOT_TIMEOUT;
    let mut grow = async || {
        let slots = larger.next().ok_or(InboundError::TooLarge)?;
        let waiting_since = clock.instant();
        let slot = clock.timeout(wait_left, slots.acquire(source)).await.flatten();
        wait_left = wait_left.saturating_sub(clock.instant() - waiting_since);
        slot.ok_or(InboundError::Busy)
    };
    let mut slot = grow().await?;
    let mut bytes = Vec::new();
    let mut begun = clock.instant();
    let mut chunks = body.into_data_stream();
    loop {
        let left = deadline(begun, bytes.len()).saturating_duration_since(clock.instant());
        let chunk = match clock.timeout(left, chunks.next()).await {
            Some(Some(chunk)) => chunk.map_err(|_| InboundError::Broken)?,
            Some(None) => return Ok(BufferedBody { bytes, _slot: slot }),
            None => return Err(InboundError::TooSlow),
        };
        while bytes.len() + chunk.len() > slot.max_bytes() {
            let waiting_since = clock.instant();
            slot = grow().await?;
            // The sender is not to blame for this wait.
            begun += clock.instant() - waiting_since;
        }
        let expected = declared.unwrap_or(MAX_BODY_BYTES).min(slot.max_bytes());
        bytes.reserve_exact(expected.max(chunk.len()).saturating_sub(bytes.len()));
        bytes.extend_from_slice(&chunk);
    }
}

/// When the next chunk must arrive, after so many bytes.
fn deadline(begun: Instant, received: usize) -> Instant {
    let earned = Duration::from_millis((received * 1000 / MIN_BYTES_PER_SECOND) as u64);
    begun + (GRACE_TIMEOUT + earned).min(BODY_TIMEOUT)
}

#[cfg(test)]
mod tests {
    use axum::body::Bytes;
    use chrono::DateTime;
    use futures::{FutureExt, channel, stream};

    use super::*;
    use crate::ids::Ids;

    const MIB: usize = 1024 * 1024;

    fn clock() -> Clock {
        Clock::mock(DateTime::UNIX_EPOCH)
    }

    fn source() -> BodySource {
        BodySource::new(Ids::new(clock()).next(), [127, 0, 0, 1].into())
    }

    fn chunks(count: usize) -> Body {
        let chunk = Bytes::from(vec![b' '; MIB]);
        Body::from_stream(stream::iter(vec![chunk; count]).map(Ok::<_, std::io::Error>))
    }

    /// A body whose chunks the test sends.
    fn streamed() -> (channel::mpsc::UnboundedSender<Result<Bytes, std::io::Error>>, Body) {
        let (sender, receiver) = channel::mpsc::unbounded();
        (sender, Body::from_stream(receiver))
    }

    #[test]
    fn a_declared_length_over_the_limit_is_refused() {
        let of =
            |length: &str| declared_length(&HeaderMap::from_iter([(header::CONTENT_LENGTH, length.parse().unwrap())]));
        assert_eq!(declared_length(&HeaderMap::new()), Ok(None));
        assert_eq!(of("26214400"), Ok(Some(MAX_BODY_BYTES)));
        assert_eq!(of("26214401"), Err(InboundError::TooLarge));
        assert_eq!(of("99999999999999999999999"), Err(InboundError::TooLarge));
    }

    #[tokio::test]
    async fn an_undeclared_body_is_refused_at_the_limit() {
        let (slots, source) = (BodySlots::default(), source());
        let whole = read(chunks(25), None, &slots, source, &clock()).await.ok();
        // Without its slot: the next body needs one of that size.
        let size = whole.map(|body| (body.bytes.len(), body.bytes.capacity()));
        assert_eq!(size, Some((MAX_BODY_BYTES, MAX_BODY_BYTES)));
        let endless = Body::from_stream(stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from(vec![0; 65_536]))));
        assert_eq!(read(endless, None, &slots, source, &clock()).await.err(), Some(InboundError::TooLarge));
    }

    #[tokio::test]
    async fn large_bodies_wait_only_for_each_other() {
        let (slots, clock, source) = (BodySlots::default(), clock(), source());
        let first = read(chunks(2), Some(2 * MIB), &slots, source, &clock).await;
        let mut second = Box::pin(read(chunks(2), Some(2 * MIB), &slots, source, &clock));
        assert!((&mut second).now_or_never().is_none());
        assert!(read(chunks(1), None, &slots, source, &clock).now_or_never().is_some_and(|body| body.is_ok()));
        drop(first);
        assert!(second.await.is_ok());
    }

    #[tokio::test]
    async fn a_body_that_waits_too_long_for_memory_is_refused() {
        let (slots, clock, source) = (BodySlots::default(), clock(), source());
        let _first = read(chunks(2), None, &slots, source, &clock).await;
        let mut second = Box::pin(read(chunks(2), None, &slots, source, &clock));
        assert!(futures::poll!(second.as_mut()).is_pending());
        clock.advance(SLOT_TIMEOUT);
        assert_eq!(second.await.err(), Some(InboundError::Busy));
    }

    #[tokio::test]
    async fn several_waits_for_memory_share_one_timeout() {
        let (slots, clock, source) = (BodySlots::default(), clock(), source());
        let take = async |index: usize| {
            let size = slots.sizes().nth(index).unwrap();
            std::iter::from_fn(|| size.acquire(source).now_or_never().flatten()).collect::<Vec<_>>()
        };
        let medium = take(1).await;
        let _large = take(2).await;
        let mut waiting = Box::pin(read(chunks(2), None, &slots, source, &clock));
        assert!(futures::poll!(waiting.as_mut()).is_pending());
        clock.advance(SLOT_TIMEOUT / 2);
        drop(medium);
        assert!(futures::poll!(waiting.as_mut()).is_pending(), "it waits for the largest size now");
        clock.advance(SLOT_TIMEOUT / 2);
        assert_eq!(waiting.await.err(), Some(InboundError::Busy));
    }

    #[tokio::test]
    async fn a_slow_body_is_refused() {
        let (slots, clock, source) = (BodySlots::default(), clock(), source());
        let (_sender, body) = streamed();
        let mut reading = std::pin::pin!(read(body, None, &slots, source, &clock));
        assert!(futures::poll!(reading.as_mut()).is_pending());
        clock.advance(GRACE_TIMEOUT - Duration::from_millis(1));
        assert!(futures::poll!(reading.as_mut()).is_pending());
        clock.advance(Duration::from_millis(1));
        assert_eq!(reading.await.err(), Some(InboundError::TooSlow));
    }

    #[tokio::test]
    async fn a_steady_body_has_thirty_seconds() {
        let (slots, clock, source) = (BodySlots::default(), clock(), source());
        let (sender, body) = streamed();
        let mut reading = std::pin::pin!(read(body, None, &slots, source, &clock));
        for _ in 0..29 {
            sender.unbounded_send(Ok(Bytes::from(vec![b' '; MIN_BYTES_PER_SECOND]))).unwrap();
            assert!(futures::poll!(reading.as_mut()).is_pending());
            clock.advance(Duration::from_secs(1));
        }
        assert!(futures::poll!(reading.as_mut()).is_pending());
        clock.advance(Duration::from_secs(1));
        assert_eq!(reading.await.err(), Some(InboundError::TooSlow));
    }
}
