use super::*;
use crate::actor::ended::Reason;

/// An actor whose shard never runs: what it receives is looked at by hand.
fn actor(id: u64) -> Arc<Cell> {
    let poll = mio::Poll::new().unwrap();
    let waker = Arc::new(crate::sync::Waker::new(poll.registry(), mio::Token(0)).unwrap());
    let (port, _commands) = Port::new(waker);
    Cell::new::<u32>(ActorId(id), Home::on_shard(port))
}

fn error() -> Reason {
    Reason::error(std::fmt::Error)
}

/// What is in the mailbox, and why it must end.
fn received(cell: &Cell) -> (Vec<String>, Option<String>) {
    let mut told = vec![];
    loop {
        match cell.take() {
            Taken::Event(Event::Info(info)) => {
                told.push(info.downcast::<u32>().unwrap().to_string())
            }
            Taken::Event(Event::Exit(exit)) => told.push(format!("exit: {}", exit.reason)),
            Taken::Event(Event::Down(down)) => told.push(format!("down: {}", down.reason)),
            Taken::Event(Event::Answer(..)) => told.push("answer".into()),
            Taken::Doomed(reason) => return (told, Some(reason.to_string())),
            Taken::Nothing => return (told, None),
        }
    }
}

/// ACTOR-08
#[test]
fn who_is_linked_ends_for_the_same_reason() {
    let [one, other] = [actor(1), actor(2)];
    link(&one, &other);
    one.end(&error());
    assert_eq!(received(&other), (vec![], Some(error().to_string())));
}

/// ACTOR-08
#[test]
fn an_end_without_a_particular_reason_ends_nobody_else() {
    let [one, other] = [actor(1), actor(2)];
    link(&one, &other);
    one.end(&Reason::Normal);
    assert_eq!(received(&other), (vec![], None));
    assert!(!other.is_gone());
}

/// ACTOR-08
#[test]
fn who_traps_exits_is_told_behind_what_it_was_told_before() {
    for reason in [error(), Reason::Normal, Reason::Killed] {
        let [one, other] = [actor(1), actor(2)];
        other.trap_exits(true);
        link(&one, &other);
        assert!(other.tell(7_u32).is_ok());
        one.end(&reason);
        assert!(other.tell(8_u32).is_ok());
        let told = ["7", &format!("exit: {reason}"), "8"].map(str::to_owned).to_vec();
        assert_eq!(received(&other), (told, None));
    }
}

/// ACTOR-08
#[test]
fn a_kill_is_obeyed_even_by_who_traps_exits() {
    let cell = actor(1);
    cell.trap_exits(true);
    assert!(cell.tell(7_u32).is_ok());
    cell.signal(Signal::Kill);
    assert_eq!(received(&cell), (vec![], Some(Reason::Killed.to_string())));
}

/// ACTOR-08
#[test]
fn nobody_is_asked_to_end_for_no_reason() {
    let cell = actor(1);
    cell.signal(Signal::Sent(Reason::Normal));
    assert_eq!(received(&cell), (vec![], None));
    cell.exit(Reason::Normal);
    assert_eq!(received(&cell), (vec![], Some(Reason::Normal.to_string())));
}

/// ACTOR-08
#[test]
fn a_link_that_was_undone_ends_nobody_and_tells_nothing() {
    let [one, other] = [actor(1), actor(2)];
    link(&one, &other);
    link(&other, &one);
    unlink(&other, &one);
    one.end(&error());
    assert_eq!(received(&other), (vec![], None));
}

/// ACTOR-08
#[test]
fn what_a_link_has_told_stays_until_it_is_taken_out() {
    let [one, two, other] = [actor(1), actor(2), actor(3)];
    other.trap_exits(true);
    link(&other, &one);
    link(&other, &two);
    one.end(&error());
    two.end(&Reason::Killed);
    unlink(&other, &one);
    forget_exit(&other, one.id);
    assert_eq!(received(&other), (vec![format!("exit: {}", Reason::Killed)], None));
}

/// ACTOR-08
#[test]
fn a_link_to_the_dead_is_an_exit() {
    let [dead, one, trapping] = [actor(1), actor(2), actor(3)];
    dead.end(&Reason::Normal);
    trapping.trap_exits(true);
    link(&one, &dead);
    link(&trapping, &dead);
    assert_eq!(received(&one), (vec![], Some(Reason::NoProc.to_string())));
    assert_eq!(received(&trapping), (vec![format!("exit: {}", Reason::NoProc)], None));
}

