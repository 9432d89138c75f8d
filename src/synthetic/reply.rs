//! Writes answers in the protocol of the service: envelopes, error documents, content types.

use minicbor::data::{IanaTag, Tag};
use serde_json::{Value, json};

use super::refusal::Refusal;
use super::request::{Protocol, Service};
use super::xml::Xml;

/// The answer of a service, before its envelope.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// The children of `<OperationResult>`, or the whole XML document for REST services.
    Xml(String),
    /// A JSON object. For CBOR, `{"$time": seconds}` stands for a timestamp.
    Json(Value),
    /// Text, as S3 gives bucket policies.
    Text(String),
}

/// A whole HTTP answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// The XML name space of a query service.
pub fn namespace(service: Service) -> &'static str {
    match service {
        Service::Sts => "https://sts.amazonaws.com/doc/2011-06-15/",
        Service::Iam => "https://iam.amazonaws.com/doc/2010-05-08/",
        Service::Sns => "http://sns.amazonaws.com/doc/2010-03-31/",
        Service::Elb => "http://elasticloadbalancing.amazonaws.com/doc/2012-06-01/",
        Service::ElbV2 => "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/",
        Service::Ec2 => "http://ec2.amazonaws.com/doc/2016-11-15/",
        Service::S3 => "http://s3.amazonaws.com/doc/2006-03-01/",
        Service::S3Control => "http://awss3control.amazonaws.com/doc/2018-08-20/",
        Service::Organizations | Service::CloudTrail | Service::Logs | Service::CloudWatch => "",
        Service::Config | Service::Events | Service::Kms => "",
        Service::GuardDuty | Service::AccessAnalyzer | Service::Account => "",
    }
}

/// The document of a query operation, with its two wrappers and the request id.
pub fn query_document(
    service: Service,
    operation: &str,
    request_id: &str,
    fill: impl FnOnce(&mut Xml),
) -> String {
    Xml::document(&format!("{operation}Response"), namespace(service), |xml| {
        xml.node(&format!("{operation}Result"), fill);
        xml.node("ResponseMetadata", |xml| xml.leaf("RequestId", request_id));
    })
}

/// The document of an EC2 operation.
pub fn ec2_document(operation: &str, request_id: &str, fill: impl FnOnce(&mut Xml)) -> String {
    Xml::document(&format!("{operation}Response"), namespace(Service::Ec2), |xml| {
        xml.leaf("requestId", request_id);
        fill(xml);
    })
}

/// A good answer.
pub fn success(protocol: Protocol, answer: Answer, request_id: &str) -> Reply {
    let (kind, body) = match answer {
        Answer::Xml(text) => ("text/xml", text.into_bytes()),
        Answer::Text(text) => ("application/json", text.into_bytes()),
        Answer::Json(value) if protocol == Protocol::Cbor => ("application/cbor", cbor(&value)),
        Answer::Json(value) => ("application/x-amz-json-1.1", value.to_string().into_bytes()),
    };
    reply(protocol, 200, kind, body, request_id)
}

/// An error answer.
pub fn failure(protocol: Protocol, refusal: &Refusal, request_id: &str) -> Reply {
    let fields = |xml: &mut Xml| {
        xml.leaf("Code", &refusal.code);
        xml.leaf("Message", &refusal.message);
    };
    let xml = |text: String| ("text/xml", text.into_bytes());
    let (kind, body) = match protocol {
        Protocol::Query | Protocol::RestXmlWrapped => {
            xml(Xml::document("ErrorResponse", "", |xml| {
                xml.node("Error", |xml| {
                    xml.leaf("Type", if refusal.status < 500 { "Sender" } else { "Receiver" });
                    fields(xml);
                });
                xml.leaf("RequestId", request_id);
            }))
        }
        Protocol::Ec2Query => xml(Xml::document("Response", "", |xml| {
            xml.list("Errors", "Error", [()], |xml, ()| fields(xml));
            xml.leaf("RequestID", request_id);
        })),
        Protocol::RestXml => xml(Xml::document("Error", "", |xml| {
            fields(xml);
            xml.leaf("RequestId", request_id);
        })),
        Protocol::Json => {
            let value = json!({"__type": refusal.code, "message": refusal.message});
            ("application/x-amz-json-1.1", value.to_string().into_bytes())
        }
        Protocol::Cbor => {
            let kind = format!("com.amazonaws.cloudwatch#{}", refusal.code);
            let value = json!({"__type": kind, "message": refusal.message});
            ("application/cbor", cbor(&value))
        }
    };
    let mut reply = reply(protocol, refusal.status, kind, body, request_id);
    if protocol == Protocol::Cbor {
        reply.headers.push(("x-amzn-query-error", format!("{};Sender", refusal.code)));
    }
    reply.headers.extend(refusal.headers.iter().cloned());
    reply
}

