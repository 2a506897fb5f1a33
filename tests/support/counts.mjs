/** Counts of tests, read from the reports of Vitest and Playwright, and the line that sums them up. Pure. */

export const NOTHING = Object.freeze({ passed: 0, failed: 0, skipped: 0 });

export const sum = (a, b) => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  skipped: a.skipped + b.skipped,
});

/** Of Vitest's JSON report. Throws on a report of another shape. */
export const vitestCounts = (report) =>
  checked({
    passed: report.numPassedTests,
    failed: report.numFailedTests,
    skipped: report.numPendingTests + report.numTodoTests,
  });

/** Of Playwright's JSON report. A test that passed only when repeated has failed. */
export const playwrightCounts = ({ stats }) =>
  checked({ passed: stats.expected, failed: stats.unexpected + stats.flaky, skipped: stats.skipped });

const checked = (counts) => {
  for (const [name, count] of Object.entries(counts)) {
    if (!Number.isInteger(count) || count < 0) throw new Error(`the report says nothing of how many ${name}`);
  }
  return counts;
};

export const finalLine = ({ passed, failed, skipped }) =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
