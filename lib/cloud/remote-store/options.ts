import { oneOfRule, quantity } from '../../core/option-rules';
import {
  type Options,
  type OptionTable,
  optionsRule,
  validateAndApplyDefaults,
} from '../../core/option-table';
import type { Quantity } from '../../core/units';
import { optionError } from '../../core/validation';
import {
  EVALUATION_OPTIONS,
  type EvaluationOptions,
  STORE_QUERY_OPTIONS,
  type StoreQueryProps,
} from '../evaluated-store';
import {
  EXTERNAL_STORE_OPTIONS,
  type ExternalStoreProps,
  passwordSentUnencryptedProblem,
} from '../metrics-gateway';

/** Options of `remoteStore()`. */
export interface RemoteStoreOptions extends EvaluationOptions {
  /** URL and credentials with which this stack writes samples to the store. */
  readonly write: ExternalStoreProps;
  /** URL and credentials with which rules and dashboards query the store. */
  readonly query: StoreQueryProps;
  /**
   * Which program evaluates the rules. `vmalert`: two vmalerts of this stack, which write recorded samples to
   * the store and send alerts to Alertmanager. `elsewhere`: the store's own ruler, into which you load the
   * rule files from the ConfigMap `metrics-rules`.
   * @default "vmalert"
   */
  readonly rules?: 'vmalert' | 'elsewhere';
  /** Size of the volume on which the vmagent queues samples while the store is unavailable. @default "2Gi" */
  readonly storage?: Quantity;
}

/** Validation rule and default of each option of `remoteStore()`. */
export const REMOTE_STORE_OPTIONS = {
  ...EVALUATION_OPTIONS,
  write: { rule: optionsRule<ExternalStoreProps>(EXTERNAL_STORE_OPTIONS) },
  query: { rule: optionsRule<StoreQueryProps>(STORE_QUERY_OPTIONS) },
  rules: { rule: oneOfRule('vmalert', 'elsewhere'), default: 'vmalert' },
  storage: { rule: quantity, default: '2Gi' },
} satisfies OptionTable<RemoteStoreOptions>;

const WHERE = 'remoteStore';

/**
 * Validates the options of `remoteStore()` and fills in their defaults.
 * @throws InvalidOptionError when an option is invalid or contradicts another option.
 */
export function resolveRemoteStoreOptions(
  given: RemoteStoreOptions,
): Options<RemoteStoreOptions, typeof REMOTE_STORE_OPTIONS> {
  const settings = validateAndApplyDefaults(WHERE, given, REMOTE_STORE_OPTIONS);
  const problem = remoteStoreOptionsProblem(settings);
  if (problem) throw optionError(WHERE, problem);
  return settings;
}

function remoteStoreOptionsProblem({
  write,
  query,
  rules,
  rulesResources,
}: RemoteStoreOptions): string | undefined {
  const unencrypted =
    passwordSentUnencryptedProblem(write, 'write.') ?? passwordSentUnencryptedProblem(query, 'query.');
  if (unencrypted) return unencrypted;
  if (/\/api\/v1(\/\w*)?\/?$/.test(query.url)) {
    return `query.url is ${JSON.stringify(query.url)}; allowed: the URL without ${/\/api\/v1.*$/.exec(query.url)?.[0]}, because clients append this path`;
  }
  return rules === 'elsewhere' && rulesResources
    ? 'rulesResources has no effect if the option "rules" is "elsewhere", because no vmalert runs: remove rulesResources, or set the option "rules" to "vmalert"'
    : undefined;
}
