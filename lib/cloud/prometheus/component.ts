import type { CloudComponent } from '../cloud-component';
import { type PrometheusPlan, prometheusSizing } from './sizing';

/** Prometheus, as an environment knows it. The rules about itself it adds by itself. */
export const prometheusComponent = { sizing: prometheusSizing } satisfies CloudComponent<
  object,
  object,
  PrometheusPlan
>;