/// ACTOR-08
#[test]
fn each_monitor_tells_once() {
    let [one, other] = [actor(1), actor(2)];
    let ended = monitor(&other, &one);
    monitor(&other, &one);
    monitor(&other, &one);
    assert!(demonitor(&other, ended));
    one.end(&Reason::Killed);
    one.end(&Reason::Normal);
    let down = format!("down: {}", Reason::Killed);
    assert_eq!(received(&other), (vec![down.clone(), down], None));
    assert!(!demonitor(&other, ended));
    monitor(&other, &one);
    assert_eq!(received(&other), (vec![format!("down: {}", Reason::NoProc)], None));
}

/// ACTOR-08
#[test]
fn whoever_ends_watches_nobody() {
    let [one, other] = [actor(1), actor(2)];
    monitor(&other, &one);
    link(&other, &one);
    other.end(&Reason::Normal);
    let state = one.lock();
    assert!(state.watchers.is_empty() && state.links.is_empty());
}

/// ACTOR-02
#[test]
fn a_full_mailbox_is_an_error_and_takes_signals_all_the_same() {
    let [one, other] = [actor(1), actor(2)];
    monitor(&other, &one);
    for number in 0..MAILBOX as u32 {
        assert!(other.tell(number).is_ok());
    }
    assert!(matches!(other.tell(1_u32), Err(Refused::Full(1))));
    one.end(&Reason::Normal);
    let (told, doomed) = received(&other);
    assert_eq!((told.len(), doomed), (MAILBOX + 1, None));
    assert_eq!(told.last().unwrap(), "down: done");
    assert!(other.tell(2_u32).is_ok());
    other.close();
    assert!(matches!(other.tell(3_u32), Err(Refused::Gone(3))));
}

/// ACTOR-06
#[test]
fn links_and_ends_that_meet_leave_nothing_behind() {
    for _ in 0..200 {
        let cells = [actor(1), actor(2), actor(3)];
        std::thread::scope(|scope| {
            for at in 0..3 {
                let (mine, next) = (&cells[at], &cells[(at + 1) % 3]);
                scope.spawn(move || {
                    for _ in 0..20 {
                        link(mine, next);
                        unlink(next, mine);
                        link(next, mine);
                        monitor(mine, next);
                    }
                    mine.end(&Reason::Killed);
                });
            }
        });
        for cell in &cells {
            let state = cell.lock();
            assert!(state.links.is_empty() && state.watchers.is_empty());
            assert!(state.watches.is_empty() && state.queue.is_empty());
        }
    }
}

/// ACTOR-08
#[test]
fn an_answer_that_nobody_waits_for_is_not_kept() {
    let cell = actor(1);
    let answer = |question| cell.answer(question, Ok(Box::new(7_u32)));
    cell.asks(1);
    cell.asks(2);
    answer(1);
    assert!(cell.gives_up(2) && !cell.gives_up(1), "the answer to the first is there");
    for question in [1, 2, 3] {
        answer(question);
    }
    assert_eq!(received(&cell), (vec!["answer".into()], None));
}

/// ACTOR-08: however often somebody is asked to end, and for whatever reason.
#[test]
fn of_exits_that_somebody_asks_for_so_many_wait() {
    let cell = actor(1);
    cell.trap_exits(true);
    let ask = |reason: Reason| {
        (0..1000).for_each(|_| cell.signal(Signal::Sent(reason.clone())));
    };
    for _ in 0..2 {
        ask(Reason::Normal);
        ask(Reason::Shutdown);
        let (told, doomed) = received(&cell);
        assert!(doomed.is_none());
        let normal = told.iter().filter(|told| **told == format!("exit: {}", Reason::Normal));
        assert_eq!((told.len(), normal.count()), (WISHES, WISHES / 2));
    }
    // Those of links are not among them.
    ask(Reason::Shutdown);
    let other = actor(2);
    link(&cell, &other);
    other.end(&Reason::Killed);
    assert_eq!(received(&cell).0.last(), Some(&format!("exit: {}", Reason::Killed)));
}
