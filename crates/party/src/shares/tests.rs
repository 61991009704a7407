//! Greedy peers and lenders, and what is left for others.

use super::*;

fn party(name: &str) -> PartyId {
    name.parse().unwrap()
}

fn shares(live_runs: usize) -> Shares {
    Shares::new(live_runs, 200, ["bank", "tax"].map(party).into_iter())
}

#[test]
fn a_greedy_peer_leaves_runs_for_another_and_for_the_operator() {
    let shares = shares(16);
    let take = |peer: &PartyId| {
        let mut taken = Vec::new();
        while let Ok(permit) = shares.proposed_run(peer, None) {
            taken.push(permit);
        }
        taken
    };
    let greedy = take(&party("tax"));
    assert_eq!(greedy.len(), 10);
    assert_eq!(shares.proposed_run(&party("tax"), None).err().unwrap().code, "BUSY");
    let honest = take(&party("bank"));
    assert_eq!(honest.len(), 4);
    let own = [shares.own_run().unwrap(), shares.own_run().unwrap()];
    assert_eq!(shares.own_run().err().unwrap().code, "BUSY");
    assert_eq!(shares.live_runs(), 16);
    drop((greedy, own));
    assert_eq!(take(&party("tax")).len(), 10, "what was given back is there again");
}

#[test]
fn agreed_runs_that_nobody_begins_take_half_a_peers_share() {
    let shares = shares(16);
    let tax = party("tax");
    let pending: Vec<_> = (0..5).map(|_| shares.pending_run(&tax, None).unwrap()).collect();
    assert_eq!(shares.pending_run(&tax, None).err().unwrap().code, "BUSY");
    assert!(shares.pending_run(&party("bank"), None).is_ok());
    drop(pending);
    assert!(shares.pending_run(&tax, None).is_ok());
}

#[test]
fn a_lender_that_fills_its_own_share_leaves_room_for_another_and_for_its_platforms_other_work() {
    let names = ["platform", "bank", "thrift"].map(party);
    for (live_runs, each, one, pending) in [(64, 42, 10, 6), (16, 10, 2, 2), (5, 3, 2, 1)] {
        let shares = Shares::new(live_runs, 200, names.iter().cloned());
        let [platform, bank, thrift] = &names;
        let fill = |lender: &PartyId| {
            let runs = std::iter::from_fn(|| shares.proposed_run(platform, Some(lender)).ok());
            let waiting = std::iter::from_fn(|| shares.pending_run(platform, Some(lender)).ok());
            (runs.collect::<Vec<_>>(), waiting.collect::<Vec<_>>())
        };
        let taken = fill(bank);
        assert_eq!((taken.0.len(), taken.1.len()), (one, pending), "of {live_runs}");
        assert_eq!(shares.proposed_run(platform, Some(bank)).err().unwrap().code, "BUSY");
        assert_eq!(shares.pending_run(platform, Some(bank)).err().unwrap().code, "BUSY");
        // One after the other: in the smallest there is one place left for either.
        drop(shares.proposed_run(platform, Some(thrift)).unwrap());
        drop(shares.pending_run(platform, Some(thrift)).unwrap());
        let other = std::iter::from_fn(|| shares.proposed_run(platform, None).ok());
        let other: Vec<_> = other.collect();
        assert_eq!(other.len(), each - one, "of {live_runs}");
        assert!(shares.pending_run(platform, None).is_ok());
        drop((taken, other));
        assert!(shares.proposed_run(platform, Some(bank)).is_ok());
    }
}

#[test]
fn a_lender_that_asks_for_itself_has_its_whole_share_and_one_that_nobody_pinned_none_of_its_own() {
    let shares = shares(16);
    let (bank, tax) = (party("bank"), party("tax"));
    let own = std::iter::from_fn(|| shares.proposed_run(&bank, Some(&bank)).ok());
    assert_eq!(own.collect::<Vec<_>>().len(), 10);
    for at in 0..100 {
        shares.proposed_run(&tax, Some(&party(&format!("made-up-{at}")))).unwrap();
    }
    let kept = shares.peers[&tax].lenders.lock().unwrap();
    assert!(kept.is_empty(), "whoever makes up lenders fills the memory");
}

#[test]
fn four_runs_at_a_time_leave_one_for_the_operator_and_two_for_a_lender_behind_a_platform() {
    let shares = shares(4);
    let (tax, bank) = (party("tax"), party("bank"));
    let two = [(); 2].map(|()| shares.proposed_run(&tax, Some(&bank)).unwrap());
    let pending = shares.pending_run(&tax, Some(&bank)).unwrap();
    let direct = shares.proposed_run(&bank, None).unwrap();
    assert!(shares.proposed_run(&bank, None).is_err(), "the last is the operator's");
    let own = shares.own_run().unwrap();
    assert!(shares.own_run().is_err());
    drop((two, pending, direct, own));
    assert_eq!(shares.live_runs(), 0);
}

