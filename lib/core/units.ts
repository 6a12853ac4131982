/** A duration: a whole number and a unit, such as `10s`, `5m`, `6h` or `15d`. */
export type Duration = `${number}${'s' | 'm' | 'h' | 'd' | 'w' | 'y'}`;

/** An amount of memory or storage in Kubernetes' format, such as `64Mi` or `20Gi`. */
export type Quantity = `${number}${'Ki' | 'Mi' | 'Gi' | 'Ti'}`;

/** An amount of CPU in Kubernetes' format: `100m` is 100 millicores (a tenth of a core), `2` is two cores. */
export type Cpu = `${number}m` | `${number}`;

const DURATION = /^(\d+)([smhdwy])$/;
const QUANTITY = /^(\d+(?:\.\d+)?)([KMGT]i)$/;

const SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800, y: 31_536_000 } as const;
const BYTES = { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 } as const;

/** Converts a duration to a number of seconds. Returns `NaN` if the duration is invalid. */
export function toSeconds(duration: Duration): number {
  return parseAmountWithUnit(duration, DURATION, SECONDS);
}

/**
 * Converts an amount of memory or storage to a number of bytes, rounded up as in Kubernetes. Returns `NaN` if the
 * amount is invalid.
 */
export function toBytes(quantity: Quantity): number {
  return Math.ceil(parseAmountWithUnit(quantity, QUANTITY, BYTES));
}

/** Multiplies an amount of CPU by a factor, and rounds up to a multiple of 10m. Returns at least 50m. */
export function scaleCpu(cpu: Cpu, factor: number): Cpu {
  const millicores = Number.parseFloat(cpu) * (cpu.endsWith('m') ? 1 : 1_000);
  return `${Math.max(50, Math.ceil((millicores * factor) / 10) * 10)}m`;
}

function parseAmountWithUnit(text: string, pattern: RegExp, units: Readonly<Record<string, number>>): number {
  const [, amount, unit] = pattern.exec(text) ?? [];
  return Number(amount) * (units[unit ?? ''] ?? Number.NaN);
}
