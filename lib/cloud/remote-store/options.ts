import { oneOf, quantity } from '../../core/option-rules';
import { type Options, type OptionTable, optionsOf, optionsRule } from '../../core/option-table';
import type { Quantity } from '../../core/units';
import { invalid } from '../../core/validation';
import {
  EVALUATION_OPTIONS,
  type EvaluationOptions,
  STORE_QUERY_OPTIONS,
  type StoreQueryProps,
} from '../evaluated-store';
import {
  EXTERNAL_STORE_OPTIONS,
  type ExternalStoreProps,
  unencryptedPasswordProblem,
} from '../metrics-gateway';

/** Options of `remoteStore()`. */
export interface RemoteStoreOptions extends EvaluationOptions {
  /** URLs and access for writing samples. */
  readonly write: ExternalStoreProps;
  /** URLs and access for queries of rules and dashboards. */
  readonly query: StoreQueryProps;
  /**
   * Evaluator of the PromQL rules: two vmalert of this stack, which write recorded samples back and notify
   * Alertmanager; or the store's own ruler, for which the ConfigMap `metrics-rules` contains the files.
   * @default "vmalert"
   */
  readonly rules?: 'vmalert' | 'elsewhere';
  /** Volume of the vmagent that reads targets, for what waits while the store is away. @default "2Gi" */
  readonly storage?: Quantity;
}

/** The options of `remoteStore()`. */
export const REMOTE_STORE_OPTIONS = {
  ...EVALUATION_OPTIONS,
  write: { rule: optionsRule<ExternalStoreProps>(EXTERNAL_STORE_OPTIONS) },
  query: { rule: optionsRule<StoreQueryProps>(STORE_QUERY_OPTIONS) },
  rules: { rule: oneOf('vmalert', 'elsewhere'), default: 'vmalert' },
  storage: { rule: quantity, default: '2Gi' },
} satisfies OptionTable<RemoteStoreOptions>;

const WHERE = 'remoteStore';

/**
 * Checks options, also against each other.
 * @throws InvalidOptionError when an option is invalid, or contradicts another one.
 */
export function remoteStoreSettings(
  given: RemoteStoreOptions,
): Options<RemoteStoreOptions, typeof REMOTE_STORE_OPTIONS> {
  const settings = optionsOf(WHERE, given, REMOTE_STORE_OPTIONS);
  const problem = contradiction(settings);
  if (problem) throw invalid(WHERE, problem);
  return settings;
}

function contradiction({ write, query, rules, rulesResources }: RemoteStoreOptions): string | undefined {
  const unencrypted =
    unencryptedPasswordProblem(write, 'write.') ?? unencryptedPasswordProblem(query, 'query.');
  if (unencrypted) return unencrypted;
  if (/\/api\/v1(\/\w*)?\/?$/.test(query.url)) {
    return `query.url is ${JSON.stringify(query.url)}; allowed: the address without ${/\/api\/v1.*$/.exec(query.url)?.[0]}, which clients append`;
  }
  return rules === 'elsewhere' && rulesResources
    ? 'rulesResources has no effect with rules "elsewhere", since no vmalert runs; allowed: leave it out, or rules "vmalert"'
    : undefined;
}
