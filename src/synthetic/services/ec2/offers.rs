//! Endpoint services that an account offers.

use crate::synthetic::context::Context;
use crate::synthetic::refusal::Refusal;
use crate::synthetic::reply::Answer;
use crate::synthetic::world::Region;

use super::{SIZES, set, tag_set};

pub fn services(context: &Context<'_>, region: &Region) -> Result<Answer, Refusal> {
    let page = context.page(&region.endpoint_services, SIZES)?;
    Ok(set(context, "serviceConfigurationSet", page, |xml, one| {
        xml.list("serviceType", "item", [()], |xml, ()| xml.leaf("serviceType", "Interface"));
        xml.leaf("serviceId", &one.id);
        xml.leaf("serviceName", format!("com.amazonaws.vpce.{}.{}", region.name, one.id));
        xml.leaf("serviceState", "Available");
        xml.leaf("acceptanceRequired", one.acceptance);
        tag_set(xml, &one.tags);
    }))
}

pub fn permissions(context: &Context<'_>, region: &Region) -> Result<Answer, Refusal> {
    let id = context.required("ServiceId")?;
    let service = region.endpoint_services.iter().find(|one| one.id == id).ok_or_else(|| {
        let message = format!("The VpcEndpointService Id '{id}' does not exist");
        Refusal::new(400, "InvalidVpcEndpointServiceId.NotFound", message)
    })?;
    let page = context.page(&service.principals, SIZES)?;
    Ok(set(context, "allowedPrincipals", page, |xml, principal| {
        let kind = if principal == "*" { "All" } else { "Account" };
        xml.leaf("principalType", kind);
        xml.leaf("principal", principal);
    }))
}
