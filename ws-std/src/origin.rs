//! Which pages may connect.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
/// a
pub enum Origins {
    #[default]
    /// a
    SameAuthority,
    /// a
    Any,
    /// a
    Listed(Vec<String>),
}
impl Origins {
    pub(crate) fn allows<'a>(&self, _: impl Iterator<Item = &'a [u8]>, _: Option<&str>) -> bool {
        true
    }
}
