//! What compression costs, and what it saves.

use ws_core::handshake::Takeover;

use crate::Result;
use crate::args::Options;
use crate::cells::{DEFLATE, DEFLATE_CONNECTIONS, DEFLATE_IDLE, Deflate};
use crate::child::Server;
use crate::load::Squeezers;
use crate::measure::{Column, Job};
use crate::peers::Task;
use crate::sys;

/// Of each message its time, one after the other with the server that all are compared to.
pub(crate) fn columns(options: &Options, servers: &[Server]) -> Vec<Column> {
    let connections = if options.quick { 4 } else { DEFLATE_CONNECTIONS };
    let cells = DEFLATE.iter().filter(|cell| options.wants_cell(cell.name));
    let column = |cell: &Deflate| {
        let job = Job {
            name: cell.name,
            task: Task::Echo,
            tls: None,
            window: options.window(),
            open: &|target, _| {
                Ok(Box::new(Squeezers::open(target, Takeover::Forget, cell, connections)?))
            },
        };
        job.column(servers, options.rounds)
    };
    cells.map(column).collect()
}

/// Prints what each message is on the wire, and what a connection keeps that says nothing. Tells
/// whether every server has answered as it should.
pub(crate) fn sizes(options: &Options, servers: &[Server], idle: usize) -> bool {
    let idle = if options.quick { 20 } else { idle.min(DEFLATE_IDLE) };
    println!("\n## Bytes on the wire for a message;");
    println!("private bytes per connection, of {idle}, after one message each\n");
    let names = DEFLATE.iter().map(|cell| format!(" {} |", cell.name));
    let memory = " kept | kept, with takeover |";
    println!("| server |{}{memory}", names.collect::<String>());
    println!("|---|{}---|---|", "---|".repeat(DEFLATE.len()));
    let mut all_good = true;
    for server in servers {
        let mut row = format!("| {} |", server.name);
        let wire = DEFLATE.iter().map(|cell| on_the_wire(server, cell));
        let kept = [Takeover::Forget, Takeover::Keep];
        let kept = kept.into_iter().map(|takeover| at_rest(server, takeover, idle));
        for figure in wire.chain(kept) {
            row += &match figure {
                Ok(_) if options.quick => " ok |".to_owned(),
                Ok(figure) => format!(" {figure:.0} |"),
                Err(error) => {
                    all_good = false;
                    format!(" failed: {error} |")
                }
            };
        }
        println!("{row}");
    }
    all_good
}

/// Each message by itself, on as many connections as there are different ones.
fn on_the_wire(server: &Server, cell: &Deflate) -> Result<f64> {
    const DIFFERENT: usize = 16;
    let running = server.start(Task::Echo, None)?;
    let mut squeezers = Squeezers::open(running.target(), Takeover::Forget, cell, DIFFERENT)?;
    Ok(squeezers.once()? as f64 / DIFFERENT as f64)
}

/// What a connection takes that has had a message echoed and says nothing.
fn at_rest(server: &Server, takeover: Takeover, connections: usize) -> Result<f64> {
    let running = server.start(Task::Echo, None)?;
    let [first, ..] = DEFLATE else { return Err("no cell".into()) };
    // What a server only makes for its first connection is not counted.
    let mut warm = Squeezers::open(running.target(), takeover, first, 1)?;
    warm.once()?;
    let memory = || sys::private_memory(running.process()).ok_or("this system tells no memory");
    let before = memory()?;
    let mut crowd = Squeezers::open(running.target(), takeover, first, connections)?;
    crowd.once()?;
    Ok((memory()? as f64 - before as f64) / connections as f64)
}
