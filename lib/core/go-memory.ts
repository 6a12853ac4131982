import type { k8s } from './k8s';
import type { Resources } from './pods';
import { bytes } from './units';

/**
 * Returns the variable GOMEMLIMIT, so that a Go program collects garbage before it reaches the memory limit
 * of its container.
 */
export const goMemoryLimit = ({ memory, memoryLimit = memory }: Resources): k8s.EnvVar => ({
  name: 'GOMEMLIMIT',
  value: `${Math.floor(bytes(memoryLimit) * 0.8)}`,
});
