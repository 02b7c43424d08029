// `node counts.mjs REPORT…`: vitest's JSON reports as `N passed, N failed`.
import { readFileSync } from 'node:fs';

let passed = 0;
let failed = 0;
for (const report of process.argv.slice(2)) {
  try {
    const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(report, 'utf8'));
    const notLoaded = testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0);
    passed += numPassedTests;
    failed += numFailedTests + notLoaded.length;
  } catch (error) {
    console.error(`No report by vitest: ${error.message}`);
    failed++; // a run that ended before it had counted
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
