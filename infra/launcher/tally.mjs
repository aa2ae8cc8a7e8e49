/** A result of one runner: how many tests passed and failed, and the skipped ones, each as a line for a person. */

export const add = (a, b) => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  skipped: [...a.skipped, ...b.skipped],
});

export const NOTHING = { passed: 0, failed: 0, skipped: [] };

const A_FEW = 3;

/** The skipped for a person: by name, or, where many have one reason, how many. */
export function skipLines(skipped) {
  const reasonOf = (line) => line.slice(line.lastIndexOf('('));
  // Not Map.groupBy: this runs on Node 20.
  const groups = new Map();
  for (const line of skipped) groups.set(reasonOf(line), [...(groups.get(reasonOf(line)) ?? []), line]);
  return [...groups].flatMap(([reason, lines]) => (lines.length > A_FEW ? [`${lines.length} tests ${reason}`] : lines));
}

/** `12 passed, 0 failed, 1 skipped`; the skipped only where there are some. */
export function countLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped.length === 0 ? '' : `, ${skipped.length} skipped`}`;
}

/** A tool that is one test: it passed when it exited with 0. */
export const ofTool = (code) => ({ passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: [] });

/** A program that prints `ok - name`, `not ok - name` and `skip - name` lines. One that fails without naming a test is a failed one. */
export function ofChecks(code, output) {
  const lines = output.split('\n').map((line) => line.trim());
  const failed = lines.filter((line) => line.startsWith('not ok - ')).length;
  const passed = lines.filter((line) => line.startsWith('ok - ')).length;
  const skipped = lines.filter((line) => line.startsWith('skip - ')).map((line) => line.slice('skip - '.length));
  return withFailure(code, { passed, failed, skipped });
}

/** vitest's JSON report, and the reasons of skipped tests by full name. No report: it broke before it could write one. */
export function ofVitest(code, report, reasons) {
  if (report === undefined) return ofTool(code === 0 ? 1 : code);
  const tests = report.testResults.flatMap((file) => file.assertionResults);
  const count = (status) => tests.filter((test) => test.status === status).length;
  const broken = report.testResults.filter(isBroken).length;
  const skipped = tests.filter((test) => !['passed', 'failed'].includes(test.status));
  return withFailure(code, {
    passed: count('passed'),
    failed: count('failed') + broken,
    skipped: skipped.map(({ fullName }) => `${fullName} (${reasons[fullName] ?? 'no reason given'})`),
  });
}

/** A file that failed as a whole, with none of its tests to blame. */
const isBroken = (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed');

const withFailure = (code, tally) => (code !== 0 && tally.failed === 0 ? { ...tally, failed: 1 } : tally);
