/** Collects steps that undo changes. */
export class Cleanup {
  private readonly steps: (() => unknown)[] = [];

  add(step: () => unknown): void {
    this.steps.push(step);
  }

  /**
   * Runs all steps, the newest first. If a step fails, the others still run.
   * @throws AggregateError with all failures
   */
  async run(): Promise<void> {
    const failures: unknown[] = [];
    for (const step of this.steps.splice(0).reverse()) {
      try {
        await step();
      } catch (failure) {
        failures.push(failure);
      }
    }
    if (failures.length) throw new AggregateError(failures, `cleaning up: ${failures.join('; ')}`);
  }
}
