//! How actors end, and who is told.

use ws_std::{Clock, CloseCode, Drain, Limits, NameError, Reason, Threads};

use crate::puppet::{Agent, Peer, Stage, at, next, until, with};

/// ACTOR-06
#[test]
fn who_is_linked_to_a_connection_is_told_how_it_ended() {
    let stage = Stage::on(2);
    let (agent, told) = stage.agent();
    let (mut peer, connection) = stage.client();
    with(&agent, move |ctx| {
        ctx.me().trap_exits();
        ctx.me().link(&connection);
    });
    peer.close(CloseCode::GOING_AWAY, "");
    assert_eq!(next(&told), "exit: the peer closed with 1001");
    assert!(!agent.is_gone());
}

/// ACTOR-06
#[test]
fn a_client_that_vanishes_takes_its_session_with_it() {
    let stage = Stage::on(1);
    let (peer, connection) = stage.client();
    let (session, told) = Agent::new();
    let session = at(&connection, move |ctx| ctx.me().spawn_link(session).unwrap());
    drop(peer);
    assert_eq!(next(&told), "stopped: the peer closed with 1006");
    until(|| session.is_gone());
}

/// ACTOR-01, ACTOR-05, ACTOR-06
#[test]
fn a_panic_ends_those_who_are_linked_and_nobody_else() {
    let stage = Stage::on(2);
    let ((mut one, first), (mut other, second)) = (stage.client(), stage.client());
    let (mut third, _) = stage.client();
    at(&first, move |ctx| ctx.me().link(&second));
    one.text("panic");
    one.expect_close(CloseCode::INTERNAL_ERROR);
    other.expect_close(CloseCode::INTERNAL_ERROR);
    third.echo("still here");
    let ends: Vec<String> = (0..2).map(|_| next(&stage.told)).collect();
    assert!(ends.iter().all(|end| end.contains("as the client wished")), "{ends:?}");
}

/// ACTOR-08
#[test]
fn a_kill_closes_a_connection_whatever_it_traps() {
    let stage = Stage::on(1);
    let (mut peer, connection) = stage.client();
    at(&connection, |ctx| ctx.me().trap_exits());
    connection.actor().exit(Reason::Shutdown);
    assert_eq!(next(&stage.told), "exit: shut down");
    peer.echo("still here");
    connection.actor().kill();
    assert_eq!(peer.expect_close(CloseCode::INTERNAL_ERROR), "");
    assert_eq!(next(&stage.told), "closed: killed");
    assert!(connection.tell(Box::new(|_| ())).is_err());
}

/// ACTOR-08
#[test]
fn an_exit_closes_with_the_code_of_its_reason() {
    let stage = Stage::on(1);
    let (mut peer, connection) = stage.client();
    connection.actor().exit(Reason::Shutdown);
    peer.expect_close(CloseCode::GOING_AWAY);
    let (mut peer, connection) = stage.client();
    at(&connection, |ctx| ctx.me().exit(Reason::Normal));
    peer.expect_close(CloseCode::NORMAL);
}

/// ACTOR-08
#[test]
fn a_kill_reaches_a_connection_whose_work_blocks() {
    // No timer wakes it.
    let (clock, _hand) = Clock::manual();
    let stage = Stage::with(|builder| builder.clock(clock).threads(Threads::Fixed(1)));
    let (mut peer, connection) = stage.client();
    let (release, held) = std::sync::mpsc::channel::<()>();
    at(&connection, move |ctx| {
        ctx.blocking(move || held.recv().unwrap_err(), |_, (), _, _| unreachable!()).unwrap();
    });
    for _ in 0..64 {
        connection.tell(Box::new(|_| ())).unwrap();
    }
    assert_eq!(
        connection.tell(Box::new(|_| ())).unwrap_err().to_string(),
        "the actor's mailbox is full"
    );
    connection.actor().kill();
    peer.expect_close(CloseCode::INTERNAL_ERROR);
    let told: Vec<String> = (0..65).map(|_| next(&stage.told)).collect();
    assert!(told.iter().take(64).all(|what| what == "undelivered"), "{told:?}");
    assert_eq!(told.last().unwrap(), "closed: killed");
    drop(release);
}

