//! What only books that are shared can get wrong.

use super::server::Server;
use super::*;
use crate::job::State;
use crate::queue::tests::{self as suite, job};
use std::collections::BTreeSet;
use tokio_postgres::NoTls;

/// An empty database on a server.
async fn database(server: &Server, name: &str) -> String {
    let config: Config = server.address("postgres").parse().expect("an address");
    let mut patience = Patience::new();
    let client = loop {
        match config.connect(NoTls).await {
            Ok((client, connection)) => {
                tokio::spawn(connection);
                break client;
            }
            Err(error) => assert!(patience.again(&error.into()).await, "the server does not start"),
        }
    };
    client.batch_execute(&format!("CREATE DATABASE {name}")).await.expect("a database");
    server.address(name)
}

async fn open(address: &str) -> Arc<Postgres> {
    Arc::new(Postgres::open(address).await.expect("a queue"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_books_are_kept() {
    let Some(server) = Server::start() else { return };
    macro_rules! on_postgres {
        ($($name:ident),* $(,)?) => {
            $(suite::$name(open(&database(&server, stringify!($name)).await).await).await;)*
        };
    }
    suite::all!(on_postgres);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_may_share_them() {
    let Some(mut server) = Server::start() else { return };
    let address = database(&server, "shared").await;
    // All make the tables at once.
    let opened = (0..6).map(|_| {
        tokio::spawn({
            let address = address.clone();
            async move { open(&address).await }
        })
    });
    let mut queues = Vec::new();
    for queue in opened {
        queues.push(queue.await.expect("a queue"));
    }
    no_change_is_missed(&queues).await;

    // Whoever waits hears of what others do.
    let (one, two) = (queues[0].clone(), queues[1].clone());
    let seen = one.revision().await.expect("a revision");
    let waiting = tokio::spawn(async move { one.wait(seen, Duration::from_secs(60)).await });
    two.add(job("late", Lane::Long, 0), 1000).await.expect("room");
    waiting.await.expect("a change");

    // A database that goes away and comes back is waited for; nothing is lost.
    let before = two.jobs(None, 1000).await.expect("jobs").len();
    server.crash();
    assert_eq!(two.jobs(None, 1000).await.expect("jobs").len(), before);
    assert_eq!(
        two.take("w", Lane::Long, Duration::ZERO).await.expect("a queue").map(|job| job.id).as_deref(),
        Some("late")
    );
    let seen = two.revision().await.expect("a revision");
    assert_eq!(queues[2].recover(None).await.expect("a queue"), 1);
    queues[3].wait(seen, Duration::from_secs(60)).await;
    assert!(queues[3].revision().await.expect("a revision") > seen);

    // Ids come from addresses.
    assert!(two.job("a\0b").await.expect("a queue").is_none());
    assert!(two.pictures(&["a\0b"]).await.expect("a queue").is_empty());
    let mut line = two.pool.line().await.expect("a connection");
    let books = line.begin().await.expect("a transaction");
    books.execute("UPDATE studio SET version = 2", &[]).await.expect("a change");
    books.commit().await.expect("a change");
    assert!(matches!(Postgres::open(&address).await, Err(Error::Queue { .. })));
    assert!(matches!(Postgres::open("postgres://host:port").await, Err(Error::Option(_))));
}

/// Whoever asks only for what is new sees every change, though several make some at once.
async fn no_change_is_missed(queues: &[Arc<Postgres>]) {
    const JOBS: usize = 15;
    let writers: Vec<_> = queues[..4]
        .iter()
        .enumerate()
        .map(|(writer, queue)| {
            let queue = queue.clone();
            tokio::spawn(async move {
                for number in 0..JOBS {
                    let id = format!("job-{writer}-{number}");
                    queue.add(job(&id, Lane::Quick, 0), 1000).await.expect("room");
                    let name = format!("w{writer}");
                    let lease = Duration::from_secs(60);
                    if let Some(job) = queue.take(&name, Lane::Quick, lease).await.expect("a queue") {
                        queue.finish(&job.id, &name, Ending::Done).await.expect("an end");
                    }
                }
            })
        })
        .collect();
    let reader = queues[4].clone();
    let (mut after, mut last) = (0, std::collections::BTreeMap::new());
    loop {
        let done = writers.iter().all(|writer| writer.is_finished());
        let changes = reader.changes(after).await.expect("changes");
        assert!(changes.jobs.iter().all(|job| job.revision > after && job.revision <= changes.revision));
        after = changes.revision;
        last.extend(changes.jobs.into_iter().map(|job| (job.id.clone(), (job.revision, job.state))));
        if done {
            break;
        }
    }
    for writer in writers {
        writer.await.expect("a writer");
    }
    let jobs = reader.jobs(None, 1000).await.expect("jobs");
    assert_eq!((jobs.len(), last.len()), (4 * JOBS, 4 * JOBS));
    assert!(jobs.iter().all(|job| last[&job.id] == (job.revision, job.state)));
    assert_eq!(jobs.iter().map(|job| job.revision).collect::<BTreeSet<_>>().len(), jobs.len());
    assert!(jobs.iter().filter(|job| job.state == State::Done).count() > JOBS);
}
