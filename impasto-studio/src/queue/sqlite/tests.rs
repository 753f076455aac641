//! What only a file can get wrong.

use super::*;
use crate::queue::tests::{self as suite, job};
use tempfile::TempDir;

fn queue() -> (TempDir, Sqlite) {
    let folder = tempfile::tempdir().expect("a folder");
    let queue = Sqlite::open(&folder.path().join("queue.sqlite")).expect("a queue");
    (folder, queue)
}

macro_rules! on_sqlite {
    ($($name:ident),* $(,)?) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $name() {
                let (_folder, queue) = queue();
                suite::$name(Arc::new(queue)).await;
            }
        )*
    };
}
suite::all!(on_sqlite);

#[tokio::test]
async fn a_file_that_is_opened_again_has_all() {
    let (folder, queue) = queue();
    let added = queue.add(job("one", Lane::Quick, 0), 10).await.expect("room");
    let path = folder.path().join("queue.sqlite");
    let again = Sqlite::open(&path).expect("the same");
    assert_eq!(again.job("one").await.expect("a queue").expect("a job").line, added.line);
    assert!(again.job("two").await.expect("a queue").is_none());
    // What is newer than the program is refused.
    again.connection.lock().expect("a lock").execute("UPDATE studio SET version = 2", []).expect("a change");
    assert!(matches!(Sqlite::open(&path), Err(Error::Queue { .. })));
}
