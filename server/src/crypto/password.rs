//! Hashes passwords with argon2id and the parameters of OWASP's password storage cheat sheet (19
//! MiB, two iterations, parallelism 1), outside of the async threads.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use super::random_bytes;

/// Hashing takes 19 MiB and a core, so the number of concurrent hashes is limited.
static CONCURRENT_HASHES: Semaphore = Semaphore::const_new(2);

fn argon2() -> Argon2<'static> {
    let params = Params::new(19 * 1024, 2, 1, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// Hashes a new password to a PHC string; `None` if hashing failed.
pub async fn hash_password(password: String) -> Option<String> {
    off_thread(move || {
        let hash: PasswordHash = argon2().hash_password_with_salt(password.as_bytes(), &random_bytes::<16>()).ok()?;
        Some(hash.to_string())
    })
    .await
    .flatten()
}

/// Whether the password matches the hash. Without a hash it does the same work, so that the time
/// taken doesn't reveal whether an account exists.
pub async fn verify_password(password: String, hash: Option<String>) -> bool {
    off_thread(move || {
        let Some(hash) = hash else {
            let _ = argon2().hash_password_into(password.as_bytes(), &[0; 16], &mut [0; 32]);
            return false;
        };
        PasswordHash::new(&hash).is_ok_and(|hash| argon2().verify_password(password.as_bytes(), &hash).is_ok())
    })
    .await
    .unwrap_or(false)
}

async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let permit = CONCURRENT_HASHES.acquire().await.ok()?;
    let work = move || {
        // The work goes on when the client has disconnected, and keeps its permit.
        let _permit = permit;
        work()
    };
    tokio::task::spawn_blocking(work).await.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_verifies() {
        let hash = hash_password("correct horse".into()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(verify_password("correct horse".into(), Some(hash.clone())).await);
        assert!(!verify_password("wrong horse".into(), Some(hash)).await);
        assert!(!verify_password("correct horse".into(), None).await);
    }

    #[tokio::test]
    async fn an_abandoned_hash_keeps_its_permit_until_it_ends() {
        let ((started, start), (end, ended)) = (tokio::sync::oneshot::channel(), std::sync::mpsc::channel::<()>());
        let (drained, drain) = tokio::sync::oneshot::channel();
        let hashing = tokio::spawn(off_thread(move || {
            let _ = started.send(());
            let _ = ended.recv();
            let _ = drained.send(());
        }));
        start.await.unwrap();
        hashing.abort();
        assert!(hashing.await.unwrap_err().is_cancelled());
        let free = CONCURRENT_HASHES.available_permits();
        assert!(free < 2, "{free} permits are free while the hash still runs");
        end.send(()).unwrap();
        drain.await.unwrap();
    }
}
