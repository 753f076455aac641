//! `impasto studio`: paint, look and steer in a browser.

mod limits;
pub(super) mod place;

use super::apply::brush::{BUILT_IN, built_in_styles};
use crate::device::DeviceChoice;
use crate::interrupt;
use crate::report::{self, Outcome};
use anyhow::Context;
use clap::Args;
use impasto_net::{Model, NetError, network::Variant};
use impasto_studio::Options;
use limits::LimitArguments;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

/// Paint, look and steer in a browser
///
/// Serves a page on this machine, at the address that is printed. Everything is in the program, and nothing leaves the
/// machine. What is done on the page is done by this program's verbs, and the page shows the commands. Ctrl-C ends the
/// studio; what is being painted goes on at the next start.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Port to listen at; 0 for any that is free
    #[arg(long, value_name = "N", default_value_t = 7700)]
    port: u16,

    /// Address to listen at; one that others can reach needs --token
    #[arg(long, value_name = "IP", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    address: IpAddr,

    /// Further name by which the page may be reached, such as that of a proxy before it
    #[arg(long = "host", value_name = "NAME[:PORT]")]
    hosts: Vec<String>,

    /// What others must know to use the studio: they open it as /?token=TEXT; at least 8 characters
    #[arg(long, value_name = "TEXT", env = "IMPASTO_TOKEN", hide_env_values = true)]
    token: Option<String>,

    /// Folder of pictures, jobs and results [default: impasto-studio in the user's folder of data]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,

    /// PostgreSQL database for the queue, which any number of studios and workers may share [default: a file in the folder]
    #[arg(
        long,
        value_name = "postgres://…",
        env = "IMPASTO_QUEUE",
        hide_env_values = true,
        requires = "store"
    )]
    queue: Option<String>,

    /// Where files are instead: a folder that all machines share, or a bucket as s3://BUCKET/PREFIX
    #[arg(long, value_name = "DIR|s3://…", env = "IMPASTO_STORE")]
    store: Option<String>,

    /// Only serve, and leave all work to `impasto worker` on other machines
    #[arg(long, requires = "queue")]
    no_worker: bool,

    /// Open the page in the browser
    #[arg(long)]
    open: bool,

    #[command(flatten)]
    limits: LimitArguments,
}

const EXAMPLES: &str = "\
Examples:
  impasto studio --open
  impasto studio --port 8080 --data /srv/impasto --quota 100G
  impasto studio --queue postgres://impasto@db.example/impasto --store /mnt/studio --no-worker
  impasto studio --address 0.0.0.0 --host studio.example --token \"a long secret\"";

/// Serves until Ctrl-C; jobs' networks run on `device`.
pub fn run(arguments: &Arguments, device: DeviceChoice) -> anyhow::Result<Outcome> {
    let data = match &arguments.data {
        Some(data) => data.clone(),
        None => place::data("impasto-studio")?,
    };
    // Children have folders of their own.
    let data =
        std::path::absolute(&data).with_context(|| format!("cannot use the folder {}", data.display()))?;
    let program = std::env::current_exe().context("cannot tell where this program is")?;
    let styles = built_in_styles(BUILT_IN)?;
    let classes = match Model::named("squeezenet", Variant::default(), None) {
        Err(NetError::NotEmbedded { .. }) => Vec::new(),
        found => found?.classes().unwrap_or_default().to_vec(),
    };
    let options = Options {
        port: arguments.port,
        address: arguments.address,
        hosts: arguments.hosts.clone(),
        queue: arguments.queue.clone(),
        store: arguments.store.clone(),
        works: !arguments.no_worker,
        token: arguments.token.clone().filter(|token| !token.is_empty()),
        styles,
        classes,
        device: device.to_string(),
        limits: arguments.limits.resolve(),
        ..Options::new(data, program)
    };
    interrupt::stop_gently();
    let ready = |address: SocketAddr| {
        let url = format!("http://{address}/");
        // Whoever started it finds its address in the messages if nowhere else.
        if report::result(&format!("{url}\n")).is_err() {
            report::note(&url);
        }
        if arguments.open && !place::open(&url) {
            report::warn("no program was found that opens the page");
        }
    };
    impasto_studio::run(options, ready, interrupt::requested)?;
    Ok(Outcome::Done)
}
