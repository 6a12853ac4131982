import type { Construct } from 'constructs';
import type { GrafanaDataSource } from '../../contracts/data-source';
import { distinctListRuleWithSingleError, patternRule } from '../../core/option-rules';
import { type OptionTable, optionsRule, withFixedDefaults } from '../../core/option-table';
import { mapRule } from '../../core/structure-rules';
import { optionError } from '../../core/validation';
import { type LokiLimits, lokiLimits } from './limits';

/** Options for the tenants of Loki. */
export interface MultiTenancy {
  /**
   * Users of the ingress that are tenants in addition to the node groups. With an empty list, Loki has no tenants, not
   * even the node groups.
   * @default - only the node groups of the ingress are tenants
   */
  readonly tenants?: readonly string[];
  /**
   * Tenants that no longer push. Grafana still shows the lines of these tenants until the retention period ends. With
   * an empty list, Grafana shows only the lines of current tenants.
   * @default ["fake"] - Loki's tenant of lines that were stored before tenants were enabled
   */
  readonly formerTenants?: readonly string[];
  /**
   * Limits of individual tenants, by tenant name. A limit that is not set for a tenant comes from Loki's option
   * `limits`, which applies to all tenants.
   * @default - Loki's option `limits` applies to each tenant
   */
  readonly limits?: Readonly<Record<string, LokiLimits>>;
}

/** Name that Loki gives its only tenant when multi-tenancy is disabled. */
export const NO_TENANT = 'fake';

/** Tenant of the log lines of cloud nodes. */
export const CLOUD_TENANT = 'cloud';

/** Name of the request header that contains the tenant. */
export const TENANT_HEADER = 'X-Scope-OrgID';

/** The tenants of a `LokiStack`, resolved from its options and the node groups of its ingress. */
export interface Tenancy {
  /** Whether multi-tenancy is enabled. */
  readonly separate: boolean;
  /** Tenants that push log lines. The ruler evaluates the rules for each of these tenants. */
  readonly writers: readonly string[];
  /** Tenants whose log lines Grafana queries. */
  readonly readers: readonly string[];
  /** Limits of individual tenants, by tenant name. */
  readonly limits: Readonly<Record<string, LokiLimits>>;
}

const SINGLE_TENANT: Tenancy = { separate: false, writers: [NO_TENANT], readers: [NO_TENANT], limits: {} };

const tenant = patternRule(
  /^(?!\.{1,2}$)[A-Za-z0-9!_.*'()-]{1,150}$/,
  "a name of up to 150 letters, digits and !-_.*'()",
);
const tenants = distinctListRuleWithSingleError(tenant);

/** Validation rule and default of each field of `MultiTenancy`. */
export const MULTI_TENANCY = {
  tenants: { rule: tenants, default: undefined },
  formerTenants: { rule: tenants, default: [NO_TENANT] },
  limits: { rule: mapRule(tenant, lokiLimits), default: {} },
} satisfies OptionTable<MultiTenancy>;

/** Validates `MultiTenancy`. */
export const multiTenancy = optionsRule<MultiTenancy>(MULTI_TENANCY);

/**
 * Returns the tenants of a Loki: each group of edge nodes, each user in `tenants`, and the tenant `cloud`. Returns only
 * one tenant if there are neither groups nor users, or if `tenants` is an empty list.
 * @throws InvalidOptionError when a tenant has a reserved name, or when limits name an unknown tenant.
 */
export function resolveTenancy(
  scope: Construct,
  given: MultiTenancy = {},
  groups: readonly string[] = [],
): Tenancy {
  const { tenants: named, formerTenants, limits } = withFixedDefaults(MULTI_TENANCY, given);
  const edge = named?.length === 0 ? [] : [...new Set([...groups, ...(named ?? [])])];
  if (edge.length === 0) return SINGLE_TENANT;
  const reserved = edge.filter((name) => [CLOUD_TENANT, NO_TENANT].includes(name));
  if (reserved.length) {
    throw optionError(
      scope,
      `these tenant names are reserved: ${reserved.join(', ')}; rename the groups or users with these names, or disable tenants by setting multiTenancy to { tenants: [] }`,
    );
  }
  const writers = [CLOUD_TENANT, ...edge];
  const unknown = Object.keys(limits).filter((name) => !writers.includes(name));
  if (unknown.length) {
    throw optionError(
      scope,
      `multiTenancy.limits has the unknown tenants ${unknown.join(', ')}; allowed: ${writers.join(', ')}`,
    );
  }
  return { separate: true, writers, readers: [...new Set([...writers, ...formerTenants])], limits };
}

/**
 * Returns the Grafana data source of Loki. If there are tenants, each query covers the lines of all tenants, including
 * former tenants.
 */
export function lokiDataSource(url: string, { separate, readers }: Tenancy): GrafanaDataSource {
  const source = { name: 'Loki', uid: 'loki', type: 'loki', url } as const;
  if (!separate) return source;
  return {
    ...source,
    jsonData: { httpHeaderName1: TENANT_HEADER },
    // The header contains tenant names, not secrets. Grafana accepts values of headers only in secureJsonData.
    secureJsonData: { httpHeaderValue1: readers.join('|') },
  };
}
