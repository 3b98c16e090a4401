//! The user that PostgreSQL runs as: the program's own, or for root an unprivileged one.

use std::fs::DirBuilder;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, lchown};
use std::path::{Path, PathBuf};
use std::{fs, io};

use nix::unistd::{Gid, Uid, User, geteuid};
use tokio::process::Command;

use super::error::EmbeddedError;

/// Tried in this order where the program is root: `postgres` comes with the packages, `nobody` with every system.
const UNPRIVILEGED: [&str; 2] = ["postgres", "nobody"];

/// A user and how to become it.
#[derive(Debug, Clone)]
pub(super) struct Account {
    pub(super) name: String,
    pub(super) uid: Uid,
    gid: Gid,
    /// Whether the program is somebody else (root) and has to hand things over.
    dropped: bool,
}

impl Account {
    /// Whom PostgreSQL runs as on the cluster at `cluster`, which need not exist. Root takes the owner of an existing
    /// one, so that it stays usable when the user `postgres` comes or goes.
    pub(super) fn choose(cluster: &Path) -> Result<Self, EmbeddedError> {
        let own = geteuid();
        let owner = match fs::metadata(cluster) {
            Ok(metadata) => Some((Uid::from_raw(metadata.uid()), Gid::from_raw(metadata.gid()))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(EmbeddedError::io("read", cluster)(error)),
        };
        match owner {
            Some((uid, gid)) if own.is_root() && !uid.is_root() => Ok(Self {
                name: user_name(uid),
                uid,
                gid,
                dropped: true,
            }),
            Some((uid, _)) if !own.is_root() && uid != own => Err(EmbeddedError::OtherOwner {
                cluster: cluster.to_owned(),
                owner: user_name(uid),
                user: user_name(own),
            }),
            _ if own.is_root() => unprivileged(),
            _ => Ok(Self {
                name: user_name(own),
                uid: own,
                gid: nix::unistd::getegid(),
                dropped: false,
            }),
        }
    }

    /// Lets `command` run as this user. The standard library drops root's supplementary groups with it.
    pub(super) fn apply(&self, command: &mut Command) {
        if self.dropped {
            command.gid(self.gid.as_raw()).uid(self.uid.as_raw());
        }
    }

    /// Makes a directory that only this user can enter, or closes an existing one that is already this user's or the
    /// program's. In a folder open to all, somebody else may have made it first, to listen in or as a link to
    /// elsewhere: that one is refused and not touched.
    pub(super) fn own_directory(&self, path: &Path) -> io::Result<()> {
        match DirBuilder::new().mode(0o700).create(path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                let metadata = fs::symlink_metadata(path)?;
                let ours = [self.uid, geteuid()].contains(&Uid::from_raw(metadata.uid()));
                if !metadata.is_dir() || !ours {
                    let reason = "it is there already and belongs to somebody else";
                    return Err(io::Error::new(io::ErrorKind::AlreadyExists, reason));
                }
                fs::set_permissions(path, fs::Permissions::from_mode(0o700))?;
            }
            result => result?,
        }
        self.give(path)
    }

    /// Hands a file or directory over to this user. A symbolic link is not followed.
    fn give(&self, path: &Path) -> io::Result<()> {
        if self.dropped {
            lchown(path, Some(self.uid.as_raw()), Some(self.gid.as_raw()))
        } else {
            Ok(())
        }
    }

    /// Opens the data directory itself to this user, by its group. The directories above it are the operator's.
    ///
    /// # Errors
    ///
    /// `Unreachable` when one of those does not let the user pass.
    pub(super) fn admit(&self, data_dir: &Path) -> Result<(), EmbeddedError> {
        if !self.dropped {
            return Ok(());
        }
        let Some(parent) = data_dir.parent() else {
            return Ok(());
        };
        if let Some(closed) = self.first_closed(parent)? {
            return Err(EmbeddedError::Unreachable {
                user: self.name.clone(),
                closed,
                data_dir: data_dir.to_owned(),
            });
        }
        let metadata = fs::metadata(data_dir).map_err(EmbeddedError::io("read", data_dir))?;
        if !self.enters(&metadata) {
            lchown(data_dir, None, Some(self.gid.as_raw()))
                .map_err(EmbeddedError::io("change the group of", data_dir))?;
            let mode = metadata.permissions().mode() | 0o010;
            fs::set_permissions(data_dir, fs::Permissions::from_mode(mode))
                .map_err(EmbeddedError::io("change the mode of", data_dir))?;
        }
        Ok(())
    }

    /// The uppermost directory on the way to `path`, itself included, that this user cannot enter.
    fn first_closed(&self, path: &Path) -> Result<Option<PathBuf>, EmbeddedError> {
        let mut way: Vec<&Path> = path.ancestors().collect();
        way.reverse();
        for directory in way {
            let metadata = fs::metadata(directory).map_err(EmbeddedError::io("read", directory))?;
            if !self.enters(&metadata) {
                return Ok(Some(directory.to_owned()));
            }
        }
        Ok(None)
    }

    fn enters(&self, directory: &fs::Metadata) -> bool {
        let bit = if directory.uid() == self.uid.as_raw() {
            0o100
        } else if directory.gid() == self.gid.as_raw() {
            0o010
        } else {
            0o001
        };
        directory.mode() & bit != 0
    }
}

fn unprivileged() -> Result<Account, EmbeddedError> {
    UNPRIVILEGED
        .into_iter()
        .find_map(|name| User::from_name(name).ok().flatten())
        .filter(|user| !user.uid.is_root())
        .map(|user| Account {
            name: user.name,
            uid: user.uid,
            gid: user.gid,
            dropped: true,
        })
        .ok_or(EmbeddedError::NoUser)
}

/// The user's name, or its number where it has none (as in containers run under any number).
fn user_name(uid: Uid) -> String {
    User::from_uid(uid)
        .ok()
        .flatten()
        .map_or_else(|| uid.to_string(), |user| user.name)
}
