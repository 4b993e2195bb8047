"""Validates `ropewalk check --format sarif` and `--format junit` with other people's code.

    pip install jsonschema
    npm pack @microsoft/sarif-schema   (or any copy of sarif-schema-2.1.0.json)
    python tests/reference/sarif.py target/release/ropewalk sarif-schema-2.1.0.json FOLDER

FOLDER is any tree of code; the more that is wrong with it, the better. Prints how many results were valid.
"""

import json
import pathlib
import subprocess
import sys
import urllib.parse
import xml.etree.ElementTree

import jsonschema


def run(binary: str, folder: str, form: str) -> bytes:
    done = subprocess.run([binary, "check", ".", "--format", form], cwd=folder, capture_output=True)
    if done.returncode not in (0, 1):
        raise SystemExit(done.stderr.decode())
    return done.stdout


def main() -> None:
    binary, schema, folder = str(pathlib.Path(sys.argv[1]).resolve()), sys.argv[2], sys.argv[3]
    report = json.loads(run(binary, folder, "sarif"))
    validator = jsonschema.Draft7Validator(json.loads(pathlib.Path(schema).read_text()))
    errors = [error.message for error in validator.iter_errors(report)]
    if errors:
        raise SystemExit("not valid: " + "; ".join(errors[:5]))
    results = report["runs"][0]["results"]
    for result in results:
        place = result["locations"][0]["physicalLocation"]
        path = pathlib.Path(folder, urllib.parse.unquote(place["artifactLocation"]["uri"]))
        region = place["region"]
        try:
            content = path.read_bytes()
            text = content.decode()
        except UnicodeDecodeError:
            continue
        # Both ways to name the region must mean the same place; lines end as LSP has it.
        lines = text.replace("\r\n", " \n").replace("\r", "\n").split("\n")
        before = "\n".join(lines[: region["startLine"] - 1]) + ("\n" if region["startLine"] > 1 else "")
        line = text[len(before) :].encode("utf-16-le")[: 2 * (region["startColumn"] - 1)].decode("utf-16-le")
        assert len((text[: len(before)] + line).encode()) == region["byteOffset"], (path, region)
    suites = xml.etree.ElementTree.fromstring(run(binary, folder, "junit"))
    assert int(suites.get("failures")) == len(results), suites.attrib
    print(f"{len(results)} results in {len(report['runs'][0]['tool']['driver']['rules'])} rules are valid")


if __name__ == "__main__":
    main()
