"""Holds reports against the models that others published: `formats.py ocsf|asff|oscal FILE`.

OCSF by the schema in the package ocsf-json-schema, ASFF by the service model in botocore, OSCAL by the models in
compliance-trestle and by its own references. Prints what is wrong, and
ends with 1 if anything is.
"""

import json
import sys
from itertools import islice


def ocsf(lines):
    from jsonschema import Draft202012Validator
    from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema

    schemas = OcsfJsonSchemaEmbedded(get_ocsf_schema("1.5.0"))
    schema = schemas.get_class_schema("compliance_finding", profiles=["cloud"])
    validator = Draft202012Validator(schema)
    for number, line in enumerate(lines, 1):
        for error in validator.iter_errors(json.loads(line)):
            yield f"{number}: {error.json_path}: {error.message[:300]}"


def asff(lines):
    from botocore.loaders import Loader
    from botocore.model import ServiceModel
    from botocore.validate import ParamValidator

    model = ServiceModel(Loader().load_service_model("securityhub", "service-2"))
    shape = model.operation_model("BatchImportFindings").input_shape
    for number, line in enumerate(lines, 1):
        call = json.loads(line)
        if not 1 <= len(call["Findings"]) <= 100:
            yield f"{number}: {len(call['Findings'])} findings in a call"
        report = ParamValidator().validate(call, shape)
        if report.has_errors():
            yield f"{number}: {report.generate_report()[:2000]}"
        for finding in call["Findings"]:
            yield from (f"{number}: {what}" for what in limits(finding))


def oscal(lines):
    from trestle.oscal.assessment_results import Model

    results = json.loads("".join(lines))
    Model(**results)
    result = results["assessment-results"]["results"][0]
    observations = [it["uuid"] for it in result.get("observations", [])]
    items = [it["uuid"] for it in result.get("local-definitions", {}).get("inventory-items", [])]
    for name, uuids in [("observation", observations), ("inventory item", items)]:
        if len(set(uuids)) != len(uuids):
            yield f"an {name} twice"
    subjects = {it["subject-uuid"] for found in result.get("observations", []) for it in found["subjects"]}
    if subjects != set(items):
        yield "observations and inventory items disagree"
    for finding in result.get("findings", []):
        related = {it["observation-uuid"] for it in finding["related-observations"]}
        if not related <= set(observations):
            yield f"{finding['title']}: an observation that is not there"
        verdicts = {
            prop["value"]
            for it in result["observations"]
            if it["uuid"] in related
            for prop in it["props"]
            if prop["name"] == "verdict"
        }
        if finding["target"]["status"]["state"] == "satisfied" and "unknown" in verdicts:
            yield f"{finding['title']}: satisfied, though something was not seen"


def limits(finding):
    """What the service refuses though the model does not say so (its API reference does)."""
    if len(json.dumps(finding).encode()) > 240 * 1024:
        yield "a finding of more than 240 KB"
    for key, most in [("Title", 256), ("Description", 1024), ("Id", 512), ("GeneratorId", 512)]:
        if not 0 < len(finding[key].strip()) <= most:
            yield f"{key} of {len(finding[key])} characters"
    if not 1 <= len(finding["Resources"]) <= 32:
        yield "resources"
    if len(finding["Compliance"].get("RelatedRequirements", [])) > 32:
        yield "related requirements"
    for resource in finding["Resources"]:
        if len(resource["Id"]) > 512 or len(resource.get("Tags", {})) > 50:
            yield "resource"
    states = {"PASSED", "WARNING", "FAILED", "NOT_AVAILABLE"}
    if finding["Compliance"]["Status"] not in states:
        yield "compliance status"
    if finding["Workflow"]["Status"] not in {"NEW", "NOTIFIED", "RESOLVED", "SUPPRESSED"}:
        yield "workflow status"


def main():
    check = {"ocsf": ocsf, "asff": asff, "oscal": oscal}[sys.argv[1]]
    with open(sys.argv[2], encoding="utf-8") as file:
        lines = file.readlines()
    if not lines:
        print("an empty report")
        return 1
    wrong = list(islice(check(lines), 20))
    print("\n".join(wrong) or f"{len(lines)} lines are well")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
