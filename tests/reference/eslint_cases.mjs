// ESLint's own rule tests against ours: do the same pieces of code get findings?
//
//     node tests/reference/eslint_cases.mjs CHECKOUT_OF_ESLINT ROPEWALK
//
// Each case of tests/lib/rules/RULE.js is written to a folder of its own, beside an `.eslintrc.json` that says what the
// case says: the rule with its options, global names, and the year of the language as an environment. A valid case
// agrees when nothing of that rule is found, an invalid one when something is; how many of these also agree in number
// is printed beside. Cases that need another parser or settings of plugins are counted and left out. The tests
// themselves are loaded in place, with stand-ins for ESLint's test runner and for packages that are not installed;
// name the folder of those that are in NODE_PATH (`globals` is worth it).
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const [checkout, program, ...rest] = process.argv.slice(2);
const verbose = rest.includes('--verbose');
const out = mkdtempSync(join(tmpdir(), 'eslint-cases-'));

/** Answers to every question, for packages that tests mention and we do not need. */
const anything = () =>
  new Proxy(function () {}, {
    get: (_, key) => (key === Symbol.toPrimitive ? () => '' : key === Symbol.iterator ? undefined : anything()),
    apply: () => anything(),
    construct: () => anything(),
  });

let collected = [];
class RuleTester {
  constructor(config = {}) {
    this.config = config;
  }
  static setDefaultConfig() {}
  run(name, _rule, tests) {
    const add = (expected) => (test) => collected.push({ test: typeof test === 'string' ? { code: test } : test, expected, config: this.config });
    tests.valid.forEach(add(false));
    tests.invalid.forEach(add(true));
  }
}

const load = Module._load;
Module._load = function (request, parent, ...others) {
  if (/rule-tester/.test(request)) return Object.assign(RuleTester, { RuleTester, default: RuleTester });
  if (/^\..*\/lib\/rules\//.test(request)) return anything();
  if (/fixture-parser$/.test(request)) return () => 'a-parser-from-a-file';
  try {
    return load.call(this, request, parent, ...others);
  } catch (error) {
    if (error.code === 'MODULE_NOT_FOUND') return anything();
    throw error;
  }
};

/** A reason why a case says nothing about us, or null. */
function unusable({ test, config }) {
  const options = { ...config.languageOptions, ...test.languageOptions };
  const parser = { ...config.languageOptions?.parserOptions, ...test.languageOptions?.parserOptions };
  if (options.parser) return 'parser';
  if (test.settings || test.language || test.plugins || test.processor) return 'settings';
  if (parser.ecmaFeatures?.impliedStrict) return 'settings';
  return null;
}

/** The case as a file: its name says how it is to be read. */
function file({ test, config }, name) {
  const options = { ...config.languageOptions, ...test.languageOptions };
  const parser = { ...config.languageOptions?.parserOptions, ...test.languageOptions?.parserOptions };
  const type = parser.ecmaFeatures?.globalReturn ? 'commonjs' : (options.sourceType ?? parser.sourceType ?? 'module');
  return `${name}.${{ module: 'mjs', commonjs: 'cjs', script: 'js' }[type]}`;
}

/** What the case says besides its code, as ESLint's settings. */
function settings({ test, config }, rule) {
  const version = test.languageOptions?.ecmaVersion ?? config.languageOptions?.ecmaVersion ?? 'latest';
  const year = version === 'latest' ? 2026 : version < 2015 ? version + 2009 : version;
  const env = { [year < 2015 ? 'builtin' : `es${year}`]: true };
  const globals = { ...config.languageOptions?.globals, ...test.languageOptions?.globals };
  return JSON.stringify({ root: true, env, globals, rules: { [rule]: ['error', ...(test.options ?? [])] } });
}

const require = createRequire(resolve(checkout, 'package.json'));
const recommended = readFileSync(join(checkout, 'packages/js/src/configs/eslint-recommended.js'), 'utf8');
const named = rest.filter((it) => !it.startsWith('--'));
const rules = named.length ? named : [...recommended.matchAll(/"([\w-]+)": "error"/g)].map((it) => it[1]);

const cases = new Map();
const table = new Map();
for (const rule of rules) {
  collected = [];
  try {
    require(resolve(checkout, `tests/lib/rules/${rule}.js`));
  } catch (error) {
    console.error(`${rule}: its tests could not be loaded: ${error.message.split('\n')[0]}`);
  }
  const row = { agree: 0, count: 0, all: 0, left: {} };
  table.set(rule, row);
  mkdirSync(join(out, rule));
  collected.forEach((it, index) => {
    const reason = unusable(it);
    if (reason) {
      row.left[reason] = (row.left[reason] ?? 0) + 1;
      return;
    }
    const folder = join(out, rule, String(index));
    mkdirSync(folder);
    writeFileSync(join(folder, '.eslintrc.json'), settings(it, rule));
    const path = join(folder, file(it, it.expected ? 'invalid' : 'valid'));
    writeFileSync(path, it.test.code);
    cases.set(path, { rule, expected: it.expected, errors: it.test.errors?.length ?? it.test.errors, found: [] });
  });
}

let printed;
try {
  printed = execFileSync(program, ['check', '--format', 'json', out], { maxBuffer: 1 << 30, stdio: ['ignore', 'pipe', 'inherit'] });
} catch (error) {
  if (error.status !== 1) throw error;
  printed = error.stdout;
}
for (const it of JSON.parse(printed).diagnostics) {
  const known = cases.get(it.path);
  if (known) known.found.push(it.code);
}
for (const [path, { rule, expected, errors, found }] of cases) {
  const row = table.get(rule);
  const own = found.filter((code) => code === rule).length;
  const agrees = expected ? own > 0 : own === 0;
  row.all += 1;
  row.agree += agrees;
  row.count += agrees && (!expected || own === errors);
  if (verbose && !(agrees && (!expected || own === errors))) {
    console.log(`--- ${path} ${agrees ? 'number' : 'DIFFERS'}: expected ${expected ? errors : 0}, found ${own}; ${found.join(' ')}`);
    console.log(readFileSync(path, 'utf8'));
  }
}
const percent = (part, all) => `${((100 * part) / Math.max(all, 1)).toFixed(1)}%`;
const total = { agree: 0, count: 0, all: 0, left: {} };
const line = (name, { agree, count, all, left }) => {
  const skipped = Object.entries(left).map(([reason, number]) => `${reason} ${number}`).join(', ');
  console.log(`${name.padEnd(34)} ${String(all).padStart(5)} ${percent(agree, all).padStart(7)} ${percent(count, all).padStart(7)}  ${skipped}`);
};
console.log(`${'rule'.padEnd(34)} cases   agree  number  left out`);
for (const [rule, row] of table) {
  line(rule, row);
  for (const key of ['agree', 'count', 'all']) total[key] += row[key];
  for (const [reason, number] of Object.entries(row.left)) total.left[reason] = (total.left[reason] ?? 0) + number;
}
line('all', total);
