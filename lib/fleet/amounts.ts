import type { Resources } from '../core/pods';
import type { Cpu, Quantity } from '../core/units';
import { HEADROOM } from './coefficients';

/** Bytes of a mebibyte. */
export const MEBI = 2 ** 20;
/** Bytes of a gibibyte. */
export const GIBI = 2 ** 30;

/** Rounds a number of bytes up to whole gibibytes, and formats it with the unit, such as `20Gi`. */
export const roundUpToGibibytes = (amount: number): Quantity => `${Math.ceil(amount / GIBI)}Gi`;

/**
 * Rounds a number of bytes up to a multiple of 64Mi. The result has the format of the API server: `1Gi` instead of
 * `1024Mi`.
 */
export function roundUpMemory(amount: number): Quantity {
  const mebibytes = Math.ceil(amount / MEBI / 64) * 64;
  return mebibytes % 1_024 === 0 ? `${mebibytes / 1_024}Gi` : `${mebibytes}Mi`;
}

/**
 * Rounds a number of cores up to a multiple of 50m, and to at least 100m. The result has the format of the API server:
 * `1` instead of `1000m`.
 */
export function roundUpCpu(cores: number): Cpu {
  const millicores = Math.max(100, Math.ceil((cores * 1_000) / 50) * 50);
  return millicores % 1_000 === 0 ? `${millicores / 1_000}` : `${millicores}m`;
}

/**
 * Returns CPU and memory resources for a measured usage. All results are rounded up.
 * - CPU request: `cores` with headroom
 * - memory request: `memory`, or `minimum` if `memory` is smaller
 * - memory limit: the memory request plus `margin`, or plus `minimum` if `margin` is smaller
 * @param cores measured CPU usage in cores
 * @param memory measured memory usage in bytes
 * @param minimum smallest memory request, and smallest margin, in bytes
 * @param margin difference between memory limit and memory request in bytes; by default, equal to `memory`
 */
export function resourcesFromUsage(
  cores: number,
  memory: number,
  minimum: number,
  margin = memory,
): Resources {
  const request = Math.max(memory, minimum);
  return {
    cpu: roundUpCpu(cores * HEADROOM),
    memory: roundUpMemory(request),
    memoryLimit: roundUpMemory(request + Math.max(margin, minimum)),
  };
}
