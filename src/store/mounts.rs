//! On what kind of file system a file lies, as far as the system's table of mounts tells.

use std::path::{Path, PathBuf};

/// Kinds of file systems that several machines may hold at once, or that pass no shared memory on: SQLite's write-ahead log needs both
/// sides in one memory.
const NETWORK: [&str; 20] = [
    "9p",
    "afs",
    "beegfs",
    "ceph",
    "cifs",
    "davfs",
    "fuse.ceph",
    "fuse.davfs2",
    "fuse.glusterfs",
    "fuse.s3fs",
    "fuse.sshfs",
    "gpfs",
    "lustre",
    "ncpfs",
    "nfs",
    "nfs4",
    "ocfs2",
    "smb3",
    "smbfs",
    "virtiofs",
];

/// The system's table of mounts, where it has one as a file.
pub(super) fn table() -> String {
    std::fs::read_to_string("/proc/self/mounts").unwrap_or_default()
}

/// The kind of network file system on which an absolute path without links lies; `None` of a local one, and where the table does not
/// tell. Each line of the table is `DEVICE MOUNT_POINT KIND OPTIONS...`; of mounts over each other the last is seen.
pub(super) fn network_kind(table: &str, path: &Path) -> Option<String> {
    let mounts = table.lines().filter_map(|line| {
        let mut fields = line.split(' ');
        let point = unescaped(fields.nth(1)?);
        Some((point, fields.next()?))
    });
    let under = mounts.filter(|(point, _)| path.starts_with(point));
    let (_, kind) = under.max_by_key(|(point, _)| point.components().count())?;
    NETWORK.contains(&kind).then(|| kind.to_owned())
}

/// A mount point as it is: the table writes blanks and backslashes as `\` and three octal digits.
fn unescaped(point: &str) -> PathBuf {
    let mut parts = point.split('\\');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        if let Some(code) = part.get(..3).and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            text.push(char::from(code));
            text.push_str(&part[3..]);
        } else {
            text.push('\\');
            text.push_str(part);
        }
    }
    PathBuf::from(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "/dev/sda1 / ext4 rw,relatime 0 0\n\
        proc /proc proc rw 0 0\n\
        server:/export /home nfs4 rw,vers=4.2 0 0\n\
        /dev/sdb1 /home/ann/local ext4 rw 0 0\n\
        //nas/share /mnt/my\\040share cifs rw 0 0\n\
        me@host: /mnt/remote fuse.sshfs rw 0 0\n\
        me@host: /mnt/over fuse.sshfs rw 0 0\n\
        tmpfs /mnt/over tmpfs rw 0 0\n\
        broken\n";

    fn kind(path: &str) -> Option<String> {
        network_kind(TABLE, Path::new(path))
    }

    #[test]
    fn the_longest_mount_point_decides() {
        assert_eq!(kind("/srv/tribunal.db"), None);
        assert_eq!(kind("/home/ann/tribunal.db").as_deref(), Some("nfs4"));
        assert_eq!(kind("/home/ann/local/tribunal.db"), None);
        assert_eq!(kind("/homes/tribunal.db"), None, "a mount point is a folder, not the beginning of a name");
        assert_eq!(kind("/mnt/remote/tribunal.db").as_deref(), Some("fuse.sshfs"));
    }

    #[test]
    fn blanks_in_a_mount_point_are_read() {
        assert_eq!(kind("/mnt/my share/tribunal.db").as_deref(), Some("cifs"));
    }

    #[test]
    fn of_mounts_over_each_other_the_last_counts() {
        assert_eq!(kind("/mnt/over/tribunal.db"), None);
    }

    #[test]
    fn without_a_table_nothing_is_known() {
        assert_eq!(network_kind("", Path::new("/home/tribunal.db")), None);
    }
}
