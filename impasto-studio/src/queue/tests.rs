//! The books, as clients and workers use them, whatever they are kept in.

use super::*;
use crate::error::Error;
use crate::job::{File, Reason, State};
use crate::picture::Kind;
use crate::time::Time;
use crate::verb::{Input, Line};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;

const LEASE: Duration = Duration::from_secs(60);

/// Books that are empty.
type Books = Arc<dyn Queue>;

/// Makes something of the names of all tests here.
macro_rules! all {
    ($with:ident) => {
        $with! {
            jobs_come_back_as_they_were,
            order_is_priority_then_age_and_lanes_are_apart,
            nobody_takes_what_another_has,
            a_job_whose_worker_is_gone_is_queued_again,
            news_make_revisions_and_changes_tell_them,
            who_waits_hears_of_changes,
            wishes_are_done_where_they_mean_something,
            endings_are_told,
            the_oldest_is_given_up_first_and_what_is_used_never,
        }
    };
}
pub(in crate::queue) use all;

pub fn job(id: &str, lane: Lane, priority: i32) -> NewJob {
    let input = Input { key: "pictures/cat/original".into(), name: "cat.jpg".into() };
    let line = Line { args: vec!["apply".into()], inputs: vec![input], lane, ..Line::default() };
    let (verb, settings, client) = ("apply".into(), json!({"b": 1, "a": [0.1]}), "me".into());
    NewJob { id: id.into(), verb, settings, line, priority, parent: None, client }
}

async fn add(queue: &Books, id: &str) -> Job {
    queue.add(job(id, Lane::Quick, 0), 1000).await.expect("room")
}

async fn take(queue: &Books, worker: &str) -> Option<String> {
    queue.take(worker, Lane::Quick, LEASE).await.expect("a queue").map(|job| job.id)
}

fn picture(id: &str, shipped: bool) -> Picture {
    Picture {
        id: id.into(),
        kind: Kind::Picture,
        name: "cat".into(),
        format: "jpg".into(),
        media: "image/jpeg".into(),
        width: 3,
        height: 2,
        bytes: 9,
        facts: json!({}),
        shipped,
        used: Time(5),
    }
}