/// ACTOR-08, ROOM-05: over and over, since it is a race if it is one.
#[test]
fn whoever_hears_of_an_end_finds_it_in_no_room_and_its_name_free() {
    let stage = Stage::on(2);
    let (agent, told) = stage.agent();
    let (rooms, actors) = (stage.server.rooms().clone(), stage.server.actors().clone());
    for round in 0..100 {
        let (peer, connection) = stage.client();
        at(&connection, |ctx| {
            ctx.join("room").unwrap();
            ctx.me().register("guest").unwrap();
        });
        assert!(actors.find_any("guest").is_some());
        let watched = connection.clone();
        with(&agent, move |ctx| {
            ctx.me().monitor(&watched);
        });
        match round % 3 {
            0 => peer.leave(),
            1 => connection.actor().kill(),
            _ => {
                let mut peer = peer;
                at(&connection, |ctx| ctx.close(CloseCode::NORMAL, ""));
                peer.close(CloseCode::NORMAL, "");
            }
        }
        assert!(next(&told).starts_with("down: "));
        assert_eq!((rooms.members("room"), actors.find_any("guest")), (0, None));
    }
}

/// ACTOR-08
#[test]
fn a_name_is_one_actors_at_a_time() {
    let stage = Stage::on(1);
    let ((one, _), (other, told)) = (stage.agent(), stage.agent());
    assert!(with(&one, |ctx| ctx.me().register("hub")).is_ok());
    assert!(with(&one, |ctx| ctx.me().register("hub")).is_ok());
    let taken = with(&other, |ctx| ctx.me().register("hub"));
    assert_eq!(taken, Err(NameError::Taken));
    let actors = stage.server.actors();
    assert_eq!(actors.find("hub"), Some(one.clone()));
    assert_eq!(actors.find::<u8>("hub"), None, "it is told other things");
    let watched = one.clone();
    with(&other, move |ctx| {
        ctx.me().monitor(&watched);
    });
    with(&one, |ctx| ctx.stop());
    assert_eq!(next(&told), "down: done");
    assert!(with(&other, |ctx| ctx.me().register("hub")).is_ok());
}

/// ACTOR-08, SEC-02: who registers again and again does not fill the memory.
#[test]
fn an_actor_has_so_many_names_of_so_many_bytes_and_is_told_if_one_is_too_many() {
    let limits = Limits { actor_names: 2, actor_name: 5, ..Limits::default() };
    let stage = Stage::with(|builder| builder.threads(Threads::Fixed(1)).limits(limits));
    let ((agent, told), (other, _)) = (stage.agent(), stage.agent());
    let (peer, connection) = stage.client();
    let actors = stage.server.actors();
    let named = |name| actors.find_any(name).map(|actor| actor.id());
    let agents = ["", "sixsix", "fives", "two", "three", "two"];
    let came = with(&agent, move |ctx| agents.map(|name| ctx.me().register(name)));
    let (bad, many) = (Err(NameError::BadName), Err(NameError::TooManyNames));
    assert_eq!(came, [bad, bad, Ok(()), Ok(()), many, Ok(())]);
    // So it is with a connection. Another's name is another's, however many it has.
    let its = ["", "sixsix", "a", "fünf", "b", "two"];
    let came = at(&connection, move |ctx| its.map(|name| ctx.me().register(name)));
    assert_eq!(came, [bad, bad, Ok(()), Ok(()), many, Err(NameError::Taken)]);
    assert_eq!([named("sixsix"), named("three"), named("b")], [None; 3]);
    assert_eq!(named("fives"), Some(agent.actor().id()));
    assert_eq!(named("fünf"), Some(connection.actor().id()));
    // All of them are free when it ends.
    with(&agent, |ctx| ctx.stop());
    assert_eq!(next(&told), "stopped: done");
    peer.leave();
    until(|| stage.told.try_iter().any(|told| told.starts_with("closed")));
    until(|| with(&other, |ctx| ctx.me().register("fünf")).is_ok());
    until(|| with(&other, |ctx| ctx.me().register("two")).is_ok());
}

/// ACTOR-08, OPS-01
#[test]
fn actors_outlive_the_connections_that_drain() {
    let stage = Stage::on(2);
    let (agent, told) = stage.agent();
    let (peer, connection) = stage.client();
    with(&agent, move |ctx| {
        ctx.me().trap_exits();
        ctx.me().link(&connection);
    });
    let reader = std::thread::spawn(move || {
        let mut peer: Peer = peer;
        peer.expect_close(CloseCode::RESTART);
        peer.close(CloseCode::RESTART, "");
    });
    assert_eq!(stage.server.drain(Drain::quick()).closed, 1);
    reader.join().unwrap();
    assert_eq!(next(&told), "exit: the server drains");
    assert_eq!(next(&told), "stopped: shut down");
    assert!(agent.is_gone());
}
