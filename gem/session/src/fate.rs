//! The fate of a commit whose answer was lost. Every commit bears a token of 128 random bits; the stone knows what became of it, also after a restart.
//!
//! Must not know: objects in memory.

use crate::host::SharedLink;
use proto::messages::{Fate, FateRequest};
use proto::service::{Stone, StoneError};
use std::time::{Duration, Instant};

/// A commit by its token, and the view that it was made at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    pub random: u128,
    pub view: u64,
}

/// What became of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Committed {
        seq: u64,
    },
    NeverHappened,
    /// It is too long ago for the stone to say.
    Forgotten,
}

/// Pause between questions to a stone that does not answer.
const PAUSE: Duration = Duration::from_millis(50);

impl Token {
    /// A token that nobody had before.
    ///
    /// # Errors
    /// `Unavailable` when the operating system gives no random bytes.
    pub fn new(view: u64) -> Result<Token, StoneError> {
        let mut bytes = [0; 16];
        let mut filled = 0;
        while filled < bytes.len() {
            let more = rustix::rand::getrandom(
                &mut bytes[filled..],
                rustix::rand::GetRandomFlags::empty(),
            );
            filled += more.map_err(|e| {
                StoneError::Unavailable(format!("the system gives no random bytes: {e}"))
            })?;
        }
        // 0 says that there is none.
        let random = u128::from_le_bytes(bytes).max(1);
        Ok(Token { random, view })
    }

    /// As it travels.
    pub fn bytes(self) -> Vec<u8> {
        self.random.to_le_bytes().to_vec()
    }

    /// As programs keep it.
    pub fn text(self) -> String {
        format!("{:032x}-{:x}", self.random, self.view)
    }

    /// The token of a text; `None` when it is none.
    pub fn parse(text: &str) -> Option<Token> {
        let (random, view) = text.split_once('-')?;
        let hex = |part: &str| part.bytes().all(|b| b.is_ascii_hexdigit());
        if random.len() != 32 || !hex(random) || !hex(view) {
            return None;
        }
        let random = u128::from_str_radix(random, 16).ok().filter(|r| *r != 0)?;
        let view = u64::from_str_radix(view, 16).ok()?;
        Some(Token { random, view })
    }
}

/// Asks once.
///
/// # Errors
/// What the stone says; `Poisoned` when only a restart of the stone can tell.
pub fn ask(stone: &dyn Stone, token: Token) -> Result<Outcome, StoneError> {
    let reply = stone.fate(FateRequest {
        token: token.bytes().into(),
        view: token.view,
    })?;
    match reply.fate() {
        Fate::Committed => Ok(Outcome::Committed { seq: reply.seq }),
        Fate::NeverHappened => Ok(Outcome::NeverHappened),
        Fate::Forgotten => Ok(Outcome::Forgotten),
        Fate::Unspecified => Err(StoneError::Unavailable(
            "the stone gave an answer that this gem does not know".into(),
        )),
    }
}

/// Asks until the stone answers, as long as the line is patient and nobody interrupts.
///
/// # Errors
/// The last `Unavailable` or `Poisoned` when patience ends or somebody interrupts, any other error at once.
pub fn resolve(
    link: &SharedLink,
    token: Token,
    interrupted: &dyn Fn() -> bool,
) -> Result<Outcome, StoneError> {
    let (stone, patience) = {
        let l = link.borrow();
        (l.stone.clone(), l.line.patience)
    };
    let until = Instant::now() + patience;
    loop {
        match ask(&*stone, token) {
            Err(e @ (StoneError::Unavailable(_) | StoneError::Poisoned(_))) => {
                let left = until.saturating_duration_since(Instant::now());
                if left.is_zero() || interrupted() {
                    return Err(e);
                }
                std::thread::sleep(PAUSE.min(left));
            }
            answer => return answer,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_read_back_and_nothing_else_is() {
        let token = Token {
            random: 0xABC,
            view: 300,
        };
        assert_eq!(token.text(), "00000000000000000000000000000abc-12c");
        assert_eq!(Token::parse(&token.text()), Some(token));
        for wrong in [
            "",
            "-",
            "abc-1",
            "00000000000000000000000000000000-1",
            "+0000000000000000000000000000abc-1",
        ] {
            assert_eq!(Token::parse(wrong), None, "{wrong:?}");
        }
        let (one, other) = (Token::new(1).unwrap(), Token::new(1).unwrap());
        assert!(one.random != other.random);
    }
}
