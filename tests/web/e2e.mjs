// Runs the tests in a browser, one file after the other, and ends with `N passed, N failed`.
//   node e2e.mjs [NAME...]     only e2e/NAME.test.mjs
import {readdir} from 'node:fs/promises';
import {run} from 'node:test';
import {fileURLToPath} from 'node:url';

const folder = fileURLToPath(new URL('e2e', import.meta.url));
const wanted = process.argv.slice(2).map((name) => `${name}.test.mjs`);
const all = (await readdir(folder)).filter((name) => name.endsWith('.test.mjs')).sort();
const files = all.filter((name) => wanted.length === 0 || wanted.includes(name)).map((n) => `${folder}/${n}`);

let passed = 0;
let failed = 0;
for await (const {type, data} of run({files, concurrency: 1})) {
  if (
    type === 'test:diagnostic' &&
    !/^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) /.test(data.message)
  ) {
    console.log(`     ${data.message}`);
  }
  if (type === 'test:stderr' || type === 'test:stdout') process.stdout.write(data.message);
  // Suites and files are reported like tests; only the tests themselves count.
  if ((type !== 'test:pass' && type !== 'test:fail') || data.details.type === 'suite') continue;
  if (data.name.endsWith('.test.mjs')) continue;
  const skipped = data.skip === undefined ? '' : ` (skipped: ${data.skip})`;
  console.log(`${type === 'test:pass' ? 'ok  ' : 'FAIL'} ${data.name}${skipped}`);
  if (type === 'test:pass') passed += 1;
  else {
    failed += 1;
    console.log(data.details.error?.cause?.stack ?? data.details.error);
  }
}
if (passed + failed === 0) failed = 1;
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
