//! What the members of a room get that keep up: one piece for all who understand the same.

use ws_core::handshake::WindowBits;

use super::{Piece, Post};
use crate::actor::Encoded;
use crate::deflate::{self, WINDOWS};
use crate::desk::Desk;

/// Broadcasts in one piece: as they are, and compressed for each size of a window, once a member has
/// it.
pub(crate) struct Pieces<'p> {
    posts: &'p [Post],
    plain: Option<Piece>,
    deflated: Option<Box<[Option<Piece>; WINDOWS]>>,
}

impl<'p> Pieces<'p> {
    /// These broadcasts, that go to a room together.
    pub(crate) const fn of(posts: &'p [Post]) -> Self {
        Self { posts, plain: None, deflated: None }
    }

    /// Whether one of them may be compressed for those who understand that.
    pub(crate) fn may_be_deflated(&self) -> bool {
        self.posts.iter().any(|post| post.encoded.may_be_deflated())
    }

    /// The piece for a member with such a window, if it understands compression; none if they are not
    /// for every member.
    pub(crate) fn fitting(
        &mut self,
        window: Option<WindowBits>,
        desk: &mut Desk,
    ) -> Option<&Piece> {
        let posts = self.posts;
        if let [only] = posts
            && !only.is_plain()
        {
            return None;
        }
        let Some(window) = window.filter(|_| self.may_be_deflated()) else {
            let messages = || posts.iter().map(|post| &post.encoded).collect::<Vec<_>>();
            return get_or_try(&mut self.plain, || Piece::of(&messages()));
        };
        let pieces = self.deflated.get_or_insert_default();
        let piece = pieces.get_mut(deflate::index(window))?;
        get_or_try(piece, || Piece::of(&deflated(posts, window, desk)))
    }
}

fn deflated<'p>(posts: &'p [Post], window: WindowBits, desk: &mut Desk) -> Vec<&'p Encoded> {
    let mut messages = Vec::with_capacity(posts.len());
    for Post { encoded, .. } in posts {
        messages.push(encoded.deflated(window, desk).unwrap_or(encoded));
    }
    messages
}

fn get_or_try(slot: &mut Option<Piece>, make: impl FnOnce() -> Option<Piece>) -> Option<&Piece> {
    if slot.is_none() {
        *slot = make();
    }
    slot.as_ref()
}
