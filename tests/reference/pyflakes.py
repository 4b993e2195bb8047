"""Compares `ropewalk check` (or `ruff check`) with pyflakes on the cases of pyflakes' own test suite.

    pip download --no-binary :all: --no-deps pyflakes && tar xf pyflakes-*.tar.gz
    python tests/reference/pyflakes.py pyflakes-4.1.0 target/release/ropewalk
    python tests/reference/pyflakes.py pyflakes-4.1.0 ruff

The suite is run as it is, with its `flakes` method replaced by one that notes the source and the messages expected.
Each source becomes a file; the tool checks all of them in one run. A case agrees when the set of pyflakes' message
classes that the tool reports is the one expected. Downloads nothing and changes nothing outside a temporary folder.

Left out are cases that are about pyflakes' own interface: doctests (an option of pyflakes that ruff does not have),
segments of trees, and builtins that its options and environment name.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import textwrap
import unittest
from pathlib import Path

# pyflakes' class of each code.
CLASSES = {
    "F401": "UnusedImport",
    "F402": "ImportShadowedByLoopVar",
    "F403": "ImportStarUsed",
    "F404": "LateFutureImport",
    "F405": "ImportStarUsage",
    "F406": "ImportStarNotPermitted",
    "F407": "FutureFeatureNotDefined",
    "F501": "PercentFormatInvalidFormat",
    "F502": "PercentFormatExpectedMapping",
    "F503": "PercentFormatExpectedSequence",
    "F504": "PercentFormatExtraNamedArguments",
    "F505": "PercentFormatMissingArgument",
    "F506": "PercentFormatMixedPositionalAndNamed",
    "F507": "PercentFormatPositionalCountMismatch",
    "F508": "PercentFormatStarRequiresSequence",
    "F509": "PercentFormatUnsupportedFormatCharacter",
    "F521": "StringDotFormatInvalidFormat",
    "F522": "StringDotFormatExtraNamedArguments",
    "F523": "StringDotFormatExtraPositionalArguments",
    "F524": "StringDotFormatMissingArgument",
    "F525": "StringDotFormatMixingAutomatic",
    "F541": "FStringMissingPlaceholders",
    "F601": "MultiValueRepeatedKeyLiteral",
    "F602": "MultiValueRepeatedKeyVariable",
    "F621": "TooManyExpressionsInStarredAssignment",
    "F622": "TwoStarredExpressions",
    "F631": "AssertTuple",
    "F632": "IsLiteral",
    "F633": "InvalidPrintSyntax",
    "F634": "IfTuple",
    "F701": "BreakOutsideLoop",
    "F702": "ContinueOutsideLoop",
    "F704": "YieldOutsideFunction",
    "F706": "ReturnOutsideFunction",
    "F707": "DefaultExceptNotLast",
    "F722": "ForwardAnnotationSyntaxError",
    "F811": "RedefinedWhileUnused",
    "F821": "UndefinedName",
    "F822": "UndefinedExport",
    "F823": "UndefinedLocal",
    "F841": "UnusedVariable",
    "F842": "UnusedAnnotation",
    "F901": "RaiseNotImplemented",
    "PLW0602": "UnusedIndirectAssignment",
}

# What has no code of its own: syntax errors, by a part of their message.
SYNTAX = {
    "Duplicate parameter": "DuplicateArgument",
    "default `except:` must be last": "DefaultExceptNotLast",
    "`return` statement outside": "ReturnOutsideFunction",
    "Two starred expressions": "TwoStarredExpressions",
}


def cases(sdist):
    """Every (name, source, expected classes) of the suite that runs under this Python."""
    sys.path.insert(0, str(sdist))
    from pyflakes.test import harness

    found = []

    def note(self, source, *expected, **options):
        if not self.withDoctest and not options and "PYFLAKES_BUILTINS" not in os.environ:
            text = textwrap.dedent(source)
            found.append((self.id().removeprefix("pyflakes.test."), text, {it.__name__ for it in expected}))
        return checked(self, source, *expected, **options)

    checked = harness.TestCase.flakes
    harness.TestCase.flakes = note
    suite = unittest.defaultTestLoader.discover(str(sdist / "pyflakes" / "test"), top_level_dir=str(sdist))
    result = unittest.TextTestRunner(verbosity=0, stream=open("/dev/null", "w")).run(suite)
    if result.failures:
        names = ", ".join(test.id() for test, _ in result.failures)
        print(f"note: pyflakes itself fails under this Python: {names}", file=sys.stderr)
    return found


def classes_of(findings):
    classes = set()
    for code, message in findings:
        if code in CLASSES:
            classes.add(CLASSES[code])
        elif code in ("syntax-error", "invalid-syntax"):
            classes.update(it for part, it in SYNTAX.items() if part.lower() in message.lower())
    return classes


def run(tool, folder, extra):
    """The (code, message) pairs of each file, by the file's name."""
    name = Path(tool).name
    if name.startswith("ruff"):
        command = [tool, "check", "--isolated", "--no-cache", "--exit-zero", "--output-format", "json", "--select", "F,PLW0602"]
    else:
        command = [tool, "check", "--format", "json"]
    output = subprocess.run([*command, *extra, str(folder)], capture_output=True, text=True)
    if output.returncode > 1:
        sys.exit(output.stderr)
    found = {}
    report = json.loads(output.stdout)
    for it in report if isinstance(report, list) else report["diagnostics"]:
        path = Path(it.get("filename") or it["path"]).name
        found.setdefault(path, []).append((it["code"], it["message"]))
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sdist", type=Path, help="the unpacked sdist of pyflakes")
    parser.add_argument("tool", help="ropewalk or ruff")
    parser.add_argument("extra", nargs="*", help="more arguments for the tool, behind `--`")
    parser.add_argument("--list", action="store_true", help="print the cases that differ, with their source")
    arguments = parser.parse_args()
    known = cases(arguments.sdist.resolve())
    with tempfile.TemporaryDirectory() as folder:
        for number, (_, source, _) in enumerate(known):
            (Path(folder) / f"case_{number:04}.py").write_text(source)
        found = run(arguments.tool, folder, arguments.extra)
    different = 0
    for number, (name, source, expected) in enumerate(known):
        reported = classes_of(found.get(f"case_{number:04}.py", []))
        if reported == expected:
            continue
        different += 1
        missing = ", ".join(sorted(expected - reported)) or "-"
        surplus = ", ".join(sorted(reported - expected)) or "-"
        print(f"{name}: not reported {missing}; reported besides {surplus}")
        if arguments.list:
            print(textwrap.indent(source.strip("\n"), "    "))
    agree = len(known) - different
    print(f"{agree} of {len(known)} cases agree: {100 * agree / len(known):.1f} %")


if __name__ == "__main__":
    main()
