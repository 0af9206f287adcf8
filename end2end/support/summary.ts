// Lists the failed tests at the end, because a CI may keep only the end of a long log.
import type { Reporter, TestCase, TestResult } from '@playwright/test/reporter';

const LINES_OF_AN_ERROR = 15;

export default class Summary implements Reporter {
  private readonly failures: string[] = [];

  onTestEnd(test: TestCase, result: TestResult): void {
    if (result.status === test.expectedStatus) return;
    const errors = result.errors.map((error) => {
      const text = stripped(error.stack ?? error.message ?? error.value ?? '');
      return text.split('\n').slice(0, LINES_OF_AN_ERROR).join('\n');
    });
    this.failures.push([test.titlePath().filter(Boolean).join(' › '), ...errors].join('\n'));
  }

  onEnd(): void {
    for (const failure of this.failures) console.log(`\n✗ ${failure}`);
  }

  printsToStdio(): boolean {
    return false;
  }
}

/** Without the colours of a terminal. */
function stripped(text: string): string {
  return text.replace(/\u001b\[[0-9;]*m/g, '');
}
