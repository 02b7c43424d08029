// `node counts.mjs REPORT`: vitest's JSON report as `N passed, N failed`.
import { readFileSync } from 'node:fs';

let passed = 0;
let failed = 1; // a run that ended before it had counted
try {
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
  const notLoaded = testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0);
  passed = numPassedTests;
  failed = numFailedTests + notLoaded.length;
} catch (error) {
  console.error(`No report by vitest: ${error.message}`);
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
