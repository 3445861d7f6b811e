//! JSON of numbers and flags, written without `core::fmt`, whose panics would be in the image.

/// An object that is being written.
pub(crate) struct Object<'t> {
    text: &'t mut [u8],
    len: usize,
    /// What stands before the next name.
    before: u8,
}

impl<'t> Object<'t> {
    /// Written into `text`; what does not fit is cut off, so the longest object must fit.
    pub(crate) fn new(text: &'t mut [u8]) -> Self {
        Self { text, len: 0, before: b'{' }
    }

    pub(crate) fn number(mut self, name: &str, number: u64) -> Self {
        self.name(name);
        let mut digits = [0; 20];
        let text = decimal(number, &mut digits);
        self.put(text);
        self
    }

    /// A member that is left out if nobody knows the number.
    pub(crate) fn known(self, name: &str, number: Option<u64>) -> Self {
        match number {
            Some(number) => self.number(name, number),
            None => self,
        }
    }

    pub(crate) fn flag(mut self, name: &str, flag: bool) -> Self {
        self.name(name);
        self.put(if flag { b"true" } else { b"false" });
        self
    }

    /// A text without anything that JSON wants escaped.
    pub(crate) fn word(mut self, name: &str, word: &str) -> Self {
        self.name(name);
        self.put(b"\"");
        self.put(word.as_bytes());
        self.put(b"\"");
        self
    }

    /// The object, closed.
    pub(crate) fn end(mut self) -> &'t [u8] {
        self.put(b"}");
        self.text.get(..self.len).unwrap_or_default()
    }

    fn name(&mut self, name: &str) {
        let before = core::mem::replace(&mut self.before, b',');
        self.put(&[before, b'"']);
        self.put(name.as_bytes());
        self.put(b"\":");
    }

    fn put(&mut self, bytes: &[u8]) {
        let room = self.text.get_mut(self.len..).unwrap_or_default();
        for (to, from) in room.iter_mut().zip(bytes) {
            *to = *from;
        }
        self.len = self.len.saturating_add(bytes.len()).min(self.text.len());
    }
}

fn decimal(mut number: u64, space: &mut [u8; 20]) -> &[u8] {
    let mut unused = space.len();
    for digit in space.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        unused = unused.wrapping_sub(1);
        number /= 10;
        if number == 0 {
            break;
        }
    }
    space.get(unused..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_has_commas_between_its_members() {
        let mut text = [0; 99];
        let object = Object::new(&mut text).known("x", None).known("a", Some(0));
        let object = object.flag("b", true).word("c", "d e");
        assert_eq!(object.end(), br#"{"a":0,"b":true,"c":"d e"}"#);
    }

    #[test]
    fn the_largest_number_is_written_whole() {
        let mut text = [0; 99];
        let object = Object::new(&mut text).number("n", u64::MAX).end();
        assert_eq!(object, br#"{"n":18446744073709551615}"#);
    }

    #[test]
    fn what_does_not_fit_is_cut_off() {
        let mut text = [0; 5];
        assert_eq!(Object::new(&mut text).number("n", 12).end(), br#"{"n":"#);
    }
}
