import type { k8s } from './k8s';
import type { Resources } from './pods';
import { bytes } from './units';

/** Has a Go program collect garbage before its container reaches its memory limit. */
export const goMemoryLimit = ({ memory, memoryLimit = memory }: Resources): k8s.EnvVar => ({
  name: 'GOMEMLIMIT',
  value: `${Math.floor(bytes(memoryLimit) * 0.8)}`,
});
