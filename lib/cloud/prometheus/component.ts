import type { SizedComponent } from '../sized-component';
import { type PrometheusPlan, prometheusSizing } from './sizing';

/** Prometheus, as an environment knows it. The rules about itself it adds by itself. */
export const prometheusComponent = { sizing: prometheusSizing } satisfies SizedComponent<
  object,
  object,
  PrometheusPlan
>;
