//! What is wrong with a policy's text, while it is read.

/// A message and the byte it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) message: String,
    pub(crate) at: u32,
}

impl Fault {
    pub(crate) fn new(message: impl Into<String>, at: u32) -> Self {
        Self { message: message.into(), at }
    }
}
