// Prints the errors, then the failed tests by name as the last lines: a CI may keep only the end of its output.
import type { Reporter, TestCase, TestResult } from '@playwright/test/reporter';

const MAX_ERROR_LINES = 15;
/** With what the build prints after a failure, the names stay within the last 15 lines. */
const MAX_NAMES = 8;

export default class Summary implements Reporter {
  private readonly failures: { name: string; errors: string[] }[] = [];

  onTestEnd(test: TestCase, result: TestResult): void {
    if (result.status === test.expectedStatus) return;
    const errors = result.errors.map((error) => {
      const text = stripped(error.stack ?? error.message ?? error.value ?? '');
      return text.split('\n').slice(0, MAX_ERROR_LINES).join('\n');
    });
    this.failures.push({ name: test.titlePath().filter(Boolean).join(' › '), errors });
  }

  /** After the other reporters have printed everything. */
  async onExit(): Promise<void> {
    if (this.failures.length === 0) return;
    for (const { name, errors } of this.failures) console.log(`\n✗ ${name}\n${errors.join('\n')}`);
    const names = this.failures.map(({ name }) => `  ${name}`);
    const more = names.length - MAX_NAMES;
    console.log(`\nFailed tests (${names.length}):`);
    console.log(names.slice(0, MAX_NAMES).join('\n') + (more > 0 ? `\n  and ${more} more` : ''));
  }

  printsToStdio(): boolean {
    return false;
  }
}

/** Removes the colors of a terminal. */
function stripped(text: string): string {
  return text.replace(/\u001b\[[0-9;]*m/g, '');
}