fn reply(
    protocol: Protocol,
    status: u16,
    content_type: &str,
    body: Vec<u8>,
    request_id: &str,
) -> Reply {
    let mut headers = vec![("content-type", content_type.to_owned())];
    let id = match protocol {
        Protocol::RestXml | Protocol::RestXmlWrapped => "x-amz-request-id",
        Protocol::Query | Protocol::Ec2Query | Protocol::Json | Protocol::Cbor => {
            "x-amzn-requestid"
        }
    };
    headers.push((id, request_id.to_owned()));
    if protocol == Protocol::Cbor {
        headers.push(("smithy-protocol", "rpc-v2-cbor".to_owned()));
    }
    Reply { status, headers, body }
}

/// CBOR of a JSON value; `{"$time": seconds}` becomes tag 1, as RPC v2 CBOR writes timestamps.
pub fn cbor(value: &Value) -> Vec<u8> {
    let mut encoder = minicbor::Encoder::new(Vec::new());
    // A Vec takes every write.
    let _ = encode(value, &mut encoder);
    encoder.into_writer()
}

type Encoded = Result<(), minicbor::encode::Error<std::convert::Infallible>>;

fn encode(value: &Value, encoder: &mut minicbor::Encoder<Vec<u8>>) -> Encoded {
    match value {
        Value::Null => encoder.null()?.ok(),
        Value::Bool(flag) => encoder.bool(*flag)?.ok(),
        Value::String(text) => encoder.str(text)?.ok(),
        Value::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
            (Some(natural), _, _) => encoder.u64(natural)?.ok(),
            (None, Some(integer), _) => encoder.i64(integer)?.ok(),
            (None, None, float) => encoder.f64(float.unwrap_or(f64::NAN))?.ok(),
        },
        Value::Array(items) => {
            encoder.array(items.len() as u64)?;
            items.iter().try_for_each(|item| encode(item, encoder))
        }
        Value::Object(map) => {
            if let Some(seconds) = map.get("$time").and_then(Value::as_f64) {
                return encoder.tag(Tag::from(IanaTag::Timestamp))?.f64(seconds)?.ok();
            }
            encoder.map(map.len() as u64)?;
            for (key, item) in map {
                encoder.str(key)?;
                encode(item, encoder)?;
            }
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(protocol: Protocol, refusal: &Refusal) -> String {
        String::from_utf8(failure(protocol, refusal, "id").body).expect("text")
    }

    #[test]
    fn each_protocol_has_its_own_error_envelope() {
        let refusal = Refusal::new(403, "AccessDenied", "no <entry>");
        let query = body(Protocol::Query, &refusal);
        assert!(
            query.contains("<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code>")
        );
        assert!(query.contains("no &lt;entry&gt;"));
        let ec2 = body(Protocol::Ec2Query, &refusal);
        assert!(ec2.contains("<Response><Errors><Error><Code>AccessDenied</Code>"));
        assert!(body(Protocol::RestXml, &refusal).contains("<Error><Code>AccessDenied</Code>"));
        assert!(body(Protocol::Json, &refusal).contains(r#""__type":"AccessDenied""#));
        let cbor = failure(Protocol::Cbor, &refusal, "id");
        assert!(cbor.headers.contains(&("x-amzn-query-error", "AccessDenied;Sender".into())));
    }

    #[test]
    fn cbor_writes_numbers_and_times() {
        assert_eq!(cbor(&json!({"a": [1, true]})), [0xa1, 0x61, b'a', 0x82, 0x01, 0xf5]);
        let time = cbor(&json!({"$time": 2.0}));
        assert_eq!(time.first(), Some(&0xc1));
        assert_eq!(time.get(1), Some(&0xfb));
    }
}
