//! The token that clients beyond the own machine must know.

use axum::http::header::{AUTHORIZATION, COOKIE};
use axum::http::{HeaderMap, HeaderValue};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// The cookie's name.
const NAME: &str = "impasto-token";

/// A token, as its digest; comparing takes as long for any text.
#[derive(Debug)]
pub struct Token([u8; 32]);

impl Token {
    /// The token of a text.
    pub fn new(text: &str) -> Token {
        Token(Sha256::digest(text).into())
    }

    /// Whether a text is the token.
    fn is(&self, text: &str) -> bool {
        Token::new(text).0.ct_eq(&self.0).into()
    }

    /// Whether the query `token=…` is the token; nothing if there is none.
    pub fn in_query(&self, query: &str) -> Option<bool> {
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        pairs.find(|(name, _)| name == "token").map(|(_, given)| self.is(&given))
    }

    /// Whether a request carries it, as bearer or as the cookie.
    pub fn in_headers(&self, headers: &HeaderMap) -> bool {
        let texts = |name| headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
        let bearer =
            texts(AUTHORIZATION).filter_map(|value| value.strip_prefix("Bearer ")).any(|text| self.is(text));
        let pairs = texts(COOKIE).flat_map(|value| value.split(';'));
        let mut values = pairs.filter_map(|pair| pair.trim().strip_prefix(NAME)?.strip_prefix('='));
        bearer || values.any(|value| value.as_bytes().ct_eq(self.session().as_bytes()).into())
    }

    /// What the cookie holds: enough to be let in, but not the token, which a cookie of this machine's other ports could tell.
    fn session(&self) -> String {
        let digest = Sha256::new().chain_update(b"impasto studio session").chain_update(self.0).finalize();
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The cookie, for pages of the studio alone.
    pub fn cookie(&self) -> HeaderValue {
        let cookie =
            format!("{NAME}={}; Path=/; HttpOnly; SameSite=Strict; Max-Age=31536000", self.session());
        HeaderValue::from_str(&cookie).unwrap_or_else(|_| HeaderValue::from_static(""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_opens_and_nothing_else() {
        let token = Token::new("let me in");
        assert_eq!(token.in_query("a=b&token=let%20me+in"), Some(true));
        assert_eq!(token.in_query("token="), Some(false));
        assert_eq!(token.in_query("tok=1"), None);
        let with = |name: &'static str, value: &str| {
            HeaderMap::from_iter([(name.parse().expect("a name"), value.parse().expect("a value"))])
        };
        assert!(token.in_headers(&with("authorization", "Bearer let me in")));
        assert!(!token.in_headers(&with("authorization", "Bearer let me")));
        assert!(!token.in_headers(&with("authorization", "let me in")));
        let cookie = token.cookie().to_str().expect("a text").to_owned();
        let cookie = cookie.split(';').next().expect("a pair").to_owned();
        assert!(!cookie.contains("let me in"));
        assert!(token.in_headers(&with("cookie", &format!("other=1; {cookie}"))));
        assert!(!token.in_headers(&with("cookie", &format!("other=1; {cookie}0"))));
        assert!(!token.in_headers(&HeaderMap::new()));
    }
}