pub async fn jobs_come_back_as_they_were(queue: Books) {
    let added = add(&queue, "one").await;
    assert_eq!((added.number, added.revision, added.state), (1, 1, State::Queued));
    assert_eq!(added.settings.to_string(), r#"{"b":1,"a":[0.1]}"#);
    assert_eq!(added.command, "impasto apply");
}

pub async fn order_is_priority_then_age_and_lanes_are_apart(queue: Books) {
    for (id, lane, priority) in
        [("a", Lane::Quick, 0), ("b", Lane::Quick, 5), ("c", Lane::Quick, 5), ("d", Lane::Long, 9)]
    {
        queue.add(job(id, lane, priority), 10).await.expect("room");
    }
    let raised = queue.prioritise("a", 7).await.expect("a change");
    assert_eq!((raised.priority, raised.revision), (7, queue.revision().await.expect("a revision")));
    assert!(matches!(queue.prioritise("none", 7).await, Err(Error::Missing(_))));
    let mut order = Vec::new();
    while let Some(id) = take(&queue, "w").await {
        order.push(id);
    }
    assert_eq!(order, ["a", "b", "c"]);
    let newest: Vec<String> =
        queue.jobs(None, 2).await.expect("jobs").into_iter().map(|job| job.id).collect();
    assert_eq!(newest, ["d", "c"]);
    let next = queue.jobs(Some(3), 10).await.expect("jobs");
    assert_eq!(next.iter().map(|job| job.id.as_str()).collect::<Vec<_>>(), ["b", "a"]);
    assert!(matches!(queue.add(job("e", Lane::Quick, 0), 4).await, Err(Error::Full(4))));
    assert_eq!(queue.job("e").await.expect("a queue").map(|job| job.id), None);
    queue.finish("a", "w", Ending::Done).await.expect("an end");
    assert!(matches!(queue.prioritise("a", 0).await, Err(Error::State { .. })));
}

pub async fn nobody_takes_what_another_has(queue: Books) {
    for number in 0..40 {
        add(&queue, &format!("job-{number}")).await;
    }
    let workers = (0..8).map(|worker| {
        let queue = queue.clone();
        tokio::spawn(async move {
            let mut taken = Vec::new();
            while let Some(id) = take(&queue, &format!("w{worker}")).await {
                taken.push(id);
            }
            taken
        })
    });
    let mut all = Vec::new();
    for worker in workers {
        all.extend(worker.await.expect("a worker"));
    }
    assert_eq!((all.len(), all.iter().collect::<BTreeSet<_>>().len()), (40, 40));
}

pub async fn a_job_whose_worker_is_gone_is_queued_again(queue: Books) {
    add(&queue, "one").await;
    let over = Duration::ZERO;
    queue.take("w", Lane::Quick, over).await.expect("a queue").expect("a job");
    tokio::time::sleep(Duration::from_millis(5)).await;
    assert_eq!(queue.recover(None).await.expect("a queue"), 1);
    assert!(matches!(queue.beat("one", "w", LEASE, News::default()).await, Err(Error::Lost(_))));
    assert!(matches!(queue.finish("one", "w", Ending::Done).await, Err(Error::Lost(_))));
    // Held, it stays; its own worker, begun anew, gives it back.
    assert_eq!(take(&queue, "v").await.as_deref(), Some("one"));
    assert_eq!(queue.recover(Some("w")).await.expect("a queue"), 0);
    assert_eq!(queue.recover(Some("v")).await.expect("a queue"), 1);
    // What its user wished is done in place of it.
    assert_eq!(take(&queue, "v").await.as_deref(), Some("one"));
    queue.wish("one", Wish::Cancel).await.expect("a wish");
    queue.recover(Some("v")).await.expect("a queue");
    assert_eq!(queue.job("one").await.expect("a queue").expect("a job").state, State::Cancelled);
    // One that takes every worker down is given up.
    add(&queue, "two").await;
    for _ in 0..10 {
        assert_eq!(take(&queue, "v").await.as_deref(), Some("two"));
        queue.recover(Some("v")).await.expect("a queue");
    }
    let job = queue.job("two").await.expect("a queue").expect("a job");
    assert_eq!(job.state, State::Failed);
    assert!(job.error.expect("a reason").text.contains("10 times"));
}

pub async fn news_make_revisions_and_changes_tell_them(queue: Books) {
    add(&queue, "one").await;
    add(&queue, "two").await;
    take(&queue, "w").await;
    let before = queue.revision().await.expect("a revision");
    let file = |bytes, kind: &str| File {
        name: "0050.png".into(),
        kind: kind.into(),
        bytes,
        facts: json!({"e": 50}),
    };
    let news = News {
        progress: Some(json!({"done": 1})),
        points: vec![json!({"loss": 2.0}), json!({"loss": 1.0})],
        notes: vec!["hello".into()],
        files: vec![file(1, "snapshot")],
    };
    assert_eq!(queue.beat("one", "w", LEASE, news).await.expect("a beat"), None);
    let quiet = queue.revision().await.expect("a revision");
    assert_eq!(quiet, before + 1);
    queue.beat("one", "w", LEASE, News::default()).await.expect("a beat");
    assert_eq!(queue.revision().await.expect("a revision"), quiet);
    let news = News { files: vec![file(2, "result")], points: vec![json!({"loss": 0.5})], ..News::default() };
    queue.beat("one", "w", LEASE, news).await.expect("a beat");

    let changes = queue.changes(before).await.expect("changes");
    assert_eq!(changes.revision, quiet + 1);
    assert_eq!(changes.jobs.len(), 1);
    let job = &changes.jobs[0];
    assert_eq!(
        (job.files.as_slice(), job.notes.as_slice()),
        (&[file(2, "result")][..], &["hello".to_owned()][..])
    );
    let numbers: Vec<u64> = changes.points[0].1.iter().map(|point| point.n).collect();
    assert_eq!((changes.points[0].0.as_str(), numbers), ("one", vec![1, 2, 3]));
    assert_eq!(queue.changes(quiet).await.expect("changes").points[0].1.len(), 1);
    assert_eq!(queue.points("one", 1).await.expect("points").len(), 2);
    assert!(queue.changes(changes.revision).await.expect("changes").jobs.is_empty());

    queue.remove("two").await.expect("a removal");
    assert!(matches!(queue.remove("one").await, Err(Error::State { .. })));
    let changes = queue.changes(changes.revision).await.expect("changes");
    assert_eq!((changes.gone, changes.jobs.len()), (vec!["two".to_owned()], 0));
}

pub async fn who_waits_hears_of_changes(queue: Books) {
    let other = queue.clone();
    let waiting = tokio::spawn(async move { other.wait(0, Duration::from_secs(60)).await });
    add(&queue, "one").await;
    waiting.await.expect("the change");
    queue.wait(0, Duration::from_secs(60)).await;
    queue.wait(1, Duration::from_millis(1)).await;
}

pub async fn wishes_are_done_where_they_mean_something(queue: Books) {
    add(&queue, "one").await;
    let state = async |wish| match queue.wish("one", wish).await {
        Ok(job) => job.state.name().to_owned() + job.wish.map_or("", Wish::name),
        Err(Error::State { state, .. }) => format!("not {state}"),
        Err(error) => panic!("{error}"),
    };
    assert_eq!(state(Wish::Continue).await, "not queued");
    assert_eq!(state(Wish::Stop).await, "not queued");
    assert_eq!(state(Wish::Pause).await, "paused");
    assert_eq!(state(Wish::Pause).await, "not paused");
    assert_eq!(state(Wish::Stop).await, "not paused", "there is no result yet");
    assert_eq!(state(Wish::Continue).await, "queued");
    take(&queue, "w").await;
    assert_eq!(state(Wish::Continue).await, "not running");
    assert_eq!(state(Wish::Pause).await, "runningpause");
    assert_eq!(state(Wish::Continue).await, "running");
    assert_eq!(state(Wish::Pause).await, "runningpause");
    let file = File { name: "result.png".into(), kind: "result".into(), bytes: 1, facts: Value::Null };
    let news = News { files: vec![file], ..News::default() };
    assert_eq!(queue.beat("one", "w", LEASE, news).await.expect("a beat"), Some(Wish::Pause));
    queue.finish("one", "w", Ending::Paused).await.expect("an end");
    assert_eq!(state(Wish::Stop).await, "done");
    let job = queue.job("one").await.expect("a queue").expect("a job");
    assert!(job.stopped && job.finished.is_some());
    for wish in [Wish::Pause, Wish::Continue, Wish::Stop, Wish::Cancel] {
        assert_eq!(state(wish).await, "not done");
    }
    assert!(matches!(queue.wish("two", Wish::Stop).await, Err(Error::Missing(_))));
}

pub async fn endings_are_told(queue: Books) {
    let reason = Reason { text: "no".into(), causes: vec!["why".into()], hint: None };
    for (id, ending, state) in [
        ("a", Ending::Done, State::Done),
        ("b", Ending::Stopped, State::Done),
        ("c", Ending::Cancelled, State::Cancelled),
        ("d", Ending::Failed(reason.clone()), State::Failed),
        ("e", Ending::Paused, State::Paused),
        ("f", Ending::Queued, State::Queued),
    ] {
        add(&queue, id).await;
        assert_eq!(take(&queue, "w").await.as_deref(), Some(id));
        let job = queue.finish(id, "w", ending.clone()).await.expect("an end");
        assert_eq!((job.state, job.stopped), (state, ending == Ending::Stopped));
        assert_eq!(job.error.is_some(), state == State::Failed);
        assert_eq!(job.finished.is_some(), state.is_over());
    }
}

pub async fn the_oldest_is_given_up_first_and_what_is_used_never(queue: Books) {
    for (id, shipped) in [("cat", false), ("dog", false), ("shipped", true)] {
        queue.add_picture(&picture(id, shipped)).await.expect("a picture");
    }
    assert_eq!(queue.pictures(&["dog", "none", "cat"]).await.expect("pictures").len(), 2);
    add(&queue, "one").await;
    let next = async || queue.expendable(Duration::ZERO).await.expect("a queue");
    assert_eq!(next().await, Some(Expendable::Picture("dog".into())));
    assert_eq!(next().await, None, "a job that is not over needs the cat");
    queue.wish("one", Wish::Cancel).await.expect("a wish");
    assert_eq!(queue.expendable(Duration::from_secs(60)).await.expect("a queue"), None, "just now");
    tokio::time::sleep(Duration::from_millis(5)).await;
    assert_eq!(next().await, Some(Expendable::Job("one".into())));
    assert_eq!(next().await, Some(Expendable::Picture("cat".into())));
    assert_eq!(next().await, None);
    let kept = queue.pictures(&["shipped"]).await.expect("pictures");
    assert!(kept[0].shipped);
}
