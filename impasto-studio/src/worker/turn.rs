//! A turn at a job: from the files it needs to its end.

use super::child::Child;
use super::inbox::Inbox;
use super::{Worker, goes_on_in_its_folder, remove};
use crate::error::{Error, Result};
use crate::job::{Job, Reason, Wish};
use crate::log;
use crate::queue::Ending;
use crate::stop::stopped;
use crate::store::key;
use crate::verb::Keeps;
use std::path::Path;
use std::process::ExitStatus;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

/// How often the queue is told news.
const BEAT: Duration = Duration::from_millis(200);

/// How long a child may take to stop before it is ended.
const GRACE: Duration = Duration::from_secs(30);

/// The exit code of a child that was interrupted.
const INTERRUPTED: i32 = 130;

/// Why a child was asked to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    /// Its user wishes it.
    Wish(Wish),
    /// The studio stops.
    Studio,
    /// It has taken too long.
    Time,
}

impl Worker {
    /// Works on a job until it ends or has to stop.
    pub(super) async fn turn(&self, job: Job, stop: watch::Receiver<bool>) {
        let folder = self.folder_of(&job);
        let ending = match self.work(&job, &folder, stop).await {
            Ok(ending) => ending,
            Err(error @ Error::Lost(_)) => {
                log::warn(format_args!("job {}", job.id), &error);
                return remove(&folder);
            }
            // When the lease has passed, somebody who is heard of goes on; this one, perhaps.
            Err(error @ Error::Queue { .. }) => return log::warn(format_args!("job {}", job.id), &error),
            Err(error) => Ending::Failed(reason(&error)),
        };
        let waits = matches!(ending, Ending::Paused | Ending::Queued);
        if !(waits && goes_on_in_its_folder(&job)) {
            remove(&folder);
        }
        if let Err(error) = self.queue.finish(&job.id, &self.name, ending).await {
            log::warn(format_args!("job {}", job.id), &error);
        }
    }

    async fn work(&self, job: &Job, folder: &Path, mut stop: watch::Receiver<bool>) -> Result<Ending> {
        let mut arguments = self.prepare(job, folder).await?;
        arguments.extend(["--progress", "json"].map(str::to_owned));
        let (mut child, mut events) =
            Child::start((&self.program, &self.device), &arguments, folder, job.lane)?;
        let mut inbox = Inbox::default();
        let mut beat = interval(BEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut why = None;
        // When it is asked to stop, and when it is ended.
        let mut deadline = Instant::now() + self.longest;
        let mut open = true;
        let status = loop {
            tokio::select! {
                event = events.recv(), if open => match event {
                    Some(event) => inbox.take(event, &job.id, folder, &*self.store).await?,
                    None => open = false,
                },
                // What it told last is read first.
                status = child.wait(), if !open => {
                    break status.map_err(Error::file(&self.program, "cannot be waited for"))?;
                }
                _ = beat.tick() => {
                    let wish = self.queue.beat(&job.id, &self.name, self.lease, std::mem::take(&mut inbox.news)).await?;
                    if let Some(wish) = wish && why != Some(Why::Wish(wish)) && wish != Wish::Continue {
                        why = Some(Why::Wish(wish));
                        deadline = Instant::now() + GRACE;
                        if wish == Wish::Cancel { child.kill() } else { child.interrupt() }
                    }
                }
                () = stopped(&mut stop), if why.is_none() => {
                    why = Some(Why::Studio);
                    deadline = Instant::now() + GRACE;
                    child.interrupt();
                }
                () = sleep_until(deadline) => match why {
                    None => {
                        why = Some(Why::Time);
                        deadline = Instant::now() + GRACE;
                        child.interrupt();
                    }
                    Some(_) => {
                        deadline = Instant::now() + GRACE;
                        child.kill();
                    }
                },
            }
        };
        let wish = self.queue.beat(&job.id, &self.name, self.lease, std::mem::take(&mut inbox.news)).await?;
        self.ending(job, status, why, wish, &mut inbox).await
    }

    /// Puts what a job needs into its folder; the arguments to start with.
    async fn prepare(&self, job: &Job, folder: &Path) -> Result<Vec<String>> {
        if !goes_on_in_its_folder(job) {
            remove(folder);
        }
        let begun = folder.exists();
        std::fs::create_dir_all(folder).map_err(Error::file(folder, "cannot be made"))?;
        for input in &job.line.inputs {
            let path = folder.join(&input.name);
            if !path.exists() {
                self.store.fetch(&input.key, &path).await?;
            }
        }
        let line = &job.line;
        let mut arguments = match (&line.keeps, job.file("state")) {
            (Keeps::State(go_on), Some(state)) => {
                self.store.fetch(&key::file(&job.id, &state.name), &folder.join("resume.state")).await?;
                go_on.clone()
            }
            _ => line.args.iter().chain(&line.extra).cloned().collect(),
        };
        if let (Keeps::Folder(go_on), true) = (&line.keeps, begun) {
            arguments.push(go_on.clone());
        }
        Ok(arguments)
    }

    /// What the end of a child means for its job.
    async fn ending(
        &self,
        job: &Job,
        status: ExitStatus,
        why: Option<Why>,
        wish: Option<Wish>,
        inbox: &mut Inbox,
    ) -> Result<Ending> {
        // By itself, or by the signal, if it came before the program was ready for one.
        let interrupted = status.code() == Some(INTERRUPTED) || status.code().is_none();
        let has_result = || async {
            let job = self.queue.job(&job.id).await?;
            Ok::<_, Error>(job.is_some_and(|job| job.file("result").is_some()))
        };
        Ok(match why {
            Some(Why::Wish(Wish::Cancel)) => Ending::Cancelled,
            _ if status.success() => Ending::Done,
            // Its user thought otherwise meanwhile.
            Some(Why::Wish(Wish::Pause)) if wish.is_none() => Ending::Queued,
            Some(Why::Wish(Wish::Pause)) => Ending::Paused,
            Some(Why::Wish(Wish::Stop)) if interrupted && has_result().await? => Ending::Stopped,
            Some(Why::Wish(Wish::Stop)) => Ending::Cancelled,
            Some(Why::Studio) => Ending::Queued,
            Some(Why::Time) => Ending::Failed(Reason {
                text: format!("it took longer than {} s", self.longest.as_secs()),
                causes: Vec::new(),
                hint: Some("choose a smaller size or fewer iterations, or raise --job-time".into()),
            }),
            _ => Ending::Failed(inbox.reason(format!("the program ended with {status}"))),
        })
    }
}

/// An error as a reason.
fn reason(error: &Error) -> Reason {
    let mut causes = Vec::new();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        causes.push(error.to_string());
        cause = error.source();
    }
    Reason { text: error.to_string(), causes, hint: error.hint() }
}
