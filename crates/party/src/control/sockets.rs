//! The sockets on which a party takes the calls of its staff.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::net::{UnixListener, UnixStream};
use tokio::sync::mpsc;
use tonic::transport::server::{Connected, UdsConnectInfo};
use wire::CONTROL_SOCKET;

use crate::Trouble;
use crate::config::{self, Config, Control};
use crate::taken::Taken;

/// Connections over the shared socket at once, from all users of the machine and from one of them.
const AT_ONCE: usize = 128;
const AT_ONCE_FROM_ONE: usize = 16;

/// Opens the socket inside the party's directory, for its own user alone; a second party in the same
/// directory is refused.
pub(crate) async fn own(dir: &Path) -> Result<UnixListener, Trouble> {
    let path = dir.join(CONTROL_SOCKET);
    if UnixStream::connect(&path).await.is_ok() {
        let dir = dir.display();
        return Err(Trouble::us(
            "ALREADY_RUNNING",
            format!("the party in {dir} is running already. `tacit party stop` stops it."),
            format!("{dir} 中的节点已在运行。可用 `tacit party stop` 停止。"),
        ));
    }
    removed(&path)?;
    if !dir.join(config::FILE).exists() {
        // Says that there is no party here, rather than that a socket cannot be made.
        Config::read(dir)?;
    }
    bound(&path, 0o600)
}

/// Opens the socket for other users of this machine, where there is to be one.
pub(crate) async fn shared(control: &Control) -> Result<Option<UnixListener>, Trouble> {
    let Some(path) = &control.socket else { return Ok(None) };
    let taken = |en: &str, zh: &str| {
        let path = path.display();
        Trouble::us(
            "CONTROL_SOCKET",
            format!("[control] socket = {path}: {en}. Name another in party.toml."),
            format!("[control] socket = {path}：{zh}。请在 party.toml 中改用其他路径。"),
        )
    };
    if UnixStream::connect(path).await.is_ok() {
        return Err(taken("somebody answers there already", "已有程序在此应答"));
    }
    if fs::symlink_metadata(path).is_ok_and(|found| !found.file_type().is_socket()) {
        return Err(taken("something lies there that is no socket", "该路径上的文件不是套接字"));
    }
    removed(path)?;
    Ok(Some(bound(path, control.open_to.mode())?))
}

fn removed(path: &Path) -> Result<(), Trouble> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Trouble::file(path, &error)),
        Ok(()) | Err(_) => Ok(()),
    }
}

fn bound(path: &Path, mode: u32) -> Result<UnixListener, Trouble> {
    let listener = UnixListener::bind(path).map_err(|error| Trouble::file(path, &error))?;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
        .map_err(|error| Trouble::file(path, &error))?;
    Ok(listener)
}

/// Takes connections over the shared socket, for as long as somebody serves them; of one user of the
/// machine no more than its share.
pub(crate) async fn accept(listener: UnixListener, accepted: mpsc::Sender<io::Result<Held>>) {
    let held = Arc::new(Places::default());
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let user = stream.peer_cred().ok().map(|credentials| credentials.uid());
                // Dropped where there is no place: the caller sees the line end.
                let Some(place) = held.take(user) else { continue };
                let info = stream.connect_info();
                if accepted.send(Ok(Held::new(stream, info, place))).await.is_err() {
                    return;
                }
            }
            Err(error) => {
                // Out of descriptors, mostly: it passes, or the operator reads this.
                tracing::error!("cannot accept a connection over the shared socket: {error}");
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
        }
    }
}

/// How many connections each user of the machine holds.
#[derive(Default)]
struct Places(Mutex<HashMap<Option<u32>, usize>>);

/// A user's place among the connections, given back when it is dropped.
pub(crate) struct Place {
    places: Arc<Places>,
    user: Option<u32>,
}

impl Places {
    fn take(self: &Arc<Self>, user: Option<u32>) -> Option<Place> {
        let mut held = self.locked();
        let full = held.values().sum::<usize>() >= AT_ONCE;
        let of_one = held.entry(user).or_default();
        if full || *of_one >= AT_ONCE_FROM_ONE {
            if *of_one == 0 {
                held.remove(&user);
            }
            return None;
        }
        *of_one += 1;
        Some(Place { places: Arc::clone(self), user })
    }

    fn locked(&self) -> MutexGuard<'_, HashMap<Option<u32>, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut held = self.places.locked();
        if let Some(of_one) = held.get_mut(&self.user) {
            *of_one -= 1;
            if *of_one == 0 {
                held.remove(&self.user);
            }
        }
    }
}

/// A connection over the shared socket.
pub(crate) type Held = Taken<UnixStream, UdsConnectInfo, Place>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_user_of_the_machine_does_not_take_the_places_of_others_and_gives_back_its_own() {
        let places = Arc::new(Places::default());
        let all = |user| std::iter::from_fn(|| places.take(Some(user))).collect::<Vec<_>>();
        let one = all(1);
        assert_eq!(one.len(), AT_ONCE_FROM_ONE);
        let others: Vec<_> = (2..100).map(all).collect();
        assert_eq!(others.iter().map(Vec::len).sum::<usize>(), AT_ONCE - AT_ONCE_FROM_ONE);
        drop(one);
        assert!(places.take(Some(200)).is_some());
        drop(others);
        assert!(places.locked().is_empty());
    }

    #[tokio::test]
    async fn what_lies_where_the_shared_socket_is_to_be_stays_unless_it_is_a_socket_of_nobodys() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tax.sock");
        let control = Control { socket: Some(path.clone()), ..Control::default() };
        fs::write(&path, "a file").unwrap();
        assert_eq!(shared(&control).await.err().unwrap().code, "CONTROL_SOCKET");
        assert_eq!(fs::read(&path).unwrap(), b"a file");
        fs::remove_file(&path).unwrap();
        let listener = shared(&control).await.unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o660);
        assert_eq!(shared(&control).await.err().unwrap().code, "CONTROL_SOCKET");
        drop(listener);
        assert!(shared(&control).await.unwrap().is_some(), "nobody answers there any more");
    }
}
