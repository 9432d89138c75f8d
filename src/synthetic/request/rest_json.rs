//! The services whose operations are paths, with JSON inside.

use hyper::Method;

use super::{Head, Service};
use crate::synthetic::params::{Params, percent_decoded};

/// Service, operation and input; names within the path become input.
pub fn read(head: &Head<'_>, body: &[u8], signed_for: &str) -> Option<(Service, String, Params)> {
    let decoded: Vec<String> =
        head.path.split('/').skip(1).map(percent_decoded).collect::<Vec<_>>();
    let path: Vec<&str> = decoded.iter().map(String::as_str).collect();
    let (service, operation, names) = match signed_for {
        "guardduty" => guardduty(head.method, &path)?,
        "access-analyzer" => match (head.method, path.as_slice()) {
            (&Method::GET, ["analyzer"]) => (Service::AccessAnalyzer, "ListAnalyzers", vec![]),
            (&Method::POST, ["findingv2"]) => (Service::AccessAnalyzer, "ListFindingsV2", vec![]),
            _ => return None,
        },
        _ => match (head.method, path.as_slice()) {
            (&Method::POST, ["getAlternateContact"]) => {
                (Service::Account, "GetAlternateContact", vec![])
            }
            _ => return None,
        },
    };
    let mut params = match *head.method {
        Method::POST => Params::from_json(body)?,
        _ => Params::from_form(head.query),
    };
    for (name, value) in names {
        params.set(name, value);
    }
    Some((service, operation.to_owned(), params))
}

type Route<'a> = (Service, &'static str, Vec<(&'static str, &'a str)>);

fn guardduty<'a>(method: &Method, path: &[&'a str]) -> Option<Route<'a>> {
    let (operation, names) = match (method, path) {
        (&Method::GET, ["detector"]) => ("ListDetectors", vec![]),
        (&Method::GET, ["detector", id]) => ("GetDetector", vec![("detectorId", *id)]),
        (&Method::POST, ["detector", id, "findings"]) => {
            ("ListFindings", vec![("detectorId", *id)])
        }
        (&Method::POST, ["detector", id, "findings", "get"]) => {
            ("GetFindings", vec![("detectorId", *id)])
        }
        (&Method::GET, ["detector", id, "filter"]) => ("ListFilters", vec![("detectorId", *id)]),
        (&Method::GET, ["detector", id, "filter", name]) => {
            ("GetFilter", vec![("detectorId", *id), ("filterName", *name)])
        }
        (&Method::GET, ["detector", id, "administrator"]) => {
            ("GetAdministratorAccount", vec![("detectorId", *id)])
        }
        (&Method::GET, ["detector", id, "admin"]) => {
            ("DescribeOrganizationConfiguration", vec![("detectorId", *id)])
        }
        _ => return None,
    };
    Some((Service::GuardDuty, operation, names))
}
