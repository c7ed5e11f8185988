//! A backup: the database as it stands at one moment, and the keys that open what is sealed in it.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, bail};

use super::{DATABASE, sealing};

/// Writes a backup of a data folder into another one; tells what was written.
pub(crate) async fn make(data: &Path, folder: &Path) -> anyhow::Result<String> {
    let shown = folder.display();
    fs::create_dir_all(folder).with_context(|| format!("the folder {shown} cannot be made"))?;
    let is_empty = fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none());
    if !is_empty {
        bail!("{shown} is not empty: a backup wants a folder of its own");
    }
    private(folder)?;
    let copy = folder.join(DATABASE);
    let copied = store::copy_database(&data.join(DATABASE), &copy).await;
    copied.with_context(|| format!("the database could not be copied to {}", copy.display()))?;
    let keys = data.join(sealing::FILE);
    // Nothing was sealed yet where there is none.
    if keys.exists() {
        let to = folder.join(sealing::FILE);
        fs::copy(&keys, &to).with_context(|| format!("{} cannot be copied", keys.display()))?;
        fs::File::open(&to).and_then(|file| file.sync_all())?;
    }
    let file = fs::File::open(&copy)?;
    file.sync_all()?;
    let size = file.metadata()?.len();
    Ok(format!(
        "backup: {shown} holds the database ({size} bytes) and the keys of its secrets; keep it as \
         safe as them, and start a server with --data {shown} to go on from here"
    ))
}

/// Only the server's own user may look inside: there are keys.
fn private(folder: &Path) -> anyhow::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
            .with_context(|| format!("{} cannot be closed to others", folder.display()))?;
    }
    Ok(())
}
