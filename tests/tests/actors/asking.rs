//! Messages, questions and moments.

use std::sync::mpsc::channel;

use ws_std::{AskError, Clock, Place, Reply, TellError, Threads};

use crate::puppet::{Agent, GUARD, SECOND, Stage, Task, at, next, with};

/// ACTOR-02
#[test]
fn what_a_thread_tells_a_connection_arrives_in_order_between_its_frames() {
    let stage = Stage::on(1);
    let (mut peer, connection) = stage.client();
    let mut told = 0;
    while told < 1000 {
        let job: crate::puppet::Job = Box::new(move |ctx| {
            ctx.send(&told.to_string());
        });
        match connection.tell(job) {
            Ok(()) => told += 1,
            // It comes to it when it can.
            Err(TellError::Full(_)) => std::thread::yield_now(),
            Err(error @ TellError::Gone(_)) => panic!("{error}"),
        }
    }
    for number in 0..1000 {
        peer.expect_text(&number.to_string());
    }
    peer.echo("and its client is heard");
}

/// ACTOR-08
#[test]
fn a_handler_asks_and_goes_on_and_is_answered() {
    let stage = Stage::on(2);
    let (agent, _told) = stage.agent();
    let (mut peer, connection) = stage.client();
    let other = agent.clone();
    at(&connection, move |ctx| {
        let question = |reply: Reply<u32>| -> Task { Box::new(|_| reply.send(42)) };
        let asked = ctx.ask(&other, question, GUARD, |_, (), ctx, answer| {
            ctx.send(&format!("{answer:?}"));
        });
        assert_eq!(asked, Ok(()));
        ctx.send("asked");
    });
    peer.expect_text("asked");
    peer.expect_text("Ok(42)");
    let other = agent.clone();
    at(&connection, move |ctx| {
        let question = |reply: Reply<u32>| -> Task { Box::new(|_| drop(reply)) };
        let then = |_: &_, (): &mut (), ctx: &mut ws_std::Context<'_, _>, answer| {
            ctx.send(&format!("{answer:?}"));
        };
        ctx.ask(&other, question, GUARD, then).unwrap();
    });
    peer.expect_text("Err(NoReply)");
}

/// ACTOR-08
#[test]
fn the_dead_answer_at_once() {
    let stage = Stage::on(1);
    let ((agent, told), (other, _other)) = (stage.agent(), stage.agent());
    // Once it has begun.
    with(&agent, |_| ());
    agent.actor().kill();
    assert_eq!(next(&told), "stopped: killed");
    let question = |reply: Reply<u32>| -> Task { Box::new(|_| reply.send(42)) };
    assert_eq!(agent.ask(question, GUARD), Err(AskError::Gone));
    let asked = with(&other, move |ctx| ctx.ask(&agent, question, GUARD, |_, _, _| ()));
    assert_eq!(asked, Err(AskError::Gone));
}

/// ACTOR-08
#[test]
fn who_ends_with_a_question_unanswered_has_answered_it() {
    let stage = Stage::on(1);
    let (agent, _told) = stage.agent();
    let question = |reply: Reply<u32>| -> Task {
        Box::new(|ctx| {
            ctx.stop();
            ctx.after(GUARD, move |_, _| drop(reply)).unwrap();
        })
    };
    assert_eq!(agent.ask(question, GUARD), Err(AskError::NoReply));
}

/// ACTOR-08: an answer that comes too late is no answer.
#[test]
fn an_answer_is_waited_for_as_long_as_was_said() {
    let (clock, hand) = Clock::manual();
    let stage = Stage::with(|builder| builder.clock(clock).threads(Threads::Fixed(1)));
    let (agent, _told) = stage.agent();
    let (mut peer, connection) = stage.client();
    let (give, given) = channel();
    let other = agent.clone();
    at(&connection, move |ctx| {
        let question = |reply: Reply<u32>| -> Task { Box::new(move |_| give.send(reply).unwrap()) };
        let asked = ctx.ask(&other, question, SECOND, |_, (), ctx, answer| {
            ctx.send(&format!("{answer:?}"));
        });
        assert_eq!(asked, Ok(()));
    });
    let reply = next(&given);
    hand.advance(SECOND);
    peer.expect_text("Err(TimedOut)");
    reply.send(1);
    peer.echo("nothing else was said");
}

/// ACTOR-08
#[test]
fn things_are_done_later_or_not_after_all() {
    let (clock, hand) = Clock::manual();
    let stage = Stage::with(|builder| builder.clock(clock).threads(Threads::Fixed(1)));
    let (mut peer, connection) = stage.client();
    let (agent, _told) = stage.agent();
    let (tell, told) = channel();
    at(&connection, |ctx| {
        for (number, delay) in [(2, 2 * SECOND), (1, SECOND), (3, 3 * SECOND)] {
            let later = ctx.after(delay, move |_, (), ctx| {
                ctx.send(&number.to_string());
            });
            if number == 2 {
                assert!(ctx.cancel(later.unwrap()));
                assert!(!ctx.cancel(later.unwrap()));
            }
        }
    });
    with(&agent, move |ctx| {
        ctx.after(2 * SECOND, move |_, ctx| {
            tell.send("later").unwrap();
            ctx.after(SECOND, move |_, _| tell.send("later still").unwrap()).unwrap();
            ctx.after(SECOND, |_, ctx| ctx.stop()).unwrap();
        })
        .unwrap();
    });
    hand.advance(SECOND);
    peer.expect_text("1");
    hand.advance(SECOND);
    // What it does after the first moment counts from there.
    assert_eq!(next(&told), "later");
    with(&agent, |_| ());
    assert!(!agent.is_gone());
    hand.advance(SECOND);
    peer.expect_text("3");
    assert_eq!(next(&told), "later still");
}

/// ACTOR-07, ACTOR-08
#[test]
fn who_blocks_has_a_thread_and_others_must_not_wait() {
    let stage = Stage::on(1);
    let (mut blocks, _told) = Agent::new();
    blocks.place = Place::Thread;
    let blocks = stage.server.actors().spawn(blocks).unwrap();
    let (agent, _other) = stage.agent();
    let question = |reply: Reply<u32>| -> Task { Box::new(|_| reply.send(42)) };
    let other = agent.clone();
    assert_eq!(with(&blocks, move |_| other.ask(question, GUARD)), Ok(42));
    assert_eq!(with(&agent, move |_| blocks.ask(question, GUARD)), Err(AskError::WouldBlock));
}

/// ACTOR-08: too many questions are an error, not a heap.
#[test]
fn what_an_actor_waits_for_is_bounded() {
    let stage = Stage::on(1);
    let (agent, _told) = stage.agent();
    let failed = with(&agent, |ctx| {
        let mut later = (0..2000).map(|_| ctx.after(GUARD, |_, _| ()).map(|_| ()));
        (later.by_ref().take_while(Result::is_ok).count(), later.next())
    });
    assert_eq!(failed, (1024, Some(Err(AskError::TooMany))));
}
