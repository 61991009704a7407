//! Who of the staff makes a call, for as long as it is worked on.
//!
//! The log names the token under which an act was asked for, and a path is taken from those alone who
//! can read the party's files themselves. Both are asked far from where the call came in, so the
//! caller goes along with the work, as a task's own.

use std::future::Future;

use domain::TokenName;

tokio::task_local! {
    static CALLER: Caller;
}

/// Who of the staff makes a call.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// The token that it bears; none over the party's own socket.
    pub(crate) token: Option<TokenName>,
    pub(crate) socket: Socket,
}

/// Over which socket a call comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Socket {
    /// Inside the party's directory: whoever may open it may open the party's files as well.
    Own,
    /// That of `[control]`: other users of this machine, by their tokens alone.
    Shared,
}

impl Caller {
    /// Who makes the call that is being worked on; none for what the party does by itself.
    pub(crate) fn present() -> Option<Self> {
        CALLER.try_with(Self::clone).ok()
    }

    /// The token under which the present call is made, as the log names it.
    pub(crate) fn present_token() -> Option<TokenName> {
        Self::present()?.token
    }

    /// Does work as this caller's.
    pub(crate) async fn does<T>(self, work: impl Future<Output = T>) -> T {
        CALLER.scope(self, work).await
    }
}

/// Does work for whoever is the present caller, if there is one: for tasks that a call begins.
pub(crate) fn for_present<T>(work: impl Future<Output = T>) -> impl Future<Output = T> {
    let caller = Caller::present();
    async move {
        match caller {
            Some(caller) => caller.does(work).await,
            None => work.await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_task_that_a_call_begins_is_its_callers_and_what_the_party_does_is_nobodys() {
        let caller = Caller { token: Some("li".parse().unwrap()), socket: Socket::Shared };
        let begun = async { tokio::spawn(for_present(async { Caller::present_token() })).await };
        assert_eq!(caller.does(begun).await.unwrap(), Some("li".parse().unwrap()));
        assert!(tokio::spawn(for_present(async { Caller::present() })).await.unwrap().is_none());
    }
}