#[test]
fn a_peer_has_so_many_connections_and_no_more_whatever_another_has() {
    let shares = shares(16);
    let (tax, bank) = (party("tax"), party("bank"));
    let mut places: Vec<_> = std::iter::from_fn(|| shares.connection(&tax)).collect();
    assert_eq!(places.len(), CONNECTIONS);
    assert!(shares.connection(&bank).is_some());
    places.pop();
    assert!(shares.connection(&tax).is_some(), "what was closed leaves its place");
    assert!(shares.connection(&party("nobody")).is_none());
}

#[test]
fn one_run_at_a_time_can_still_be_a_peers() {
    let shares = shares(1);
    let run = shares.proposed_run(&party("tax"), Some(&party("bank"))).unwrap();
    assert!(shares.own_run().is_err());
    drop(run);
    assert!(shares.own_run().is_ok() && shares.pending_run(&party("tax"), None).is_ok());
}

#[test]
fn a_bucket_lets_a_burst_pass_then_the_rate_and_refuses_what_would_wait_too_long() {
    let start = Instant::now();
    let mut bucket = Bucket::full(10.0, start);
    for _ in 0..100 {
        assert_eq!(bucket.take(start), Some(Duration::ZERO));
    }
    for waiting in 1..=20_u32 {
        let wait = bucket.take(start).unwrap().as_secs_f64();
        assert!((wait - f64::from(waiting) / 10.0).abs() < 1e-6, "{wait}");
    }
    assert_eq!(bucket.take(start), None, "21 calls would wait for more than two seconds");
    assert!(bucket.take(start + Duration::from_millis(150)).is_some());
    // However long nobody calls, there is one burst.
    let later = start + Duration::from_secs(10_000);
    let burst = (0..200).filter(|_| bucket.take(later) == Some(Duration::ZERO)).count();
    assert_eq!(burst, 100);
}

#[tokio::test]
async fn a_peer_at_full_speed_does_not_slow_another_nor_its_own_other_calls() {
    let shares = shares(16);
    let (tax, bank) = (party("tax"), party("bank"));
    for _ in 0..200 {
        let _ = timeout(Duration::ZERO, shares.turn(&tax, Rpc::Deposit)).await;
    }
    let began = Instant::now();
    let late = shares.turn(&tax, Rpc::Deposit).await;
    assert_eq!(late.err().unwrap().code, "BUSY");
    assert!(began.elapsed() >= PATIENCE, "it would call again at once");
    let began = Instant::now();
    drop(shares.turn(&bank, Rpc::Deposit).await.unwrap());
    drop(shares.turn(&tax, Rpc::Propose).await.unwrap());
    assert!(began.elapsed() < Duration::from_millis(500));
}

#[tokio::test]
async fn lists_of_revoked_keys_come_more_slowly_than_words_on_authorisations_and_hold_up_none() {
    let shares = shares(16);
    let tax = party("tax");
    // A tenth of a second: what a bucket lets through at once, and no more.
    let at_once = async |rpc| {
        let until = Instant::now() + Duration::from_millis(100);
        let mut through = 0_u32;
        while let Some(left) = until.checked_duration_since(Instant::now()) {
            match timeout(left, shares.spend(&tax, rpc)).await {
                Ok(Ok(())) => through += 1,
                Ok(Err(_)) | Err(_) => break,
            }
        }
        through
    };
    let lists = at_once(Rpc::KeyRevocations).await;
    assert!((500..600).contains(&lists), "{lists}");
    // 1,000 calls a second for ten seconds: more than a tenth of a second may suffice for.
    let words = at_once(Rpc::Attest).await;
    assert!(words > lists, "{words}");
}

#[tokio::test]
async fn so_many_calls_of_a_peer_are_worked_on_at_once_and_no_more() {
    let shares = shares(16);
    let tax = party("tax");
    let mut turns = Vec::new();
    for _ in 0..AT_ONCE {
        turns.push(shares.turn(&tax, Rpc::Attest).await.unwrap());
    }
    let soon = Duration::from_millis(20);
    assert!(timeout(soon, shares.turn(&tax, Rpc::Attest)).await.is_err());
    let late = shares.turn_within(soon, &tax, Rpc::Attest).await;
    assert_eq!(late.err().unwrap().code, "BUSY", "it does not wait for ever");
    assert!(shares.turn(&party("bank"), Rpc::Attest).await.is_ok());
    turns.pop();
    assert!(shares.turn(&tax, Rpc::Attest).await.is_ok());
}

#[tokio::test]
async fn calls_that_wait_for_a_slow_holder_hold_up_no_other_call_of_their_peer() {
    let shares = shares(16);
    let bank = party("bank");
    let mut waiting = tokio::task::JoinSet::new();
    for _ in 0..AT_ONCE {
        let turn = shares.turn(&bank, Rpc::Propose).await.unwrap();
        waiting.spawn(turn.begin(std::future::pending::<()>()));
    }
    let began = Instant::now();
    let turn = shares.turn(&bank, Rpc::Propose).await.unwrap();
    assert!(began.elapsed() < QUEUE / 4, "{:?}", began.elapsed());
    assert_eq!(turn.begin(async { "answered" }).await, "answered");
    assert_eq!(waiting.len(), AT_ONCE, "they wait on");
}
