//! The vulnerability database that an operator gives: a folder, or an archive, of OSV records.
//!
//! It is read at the start and again when it was replaced; nothing is ever downloaded.

use std::fs::{self, File};
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, UNIX_EPOCH};

use anyhow::{Context as _, bail};
use findings::osv::{Builder, Database, Record};
use flate2::read::GzDecoder;
use service::ports::VulnerabilityDatabase;

/// How often it is looked whether the files were replaced.
const LOOKED_AT: Duration = Duration::from_secs(30);
/// Bytes of one record, at most.
const LONGEST_RECORD: u64 = 8 * 1024 * 1024;
/// Files of a database, at most.
const MOST_RECORDS: usize = 2_000_000;

/// The database at a path.
pub(crate) struct OsvFiles {
    path: Option<PathBuf>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    looked_at: Option<Instant>,
    generation: String,
    database: Option<Arc<Database>>,
}

impl OsvFiles {
    /// Reads the database, where one was given.
    ///
    /// # Errors
    /// When there is nothing at the path, or it holds no record.
    pub(crate) fn open(path: Option<&Path>) -> anyhow::Result<Self> {
        let mut state = State::default();
        if let Some(path) = path {
            state.generation = generation(path)?;
            state.database = Some(Arc::new(read(path)?));
            state.looked_at = Some(Instant::now());
        }
        Ok(Self { path: path.map(Path::to_owned), state: Mutex::new(state) })
    }
}

impl VulnerabilityDatabase for OsvFiles {
    fn current(&self) -> Option<(String, Arc<Database>)> {
        let path = self.path.as_ref()?;
        let mut state = self.state.lock().ok()?;
        let is_due = state.looked_at.is_none_or(|at| at.elapsed() >= LOOKED_AT);
        if is_due {
            state.looked_at = Some(Instant::now());
            match replaced(path, &state.generation) {
                Ok(Some((generation, database))) => {
                    tracing::info!(records = database.n_records(), "vulnerability database read");
                    state.generation = generation;
                    state.database = Some(Arc::new(database));
                }
                Ok(None) => {}
                // The old one is better than none.
                Err(error) => tracing::warn!(error = format!("{error:#}"), "kept the old database"),
            }
        }
        state.database.clone().map(|database| (state.generation.clone(), database))
    }
}

fn replaced(path: &Path, known: &str) -> anyhow::Result<Option<(String, Database)>> {
    let generation = generation(path)?;
    if generation == known {
        return Ok(None);
    }
    Ok(Some((generation, read(path)?)))
}

/// What the files are recognised by: the newest time and the number of entries.
fn generation(path: &Path) -> anyhow::Result<String> {
    let time_of = |path: &Path| -> anyhow::Result<u128> {
        let changed = fs::metadata(path)?.modified()?;
        Ok(changed.duration_since(UNIX_EPOCH).unwrap_or_default().as_micros())
    };
    let context = || format!("the vulnerability database {} cannot be read", path.display());
    let (mut newest, mut n_files) = (time_of(path).with_context(context)?, 0_usize);
    if path.is_dir() {
        for folder in folders(path).with_context(context)? {
            newest = newest.max(time_of(&folder).with_context(context)?);
            n_files = n_files.saturating_add(fs::read_dir(&folder).with_context(context)?.count());
        }
    }
    Ok(format!("{newest}-{n_files}"))
}

/// The folder and those directly below it, as databases are laid out by ecosystem.
fn folders(path: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut folders = vec![path.to_owned()];
    for entry in fs::read_dir(path)? {
        let entry = entry?.path();
        if entry.is_dir() {
            folders.push(entry);
        }
    }
    Ok(folders)
}

fn read(path: &Path) -> anyhow::Result<Database> {
    let mut builder = Builder::new();
    let mut counts = Counts::default();
    if path.is_dir() {
        for folder in folders(path)? {
            for entry in fs::read_dir(&folder)? {
                let entry = entry?.path();
                if entry.extension().is_some_and(|ending| ending == "json") {
                    counts.add(&mut builder, File::open(&entry)?)?;
                }
            }
        }
    } else {
        archive(path, &mut builder, &mut counts)?;
    }
    if counts.n_read == 0 {
        bail!(
            "{} holds no OSV record; give a folder of JSON records, or a tar archive of one",
            path.display()
        );
    }
    if counts.n_unreadable > 0 {
        tracing::warn!(records = counts.n_unreadable, "records that cannot be read are left out");
    }
    Ok(builder.finish())
}

fn archive(path: &Path, builder: &mut Builder, counts: &mut Counts) -> anyhow::Result<()> {
    let mut file = BufReader::new(File::open(path)?);
    let mut start = [0; 2];
    let n = file.read(&mut start)?;
    let is_gzip = start.get(..n) == Some(&[0x1f, 0x8b]);
    let file = BufReader::new(File::open(path)?);
    let reader: Box<dyn Read> =
        if is_gzip { Box::new(GzDecoder::new(file)) } else { Box::new(file) };
    let mut archive = tar::Archive::new(reader);
    for entry in
        archive.entries().with_context(|| format!("{} is no tar archive", path.display()))?
    {
        let entry = entry.with_context(|| format!("{} is no tar archive", path.display()))?;
        let is_record = entry.path()?.extension().is_some_and(|ending| ending == "json");
        if is_record {
            counts.add(builder, entry)?;
        }
    }
    Ok(())
}

/// How many records were read, and how many could not be.
#[derive(Default)]
struct Counts {
    n_read: usize,
    n_unreadable: usize,
}

impl Counts {
    fn add(&mut self, builder: &mut Builder, reader: impl Read) -> anyhow::Result<()> {
        if self.n_read >= MOST_RECORDS {
            bail!("the vulnerability database has more than {MOST_RECORDS} records");
        }
        let mut bytes = Vec::new();
        reader.take(LONGEST_RECORD).read_to_end(&mut bytes)?;
        match Record::read(&bytes) {
            Ok(record) => {
                builder.add(record).ok().context("the vulnerability database is too large")?;
                self.n_read = self.n_read.saturating_add(1);
            }
            Err(_) => self.n_unreadable = self.n_unreadable.saturating_add(1),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORD: &str = r#"{"id":"GHSA-a","affected":[{"package":{"ecosystem":"npm",
        "name":"left-pad"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},
        {"fixed":"1.3.0"}]}]}]}"#;

    #[test]
    fn a_folder_by_ecosystem_and_an_archive_are_read_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let npm = folder.path().join("npm");
        fs::create_dir(&npm).unwrap();
        assert!(OsvFiles::open(Some(folder.path())).is_err());
        fs::write(npm.join("GHSA-a.json"), RECORD).unwrap();
        fs::write(npm.join("broken.json"), "{").unwrap();
        fs::write(npm.join("readme.txt"), "hello").unwrap();
        let files = OsvFiles::open(Some(folder.path())).unwrap();
        assert_eq!(files.current().unwrap().1.n_records(), 1);

        let path = folder.path().join("osv.tar");
        let mut archive = tar::Builder::new(File::create(&path).unwrap());
        archive.append_dir_all("npm", &npm).unwrap();
        archive.finish().unwrap();
        let files = OsvFiles::open(Some(&path)).unwrap();
        assert_eq!(files.current().unwrap().1.n_records(), 1);
        assert!(OsvFiles::open(None).unwrap().current().is_none());
    }
}
