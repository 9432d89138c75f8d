//! Replay: a witness is put to the concrete evaluator, statement by statement. No answer says that
//! somebody gets in unless the evaluator agrees.

use super::super::document::{Effect, Statement};
use super::super::evaluate::{applies, grants_to};
use super::super::principal::{Caller, PrincipalPattern};
use super::super::request::{Context, ContextValue, Request};
use super::super::truth::Truth;
use super::witness::Witness;

impl Witness {
    /// The witness as a request to a resource of this account.
    pub fn request(&self, resource_account: &str) -> Request {
        let mut context = Context::default();
        for (key, values) in &self.context {
            let value = match values.as_slice() {
                [only] if !self.lists.contains(key) => ContextValue::One(only.as_str().into()),
                many => ContextValue::Many(many.iter().map(|v| v.as_str().into()).collect()),
            };
            context.insert(key, value);
        }
        let account = Some(resource_account).filter(|id| !id.is_empty());
        Request::new(self.caller(), &self.action, &self.resource, account, context)
    }

    /// The principal as the evaluator knows it.
    pub fn caller(&self) -> Caller {
        if self.is_provider {
            return Caller::Federated(self.principal.as_str().into());
        }
        Caller::parse(&self.principal).unwrap_or(Caller::Anonymous)
    }
}

/// Whether these statements allow the request of a witness: some statement allows it and none denies
/// it. Statements without principals are about everybody.
pub fn replay(witness: &Witness, statements: &[&Statement], resource_account: &str) -> Truth {
    let request = witness.request(resource_account);
    if request.refused().is_some() {
        return Truth::False;
    }
    let verdict = |statement: &Statement| {
        applies(statement, &request).and(about(statement, witness, request.caller()))
    };
    let of = |effect: Effect| statements.iter().filter(move |s| s.effect == effect);
    let allowed = Truth::any(of(Effect::Allow).map(|s| verdict(s)));
    let denied = Truth::any(of(Effect::Deny).map(|s| verdict(s)));
    allowed.and(!denied)
}

/// Whether a statement is about the principal of a witness. A canonical id of S3 is a principal that
/// the evaluator has no word for.
fn about(statement: &Statement, witness: &Witness, caller: &Caller) -> Truth {
    let Some(element) = &statement.principal else { return Truth::True };
    if !witness.is_canonical {
        return grants_to(statement, caller, Truth::False).any();
    }
    let named = element.patterns.iter().any(|pattern| match pattern {
        PrincipalPattern::Everyone => true,
        PrincipalPattern::CanonicalUser(id) => **id == *witness.principal,
        _ => false,
    });
    Truth::from(named == (element.polarity == super::super::document::Polarity::Only))
}
