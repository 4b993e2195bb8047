// Prints the tables of server/analysis/src/diagnostics/javascript/globals/*.txt: names that JavaScript finds without
// a declaration. Builtins and Node's names are asked of the running node; those of browsers and workers are what
// TypeScript's library files declare.
//
//     node tests/reference/js_globals.mjs FOLDER_OF_TYPESCRIPT/lib OUT
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import vm from 'node:vm';

const [lib, out] = process.argv.slice(2);
const sorted = (names) => [...new Set(names)].sort();
const builtin = sorted([
  ...vm.runInNewContext('Object.getOwnPropertyNames(globalThis)'),
  // Newer than the oldest node that runs this.
  'AggregateError', 'AsyncDisposableStack', 'DisposableStack', 'FinalizationRegistry', 'Float16Array', 'Iterator',
  'SharedArrayBuffer', 'SuppressedError', 'Temporal', 'WeakRef',
]).filter((name) => !['console', 'WebAssembly'].includes(name));
const declared = (file) =>
  [...readFileSync(join(lib, file), 'utf8').matchAll(/^declare (?:var|let|const|function) (\w+)/gm)].map((it) => it[1]);
const known = new Set(builtin);
const write = (name, names) => {
  const lines = [''];
  for (const it of sorted(names)) {
    if (lines.at(-1).length + it.length > 118) lines.push('');
    lines[lines.length - 1] += (lines.at(-1) ? ' ' : '') + it;
  }
  writeFileSync(join(out, `${name}.txt`), lines.join('\n') + '\n');
};
write('builtin', builtin);
write('browser', [...declared('lib.dom.d.ts'), 'WebAssembly', 'opera', 'chrome', 'ActiveXObject', 'CSS'].filter((it) => !known.has(it)));
write('worker', [...declared('lib.webworker.d.ts'), 'WebAssembly', 'clients', 'registration', 'skipWaiting'].filter((it) => !known.has(it)));
write('node', [
  ...Object.getOwnPropertyNames(globalThis), '__dirname', '__filename', 'exports', 'module', 'require', 'CustomEvent',
  'File', 'Navigator', 'WebSocket', 'CloseEvent', 'EventSource', 'Storage', 'localStorage', 'sessionStorage',
  'ErrorEvent', 'navigator', 'URLPattern', 'QuotaExceededError',
].filter((it) => !known.has(it)));
