//! The tables, in Markdown.

use crate::Result;
use crate::args::{Options, Table};
use crate::cells::{
    DEFLATE_IDLE, ECHO, Echo, FANOUT, GROWTH, GROWTH_BYTES, GROWTH_UNDER_WAY, IDLE_CONNECTIONS, TLS,
};
use crate::child::{Certificate, Server};
use crate::measure::{Column, Figure, Job};
use crate::peers::{RAW, Task};
use crate::sys::{self, Core};
use crate::{deflate, idle, load};

/// Descriptors that are left for everything else than connections.
const SPARE: u64 = 200;

/// Measures and prints what is asked for. Tells whether every server has answered as it should.
pub(crate) fn run(options: &Options) -> Result<bool> {
    let descriptors = sys::raise_descriptors();
    println!("Machine: {}", sys::machine());
    println!(
        "Command: cargo bench --manifest-path tests/bench/Cargo.toml -- {}",
        options.command_line
    );
    if sys::pin(Core::Load) {
        println!("Servers on core 0, load generator on core 1.");
    } else {
        println!("**Nothing is bound to a core here: the figures say little.**");
    }
    let mut all_good = true;
    for table in &options.tables {
        all_good &= match table {
            Table::Echo => echo(options, "Echo", *table, ECHO, None),
            Table::Growth => growth(options, descriptors),
            Table::Tls => {
                let certificate = Certificate::new()?;
                echo(options, "Echo under TLS 1.3", *table, TLS, Some(&certificate))
            }
            Table::Handshakes => handshakes(options),
            Table::Idle => idle(options, descriptors)?,
            Table::Fanout => fan_out(options),
            Table::Deflate => compression(options, descriptors),
        };
    }
    if options.quick {
        println!("\nQuick: nothing was measured.");
        println!("{}", if all_good { "All servers answer." } else { "NOT all servers answer." });
    }
    Ok(all_good)
}

fn echo(
    options: &Options,
    title: &str,
    table: Table,
    cells: &[Echo],
    tls: Option<&Certificate>,
) -> bool {
    let servers = options.servers(table);
    let mut columns = Vec::new();
    for cell in cells.iter().filter(|cell| options.wants_cell(cell.name)) {
        let cell = if options.quick { cell.quick() } else { *cell };
        let job = Job {
            name: cell.name,
            task: Task::Echo,
            tls,
            window: options.window(),
            open: &|target, protocol| Ok(Box::new(load::Echo::open(target, protocol, &cell)?)),
        };
        columns.push(job.column(&servers, options.rounds));
    }
    print(
        options,
        &format!("{title}: ratio to raw-epoll (server CPU ns per message)"),
        &servers,
        &columns,
    )
}

fn growth(options: &Options, descriptors: u64) -> bool {
    let servers = options.servers(Table::Growth);
    let mut columns = Vec::new();
    for cell in GROWTH.iter().filter(|cell| options.wants_cell(cell.name)) {
        let cell = if options.quick { cell.quick() } else { *cell };
        // Two servers are measured side by side.
        let connections = affordable(cell.connections, descriptors / 2);
        let job = Job {
            name: cell.name,
            task: Task::Echo,
            tls: None,
            window: options.window(),
            open: &|target, protocol| {
                Ok(Box::new(load::Growth::open(target, protocol, connections)?))
            },
        };
        columns.push(job.column(&servers, options.rounds));
    }
    let title = format!(
        "Echo of {GROWTH_BYTES} B on more and more connections, {GROWTH_UNDER_WAY} messages under way on all together: ratio to raw-epoll (server CPU ns per message)"
    );
    print(options, &title, &servers, &columns)
}

/// So many connections, or as many as can be opened here.
fn affordable(wanted: usize, descriptors: u64) -> usize {
    let most = usize::try_from(descriptors.saturating_sub(SPARE)).unwrap_or(usize::MAX);
    if most < wanted {
        println!("\n**Only {most} connections instead of {wanted}:");
        println!("this system allows {descriptors} descriptors.**");
    }
    wanted.min(most)
}

fn handshakes(options: &Options) -> bool {
    let servers = options.servers(Table::Handshakes);
    let job = Job {
        name: "handshakes",
        task: Task::Echo,
        tls: None,
        window: options.window(),
        open: &|target, protocol| {
            Ok(Box::new(load::Handshakes { target: target.clone(), protocol }))
        },
    };
    let columns = [job.column(&servers, options.rounds)];
    print(
        options,
        "Handshakes: ratio to raw-epoll (server CPU ns per handshake)",
        &servers,
        &columns,
    )
}

