import type { Construct } from 'constructs';
import type { GrafanaDataSource } from '../../contracts/data-source';
import { distinctListOf, matches } from '../../core/option-rules';
import { type OptionTable, optionsRule, withDefaults } from '../../core/option-table';
import { mapOf } from '../../core/structure-rules';
import { invalid } from '../../core/validation';
import { type LokiLimits, lokiLimits } from './limits';

/** Options for the tenants of Loki. */
export interface MultiTenancy {
  /**
   * Users of the ingress that are tenants in addition to its groups; an empty list disables tenants.
   * @default - the groups of the ingress
   */
  readonly tenants?: readonly string[];
  /**
   * Former tenants, whose lines Grafana shows until their retention ends; with an empty list, none.
   * @default ["fake"] - the tenant of lines from before there were tenants
   */
  readonly formerTenants?: readonly string[];
  /** Limits of single tenants, which replace `limits`. @default - `limits`, for each tenant */
  readonly limits?: Readonly<Record<string, LokiLimits>>;
}

/** Loki's tenant name when multi-tenancy is disabled. */
export const NO_TENANT = 'fake';

/** The tenant of the cloud nodes' lines. */
export const CLOUD_TENANT = 'cloud';

/** Request header with the tenant. */
export const TENANT_HEADER = 'X-Scope-OrgID';

/** The resolved tenants of a Loki. */
export interface Tenancy {
  /** Whether multi-tenancy is enabled. */
  readonly separate: boolean;
  /** Tenants that lines are pushed as, and for which rules are evaluated. */
  readonly writers: readonly string[];
  /** Tenants whose lines Grafana shows. */
  readonly readers: readonly string[];
  /** Limits of single tenants. */
  readonly limits: Readonly<Record<string, LokiLimits>>;
}

const TOGETHER: Tenancy = { separate: false, writers: [NO_TENANT], readers: [NO_TENANT], limits: {} };

const tenant = matches(
  /^(?!\.{1,2}$)[A-Za-z0-9!_.*'()-]{1,150}$/,
  "a name of up to 150 letters, digits and !-_.*'()",
);
const tenants = distinctListOf(tenant);

/** The options of tenants. */
export const MULTI_TENANCY = {
  tenants: { rule: tenants, default: undefined },
  formerTenants: { rule: tenants, default: [NO_TENANT] },
  limits: { rule: mapOf(tenant, lokiLimits), default: {} },
} satisfies OptionTable<MultiTenancy>;

/** Rule for an option with tenants. */
export const multiTenancy = optionsRule<MultiTenancy>(MULTI_TENANCY);

/**
 * Resolves the tenants: each group of the ingress and each given user, or a single tenant.
 * @throws InvalidOptionError when a tenant has a reserved name.
 */
export function tenancyOf(
  scope: Construct,
  given: MultiTenancy = {},
  groups: readonly string[] = [],
): Tenancy {
  const { tenants: named, formerTenants, limits } = withDefaults(MULTI_TENANCY, given);
  const edge = named?.length === 0 ? [] : [...new Set([...groups, ...(named ?? [])])];
  if (edge.length === 0) return TOGETHER;
  const reserved = edge.filter((name) => [CLOUD_TENANT, NO_TENANT].includes(name));
  if (reserved.length) {
    throw invalid(
      scope,
      `the tenant name ${reserved.join(', ')} is reserved: rename that group or user, or disable tenants ` +
        'with multiTenancy: { tenants: [] }',
    );
  }
  const writers = [CLOUD_TENANT, ...edge];
  const unknown = Object.keys(limits).filter((name) => !writers.includes(name));
  if (unknown.length) {
    throw invalid(
      scope,
      `multiTenancy.limits has ${unknown.join(', ')}; allowed: tenants, which are ${writers.join(', ')}`,
    );
  }
  return { separate: true, writers, readers: [...new Set([...writers, ...formerTenants])], limits };
}

/** Returns Grafana's data source, which queries the lines of all tenants together. */
export function lokiDataSource(url: string, { separate, readers }: Tenancy): GrafanaDataSource {
  const source = { name: 'Loki', uid: 'loki', type: 'loki', url } as const;
  if (!separate) return source;
  return {
    ...source,
    jsonData: { httpHeaderName1: TENANT_HEADER },
    // These are tenant names, not secrets; Grafana only takes header values from this field.
    secureJsonData: { httpHeaderValue1: readers.join('|') },
  };
}
