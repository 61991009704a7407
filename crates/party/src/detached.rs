//! Work that goes to its end whether or not anybody waits for it.

use std::future::Future;

use crate::Trouble;

/// Does work on a task of its own. A caller that goes away drops the future that it waits for, in the
/// middle of whatever that does: what changes a state must not stop there.
pub(crate) async fn detached<T: Send + 'static>(
    work: impl Future<Output = Result<T, Trouble>> + Send + 'static,
) -> Result<T, Trouble> {
    tokio::spawn(work).await.unwrap_or_else(|error| Err(Trouble::from_error("OURS", &error)))
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn what_nobody_waits_for_any_longer_goes_to_its_end() {
        let (begin, begun) = oneshot::channel::<()>();
        let (end, ended) = oneshot::channel();
        let mut work = Box::pin(detached(async move {
            let _ = begun.await;
            let _ = end.send("done");
            Ok(())
        }));
        let polled = std::future::poll_fn(|cx| std::task::Poll::Ready(work.as_mut().poll(cx)));
        assert!(polled.await.is_pending());
        drop(work);
        begin.send(()).unwrap();
        assert_eq!(ended.await, Ok("done"));
    }

    #[tokio::test]
    async fn work_that_panics_is_a_trouble_of_ours() {
        let failed = detached::<()>(async { panic!("on purpose") }).await;
        assert_eq!(failed.unwrap_err().code, "OURS");
    }
}