fn fan_out(options: &Options) -> bool {
    let servers = options.servers(Table::Fanout);
    let mut columns = Vec::new();
    for cell in FANOUT.iter().filter(|cell| options.wants_cell(cell.name)) {
        let cell = if options.quick { cell.quick() } else { *cell };
        let job = Job {
            name: cell.name,
            task: Task::FanOut,
            tls: None,
            window: options.window(),
            open: &|target, protocol| Ok(Box::new(load::Room::open(target, protocol, &cell)?)),
        };
        columns.push(job.column(&servers, options.rounds));
    }
    let title = "Fan-out of 64 B: ratio to raw-epoll (server CPU ns per delivery)";
    print(options, title, &servers, &columns)
}

/// With those servers that compress.
fn compression(options: &Options, descriptors: u64) -> bool {
    let servers = options.servers(Table::Deflate);
    let columns = deflate::columns(options, &servers);
    let title = "Compressed echo: ratio to ours (server CPU ns per message)";
    let all_fast = print(options, title, &servers, &columns);
    let idle = affordable(DEFLATE_IDLE, descriptors);
    deflate::sizes(options, &servers, idle) && all_fast
}

/// In the clear, and under TLS with those servers that speak it.
fn idle(options: &Options, descriptors: u64) -> Result<bool> {
    let wanted = if options.quick { 20 } else { IDLE_CONNECTIONS };
    let connections = affordable(wanted, descriptors);
    let certificate = Certificate::new()?;
    let in_the_clear = options.servers(Table::Idle);
    let mut under_tls = options.servers(Table::Tls);
    under_tls.retain(|server| server.name != RAW);
    let bytes = format!("private bytes per connection, of {connections}");
    println!("\n## Idle memory: {bytes}\n");
    let mut all_good = idle_rows(options, &in_the_clear, connections, None);
    if !under_tls.is_empty() {
        println!("\n## Idle memory under TLS 1.3: {bytes}\n");
        all_good &= idle_rows(options, &under_tls, connections, Some(&certificate));
    }
    Ok(all_good)
}

fn idle_rows(
    options: &Options,
    servers: &[Server],
    connections: usize,
    tls: Option<&Certificate>,
) -> bool {
    let mut all_good = true;
    println!("| server | opened | after one message each |\n|---|---|---|");
    for server in servers {
        match idle::measure(server, connections, tls) {
            Ok(_) if options.quick => println!("| {} | ok | ok |", server.name),
            Ok(bytes) => println!("| {} | {:.0} | {:.0} |", server.name, bytes.opened, bytes.used),
            Err(error) => {
                println!("| {} | failed: {error} | |", server.name);
                all_good = false;
            }
        }
    }
    all_good
}

/// Prints a table, and tells whether no figure in it is a failure.
fn print(options: &Options, title: &str, servers: &[Server], columns: &[Column]) -> bool {
    if columns.is_empty() {
        return true;
    }
    println!("\n## {title}\n");
    let names = columns.iter().map(|column| format!(" {} |", column.name));
    println!("| server |{}", names.collect::<String>());
    println!("|---|{}", "---|".repeat(columns.len()));
    if !options.quick {
        let rates = columns.iter().map(|column| format!(" {} |", rate(&column.figures[0])));
        println!("| {}, per second |{}", servers[0].name, rates.collect::<String>());
    }
    let mut failures = Vec::new();
    for (place, server) in servers.iter().enumerate() {
        let mut row = format!("| {} |", server.name);
        for column in columns {
            let figure = &column.figures[place];
            row += &format!(" {} |", text(options, figure));
            if let Figure::Failed(why) = figure {
                failures.push(format!("{}, {}: {why}", server.name, column.name));
            }
        }
        println!("{row}");
    }
    if !failures.is_empty() {
        println!("\nFailed:\n\n- {}", failures.join("\n- "));
    }
    failures.is_empty()
}

fn rate(figure: &Figure) -> String {
    match figure {
        Figure::Measured { sample, .. } if sample.rate >= 1e6 => {
            format!("{:.2}M", sample.rate / 1e6)
        }
        Figure::Measured { sample, .. } => format!("{:.1}k", sample.rate / 1e3),
        Figure::Failed(_) => "?".to_owned(),
    }
}

fn text(options: &Options, figure: &Figure) -> String {
    let Figure::Measured { ratio, sample } = figure else { return "failed".to_owned() };
    if options.quick {
        return "ok".to_owned();
    }
    let idle = if sample.is_idle() { "~" } else { "" };
    let disturbed = if sample.is_disturbed() { "!" } else { "" };
    match sample.cost {
        Some(cost) => format!("{idle}{ratio:.2}{disturbed} ({cost:.0})"),
        None => format!("{ratio:.2}"),
    }
}
