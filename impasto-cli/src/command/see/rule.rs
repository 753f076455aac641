//! How the backward signal passes ReLUs, as it is typed.

use clap::ValueEnum;
use impasto_net::ReluRule;

/// A ReLU rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Rule {
    /// The true derivative (Simonyan et al. 2013)
    Gradient,
    /// Only what is positive both ways (Springenberg et al. 2014)
    Guided,
    /// Only what is positive on the way back (Zeiler & Fergus 2013)
    Deconv,
}

impl Rule {
    /// Its name on the command line.
    pub fn name(rule: ReluRule) -> &'static str {
        match rule {
            ReluRule::Gradient => "gradient",
            ReluRule::Guided => "guided",
            ReluRule::Deconv => "deconv",
        }
    }
}

impl From<Rule> for ReluRule {
    fn from(rule: Rule) -> ReluRule {
        match rule {
            Rule::Gradient => ReluRule::Gradient,
            Rule::Guided => ReluRule::Guided,
            Rule::Deconv => ReluRule::Deconv,
        }
    }
}
