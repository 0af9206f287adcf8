//! Reading a body within limits: of size, of time, and of memory over all that are being read.

use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::http::{HeaderMap, header};
use futures::StreamExt;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::refusal::Refusal;
use crate::clock::Clock;

/// The largest body: GitHub caps its own at 25 MB.
pub const LIMIT: u64 = 25 * 1024 * 1024;
/// How long a whole body may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// What is reserved ahead of the bytes that really come.
const FIRST: u64 = 64 * 1024;
/// How long the rest of a refused body may take.
const LINGER: Duration = Duration::from_secs(5);

/// Memory for bodies, in KiB. Each takes its whole share before its first byte is read, in the
/// order of arrival, so that no two wait for each other; who finds none waits like a slow sender.
pub struct Budget(Semaphore);

const BUDGET_KIB: usize = 128 * 1024;

impl Default for Budget {
    fn default() -> Self {
        Self(Semaphore::new(BUDGET_KIB))
    }
}

/// A body with its share of the budget, given back when dropped.
pub struct Held<'b> {
    /// The raw bytes.
    pub bytes: Vec<u8>,
    _share: SemaphorePermit<'b>,
}

/// The length that the headers declare.
///
/// # Errors
/// [`Refusal::TooLarge`] when it is over the limit.
pub fn declared(headers: &HeaderMap) -> Result<Option<u64>, Refusal> {
    let Some(length) = headers.get(header::CONTENT_LENGTH) else { return Ok(None) };
    // A length that is no number of 64 bits is surely too large: the HTTP layer has refused what
    // is no number at all.
    let length = length.to_str().ok().and_then(|length| length.parse::<u64>().ok()).ok_or(Refusal::TooLarge)?;
    if length > LIMIT { Err(Refusal::TooLarge) } else { Ok(Some(length)) }
}

/// Reads the whole body.
///
/// # Errors
/// [`Refusal::TooLarge`], [`Refusal::TooSlow`] or [`Refusal::Broken`].
pub async fn read<'b>(
    body: Body,
    declared: Option<u64>,
    budget: &'b Budget,
    clock: &Clock,
) -> Result<Held<'b>, Refusal> {
    clock.timeout(PATIENCE, collect(body, declared, budget, clock)).await.unwrap_or(Err(Refusal::TooSlow))
}

/// Lets what is left of a refused body come and go, for a short while: most senders look for an
/// answer only when they have sent everything, and would find the connection reset instead.
pub fn discard(headers: &HeaderMap, body: Body, clock: &Clock) {
    // Who asked first whether to send will not send.
    if !headers.contains_key(header::EXPECT) {
        drain(body.into_data_stream(), clock);
    }
}

fn drain(mut chunks: BodyDataStream, clock: &Clock) {
    let clock = clock.clone();
    tokio::spawn(async move {
        let work = async {
            let mut left = LIMIT + LIMIT;
            while let (1.., Some(Ok(chunk))) = (left, chunks.next().await) {
                left = left.saturating_sub(chunk.len() as u64);
            }
        };
        clock.timeout(LINGER, work).await
    });
}

async fn collect<'b>(
    body: Body,
    declared: Option<u64>,
    budget: &'b Budget,
    clock: &Clock,
) -> Result<Held<'b>, Refusal> {
    let most = declared.unwrap_or(LIMIT);
    let kib = u32::try_from(most.div_ceil(1024)).map_err(|_| Refusal::TooLarge)?;
    let share = budget.0.acquire_many(kib).await.map_err(|_| Refusal::Internal)?;
    let mut bytes = Vec::with_capacity(usize::try_from(most.min(FIRST)).unwrap_or_default());
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| Refusal::Broken)?;
        if (bytes.len() + chunk.len()) as u64 > LIMIT {
            drain(chunks, clock);
            return Err(Refusal::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Held { bytes, _share: share })
}

#[cfg(test)]
mod tests {
    use axum::body::Bytes;
    use chrono::DateTime;
    use futures::{FutureExt, stream};

    use super::*;

    fn clock() -> Clock {
        Clock::mock(DateTime::UNIX_EPOCH)
    }

    fn chunks(count: usize) -> Body {
        let chunk = Bytes::from(vec![b' '; 1024 * 1024]);
        Body::from_stream(stream::iter(vec![chunk; count]).map(Ok::<_, std::io::Error>))
    }

    #[test]
    fn a_declared_length_is_refused_from_one_byte_over_the_limit() {
        let of = |length: &str| declared(&HeaderMap::from_iter([(header::CONTENT_LENGTH, length.parse().unwrap())]));
        assert_eq!(declared(&HeaderMap::new()), Ok(None));
        assert_eq!(of("26214400"), Ok(Some(LIMIT)));
        assert_eq!(of("26214401"), Err(Refusal::TooLarge));
        assert_eq!(of("99999999999999999999999"), Err(Refusal::TooLarge));
    }

    #[tokio::test]
    async fn an_undeclared_body_is_refused_as_soon_as_it_is_over_the_limit() {
        let budget = Budget::default();
        assert_eq!(read(chunks(25), None, &budget, &clock()).await.ok().map(|held| held.bytes.len()), Some(26_214_400));
        let endless = Body::from_stream(stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from(vec![0; 65_536]))));
        assert_eq!(read(endless, None, &budget, &clock()).await.err(), Some(Refusal::TooLarge));
        assert_eq!(budget.0.available_permits(), BUDGET_KIB);
    }

    #[tokio::test]
    async fn a_body_waits_until_there_is_memory_for_it() {
        let (budget, clock) = (Budget::default(), clock());
        let five = futures::future::join_all((0..5).map(|_| read(chunks(1), None, &budget, &clock))).await;
        assert!(read(Body::empty(), None, &budget, &clock).now_or_never().is_none());
        assert!(read(Body::empty(), Some(10), &budget, &clock).now_or_never().is_some());
        drop(five);
        assert!(read(Body::empty(), None, &budget, &clock).await.is_ok());
    }

    #[tokio::test]
    async fn a_body_that_does_not_come_in_time_is_refused() {
        let (budget, clock) = (Budget::default(), clock());
        let silent = Body::from_stream(stream::pending::<Result<Bytes, std::io::Error>>());
        let mut reading = std::pin::pin!(read(silent, None, &budget, &clock));
        assert!(futures::poll!(reading.as_mut()).is_pending());
        clock.advance(Duration::from_secs(30));
        assert_eq!(reading.await.err(), Some(Refusal::TooSlow));
    }
}
