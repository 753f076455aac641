//! What a child has told, until it is told to the queue.

use super::event::Event;
use crate::error::Result;
use crate::job::{File, Reason};
use crate::queue::News;
use crate::store::{Store, key};
use serde_json::{Map, Value};
use std::path::{Component, Path};

/// What comes before the names of all files that are made on the way.
const PREFIX: &str = "result-";

/// What of a progress is no part of a curve.
const PASSING: [&str; 2] = ["left", "text"];

/// Lines that explain a failure which the child did not explain.
const LAST: usize = 5;

/// What a child has told.
#[derive(Default)]
pub struct Inbox {
    /// What the queue does not know yet.
    pub news: News,
    /// Why it failed.
    reason: Option<Reason>,
    /// Its last notes.
    last: Vec<String>,
}

impl Inbox {
    /// Takes an event; files go to the store at once.
    pub async fn take(&mut self, event: Event, job: &str, folder: &Path, store: &dyn Store) -> Result<()> {
        match event {
            Event::Progress(values) => {
                if values.contains_key("loss") {
                    let keep = |name: &String| !PASSING.contains(&name.as_str());
                    let point: Map<String, Value> =
                        values.clone().into_iter().filter(|(name, _)| keep(name)).collect();
                    self.news.points.push(point.into());
                }
                self.news.progress = Some(values.into());
            }
            Event::Made { file, kind, facts } => {
                self.file(Path::new(&file), kind, facts, job, folder, store).await?;
            }
            Event::Note { text } => self.note(text),
            Event::Warning { text } => self.note(format!("warning: {text}")),
            Event::Error(reason) => self.reason = Some(reason),
        }
        Ok(())
    }

    /// Puts a file of the child's folder into the store. What has no plain name, or lies elsewhere, is left alone.
    async fn file(
        &mut self,
        file: &Path,
        kind: String,
        facts: Value,
        job: &str,
        folder: &Path,
        store: &dyn Store,
    ) -> Result<()> {
        let inside = file.components().all(|part| matches!(part, Component::Normal(_)));
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let name = name.strip_prefix(PREFIX).unwrap_or(&name).to_owned();
        let path = folder.join(file);
        if !inside || !key::is_plain(&name) || !path.is_file() {
            return Ok(());
        }
        let bytes = store.take(&key::file(job, &name), &path).await?;
        self.news.files.retain(|file| file.name != name);
        self.news.files.push(File { name, kind, bytes, facts });
        Ok(())
    }

    fn note(&mut self, text: String) {
        if self.last.len() == LAST {
            self.last.remove(0);
        }
        self.last.push(text.clone());
        self.news.notes.push(text);
    }

    /// Why it failed, as far as is known; `how` it ended otherwise.
    pub fn reason(&mut self, how: String) -> Reason {
        self.reason.take().unwrap_or_else(|| Reason {
            text: how,
            causes: std::mem::take(&mut self.last),
            hint: None,
        })
    }
}
