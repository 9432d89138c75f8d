//! What a service needs to answer: the world, the request, who asks, and how lists are cut.

use std::sync::Arc;

use jiff::Timestamp;

use super::faults::Faults;
use super::mix::mix;
pub use super::page::Page;
use super::page::{self, Paging};
use super::refusal::Refusal;
use super::reply::{self, Answer};
use super::request::{Request, Service};
use super::session::Caller;
use super::world::{Account, Organization, Region, World};
use super::xml::Xml;

/// One request in its surroundings.
#[derive(Debug)]
pub struct Context<'a> {
    /// The world.
    pub world: &'a World,
    /// What goes wrong.
    pub faults: &'a Faults,
    /// The request.
    pub request: &'a Request,
    /// Who signs it.
    pub caller: &'a Caller,
    /// The organization of the caller.
    pub organization: &'a Organization,
    /// The account of the caller.
    pub account: Arc<Account>,
    /// The time of the request, by the real clock: sessions begin and end by it.
    pub clock: Timestamp,
    /// How many calls of this operation came before in this account and region.
    pub earlier: u64,
    /// The id of this request.
    pub request_id: &'a str,
    /// How lists are cut.
    pub paging: Paging,
}

/// How a list operation names its page size, and how far it goes.
#[derive(Debug, Clone, Copy)]
pub struct Sizes {
    /// The input field with the page size; empty where the operation has none.
    pub field: &'static str,
    /// The size where none is asked for.
    pub default: usize,
    /// The largest size.
    pub most: usize,
    /// The input field with the token.
    pub token: &'static str,
}

impl Context<'_> {
    /// The partition of the caller.
    pub fn partition(&self) -> &str {
        &self.organization.partition
    }

    /// An input value.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.request.params.get(key).filter(|value| !value.is_empty())
    }

    /// An input value that must be there.
    pub fn required(&self, key: &str) -> Result<&str, Refusal> {
        self.get(key)
            .ok_or_else(|| Refusal::invalid(self.request.service, format!("`{key}` is required")))
    }

    /// The region that the request is signed for, as the account has it.
    pub fn region(&self) -> Result<Arc<Region>, Refusal> {
        self.world
            .region(&self.account, &self.request.region)
            .ok_or_else(|| Refusal::unknown_credentials(self.request.service))
    }

    /// One page of a list, by the page size and token of the request.
    pub fn page<'i, T>(&self, items: &'i [T], sizes: Sizes) -> Result<Page<'i, T>, Refusal> {
        let request = self.request;
        let size = match (sizes.field, self.get(sizes.field)) {
            ("", _) | (_, None) => sizes.default,
            (field, Some(text)) => match text.parse() {
                Ok(number) if number > 0 => sizes.most.min(number),
                _ => {
                    let message = format!("`{field}` is not a page size");
                    return Err(Refusal::invalid(request.service, message));
                }
            },
        };
        let filter = request.params.list("Filter").join(",");
        let parts = [
            &self.caller.account,
            &request.region,
            request.service.name(),
            &request.operation,
            &filter,
        ];
        let salt = mix(self.faults.seed, &parts);
        page::cut(items, size, self.get(sizes.token), salt, self.paging)
            .map_err(|page::BadToken| Refusal::bad_token(request.service))
    }

    /// The document of a query operation.
    pub fn query(&self, fill: impl FnOnce(&mut Xml)) -> Answer {
        let Request { service, operation, .. } = self.request;
        Answer::Xml(reply::query_document(*service, operation, self.request_id, fill))
    }

    /// The document of an EC2 operation.
    pub fn ec2(&self, fill: impl FnOnce(&mut Xml)) -> Answer {
        Answer::Xml(reply::ec2_document(&self.request.operation, self.request_id, fill))
    }

    /// A document of a REST service.
    pub fn rest(&self, root: &str, fill: impl FnOnce(&mut Xml)) -> Answer {
        Answer::Xml(Xml::document(root, reply::namespace(self.request.service), fill))
    }

    /// The error for an operation that no service here knows.
    pub fn unknown_operation(&self) -> Refusal {
        match self.request.service {
            Service::Organizations
            | Service::CloudTrail
            | Service::Kms
            | Service::Logs
            | Service::CloudWatch
            | Service::Config
            | Service::Events => {
                Refusal::new(400, "UnknownOperationException", "unknown operation")
            }
            _ => Refusal::unknown_operation(),
        }
    }
}
