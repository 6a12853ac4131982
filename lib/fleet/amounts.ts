import type { Resources } from '../core/pods';
import type { Cpu, Quantity } from '../core/units';
import { HEADROOM } from './coefficients';

export const MEBI = 2 ** 20;
export const GIBI = 2 ** 30;

/** Rounds up to whole gibibytes. */
export const toGibibytes = (amount: number): Quantity => `${Math.ceil(amount / GIBI)}Gi`;

/** Rounds up to steps of 64Mi, in the API server's format. */
export function roundMemory(amount: number): Quantity {
  const mebibytes = Math.ceil(amount / MEBI / 64) * 64;
  return mebibytes % 1_024 === 0 ? `${mebibytes / 1_024}Gi` : `${mebibytes}Mi`;
}

/** Rounds up to steps of 50m with a minimum of 100m, in the API server's format. */
export function roundCpu(cores: number): Cpu {
  const thousandths = Math.max(100, Math.ceil((cores * 1_000) / 50) * 50);
  return thousandths % 1_000 === 0 ? `${thousandths / 1_000}` : `${thousandths}m`;
}

/**
 * Returns a memory request for the measured usage, and a limit with twice the maximum usage, as headroom for
 * queries.
 */
export function resourcesFromUsage(cores: number, used: number, least: number, most = used): Resources {
  const asked = Math.max(used, least);
  return {
    cpu: roundCpu(cores * HEADROOM),
    memory: roundMemory(asked),
    memoryLimit: roundMemory(asked + Math.max(most, least)),
  };
}
