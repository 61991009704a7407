//! The service `Node`: what this party is, who its peers are, and whether all is well.

use std::sync::Arc;

use domain::{Duty, MemberChange, PartyId};
use nix::sys::resource::{UsageWho, getrusage};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status};
use wire::control::member_change::Change;
use wire::control::{self, node_server};

use crate::clock::today;
use crate::control::{Events, Operator, answered};
use crate::governance::{members, reports};
use crate::identity::Peer;
use crate::node::Node;
use crate::request::parse;
use crate::{Trouble, doctor, setup};

#[tonic::async_trait]
impl node_server::Node for Operator {
    async fn status(
        &self,
        _request: Request<control::StatusRequest>,
    ) -> Result<Response<control::StatusReply>, Status> {
        Ok(Response::new(status(&self.0)))
    }

    type DoctorStream = Events<control::Finding>;

    async fn doctor(
        &self,
        _request: Request<control::DoctorRequest>,
    ) -> Result<Response<Self::DoctorStream>, Status> {
        let (findings, told) = mpsc::channel(8);
        let node = Arc::clone(&self.0);
        tokio::spawn(async move { doctor::examine(&node, &findings).await });
        Ok(Response::new(Box::pin(ReceiverStream::new(told))))
    }

    async fn members(
        &self,
        _request: Request<control::MembersRequest>,
    ) -> Result<Response<control::MembersReply>, Status> {
        let node = &self.0;
        let members = node.lines.values().map(|line| member(node, &line.peer)).collect();
        Ok(Response::new(control::MembersReply { members }))
    }

    async fn change_member(
        &self,
        request: Request<control::MemberChange>,
    ) -> Result<Response<control::Member>, Status> {
        let node = Arc::clone(&self.0);
        let request = request.into_inner();
        answered(async move {
            let name = parse::<PartyId>(&request.name)?;
            let change = match request.change() {
                Change::Assess => MemberChange::Assess(members::day(&request.assessed_until)?),
                Change::Admit => MemberChange::Admit,
                Change::Suspend => MemberChange::Suspend,
                Change::Resume => MemberChange::Resume,
                Change::Remove => MemberChange::Remove,
                Change::Unspecified => {
                    return Err(Trouble::us(
                        "USAGE",
                        "the change is assess, admit, suspend, resume or remove",
                        "操作应为 assess、admit、suspend、resume 或 remove",
                    ));
                }
            };
            members::change(&node, &name, change, request.reason).await?;
            Ok(member(&node, &node.line(&name)?.peer))
        })
        .await
    }

    async fn catalogue(
        &self,
        _request: Request<control::CatalogueRequest>,
    ) -> Result<Response<control::CatalogueReply>, Status> {
        Ok(Response::new(reports::catalogue(&self.0)))
    }

    async fn stop(
        &self,
        _request: Request<control::StopRequest>,
    ) -> Result<Response<control::StopReply>, Status> {
        self.0.stop.send_replace(true);
        Ok(Response::new(control::StopReply {}))
    }
}

fn duties(duties: &[Duty]) -> Vec<i32> {
    duties.iter().map(|duty| control::Duty::from(*duty).into()).collect()
}

/// A pinned peer as a member.
fn member(node: &Node, peer: &Peer) -> control::Member {
    let standing = node.members.standing(&peer.name);
    let decided = node.members.of(&peer.name);
    control::Member {
        name: peer.name.to_string(),
        state: control::MemberState::from(standing.state()).into(),
        assessed_until: standing.assessed_until().map(|day| day.to_string()).unwrap_or_default(),
        admitted: standing.admits(today()),
        duties: duties(&peer.duties),
        changed_ms: decided.as_ref().map_or(0, |member| member.changed_ms),
        reason: decided.map(|member| member.reason).unwrap_or_default(),
    }
}

fn status(node: &Node) -> control::StatusReply {
    let usage = getrusage(UsageWho::RUSAGE_SELF).ok();
    let seconds = |time: nix::sys::time::TimeVal| {
        // Below 2^53 microseconds for the next 285 years of CPU time.
        time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6
    };
    control::StatusReply {
        name: node.config.name.to_string(),
        software: env!("CARGO_PKG_VERSION").into(),
        protocol_version: wire::VERSION,
        duties: duties(&node.config.duties),
        listen: node.config.listen.clone(),
        fingerprint: setup::shown(&node.identity.fingerprint()),
        peers: node.lines.keys().map(ToString::to_string).collect(),
        cpu_s: usage.map_or(0.0, |usage| seconds(usage.user_time()) + seconds(usage.system_time())),
        peak_kib: peak_kib().unwrap_or(0),
        sent_bytes: node.meter.sent(),
        received_bytes: node.meter.received(),
        live_runs: u32::try_from(node.shares.live_runs()).unwrap_or(u32::MAX),
        pid: std::process::id(),
    }
}

/// The largest resident set of this process, in KiB.
///
/// From the process's own status where there is one: what `getrusage` says counts from the fork, so
/// it starts at the size of whoever started us.
fn peak_kib() -> Option<u64> {
    if let Ok(status) = std::fs::read_to_string("/proc/self/status") {
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        return line.split_whitespace().next()?.parse().ok();
    }
    getrusage(UsageWho::RUSAGE_SELF).ok()?.max_rss().try_into().ok()
}
