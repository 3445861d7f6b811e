//! What is told in a turn: what is in the mailbox, and what it is time for.

use std::sync::mpsc::channel;
use std::time::Duration;

use ws_std::{ActorContext, Clock, Context, Hand, Reply, Threads};

use crate::puppet::{Agent, Connections, SECOND, Stage, Task, at, next, with};

/// On one shard, where no time passes.
fn stage() -> (Stage, Hand) {
    let (clock, hand) = Clock::manual();
    (Stage::with(|builder| builder.clock(clock).threads(Threads::Fixed(1))), hand)
}

/// There is always something that it is time for.
fn hurries(_: &mut Agent, ctx: &mut ActorContext<'_, Agent>) {
    ctx.after(Duration::ZERO, hurries).unwrap();
}

/// There is always something in the mailbox.
fn talks(ctx: &mut ActorContext<'_, Agent>) {
    assert!(ctx.me().address().tell(Box::new(talks)).is_ok());
}

/// ACTOR-02, ACTOR-08
#[test]
fn who_always_has_something_to_do_at_once_hears_others_all_the_same() {
    let (stage, _hand) = stage();
    let ((agent, told), (other, _told)) = (stage.agent(), stage.agent());
    let watched = other.clone();
    with(&agent, move |ctx| {
        ctx.me().trap_exits();
        ctx.me().link(&watched);
        ctx.me().monitor(&watched);
        (0..100).for_each(|_| hurries(&mut Agent::new().0, ctx));
    });
    with(&agent, |_| ());
    other.actor().kill();
    assert_eq!([next(&told), next(&told)], ["exit: killed", "down: killed"]);
    agent.actor().kill();
    assert_eq!(next(&told), "stopped: killed");
}

/// ACTOR-02, ACTOR-08
#[test]
fn a_connection_that_always_has_something_to_do_at_once_hears_its_client_and_others() {
    fn hurries(_: &Connections, (): &mut (), ctx: &mut Context<'_, Connections>) {
        ctx.after(Duration::ZERO, hurries).unwrap();
    }
    let (stage, _hand) = stage();
    let (mut peer, connection) = stage.client();
    at(&connection, |ctx| {
        for _ in 0..100 {
            ctx.after(Duration::ZERO, hurries).unwrap();
        }
    });
    at(&connection, |_| ());
    peer.echo("heard");
    connection.actor().kill();
    assert_eq!(next(&stage.told), "closed: killed");
}

/// ACTOR-02, ACTOR-08
#[test]
fn who_is_always_told_something_has_its_moments_all_the_same() {
    let (stage, _hand) = stage();
    let (agent, _told) = stage.agent();
    let (tell, tells) = channel();
    with(&agent, move |ctx| {
        (0..60).for_each(|_| talks(ctx));
        ctx.after(Duration::ZERO, move |_, _| tell.send(()).unwrap()).unwrap();
    });
    next(&tells);
    // Nor does whoever shares the thread wait.
    let (other, _told) = stage.agent();
    with(&other, |_| ());
}

/// ACTOR-08: what came in time is not late because its receiver is, nor because it hears others
/// before.
#[test]
fn an_answer_that_is_there_counts_though_its_time_is_over_when_it_is_heard() {
    for before in [0, 64] {
        let (stage, hand) = stage();
        let ((asker, _), (answerer, _), (idler, _)) = (stage.agent(), stage.agent(), stage.agent());
        let ((give, given), (tell, tells)) = (channel(), channel());
        with(&asker, move |ctx| {
            let question =
                |reply: Reply<u32>| -> Task { Box::new(move |_| give.send(reply).unwrap()) };
            let then = move |_: &mut Agent, _: &mut ActorContext<'_, Agent>, answer| {
                tell.send(answer).unwrap();
            };
            ctx.ask(&answerer, question, SECOND, then).unwrap();
        });
        let reply = next(&given);
        // Their thread looks at the clock, and then does nothing for long.
        let ((begin, begun), (release, held)) = (channel(), channel::<()>());
        with(&idler, move |ctx| {
            let idles = move |_: &mut Agent, _: &mut ActorContext<'_, Agent>| {
                begin.send(()).unwrap();
                held.recv().unwrap_err();
            };
            ctx.after(Duration::ZERO, idles).unwrap();
        });
        next(&begun);
        (0..before).for_each(|_| assert!(asker.tell(Box::new(|_| ())).is_ok()));
        reply.send(42);
        hand.advance(2 * SECOND);
        drop(release);
        assert_eq!(next(&tells), Ok(42));
    }
}
