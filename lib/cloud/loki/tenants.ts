import type { Construct } from 'constructs';
import type { GrafanaDataSource } from '../../contracts/data-source';
import { distinctOf, matching } from '../../core/option-rules';
import { type OptionTable, optionsRule, withDefaults } from '../../core/option-table';
import { entries } from '../../core/structure-rules';
import { invalid } from '../../core/validation';
import { type LokiLimits, lokiLimits } from './limits';

/** Whose lines are kept apart. */
export interface MultiTenancy {
  /**
   * Users of the ingress, each of whom is a tenant, beside its groups; an empty list keeps all lines together.
   * @default - the groups of the ingress
   */
  readonly tenants?: readonly string[];
  /**
   * Former tenants, whose lines Grafana shows until their retention ends; with an empty list, none.
   * @default ["fake"] - the tenant of lines from before there were tenants
   */
  readonly formerTenants?: readonly string[];
  /** Limits of single tenants, in the place of `limits`. @default - `limits`, for each tenant */
  readonly limits?: Readonly<Record<string, LokiLimits>>;
}

/** The tenant of all lines where there are no tenants: Loki's own name for it. */
export const NO_TENANT = 'fake';

/** The tenant of the cloud nodes' lines. */
export const CLOUD_TENANT = 'cloud';

/** Header by which Loki is told the tenants. */
export const TENANT_HEADER = 'X-Scope-OrgID';

/** Whose lines there are. */
export interface Tenancy {
  /** Whether lines are kept apart by tenant. */
  readonly separate: boolean;
  /** The tenants that lines are pushed as, and whose rules are evaluated. */
  readonly writers: readonly string[];
  /** The tenants whose lines Grafana shows. */
  readonly readers: readonly string[];
  /** Limits of single tenants. */
  readonly limits: Readonly<Record<string, LokiLimits>>;
}

const TOGETHER: Tenancy = { separate: false, writers: [NO_TENANT], readers: [NO_TENANT], limits: {} };

const tenant = matching(
  /^(?!\.{1,2}$)[A-Za-z0-9!_.*'()-]{1,150}$/,
  "a name of up to 150 letters, digits and !-_.*'()",
);
const tenants = distinctOf(tenant);

/** Whose lines are kept apart, as settings and the construct say it. */
export const MULTI_TENANCY = {
  tenants: { rule: tenants, default: undefined },
  formerTenants: { rule: tenants, default: [NO_TENANT] },
  limits: { rule: entries(tenant, lokiLimits), default: {} },
} satisfies OptionTable<MultiTenancy>;

/** The same as one option. */
export const multiTenancy = optionsRule<MultiTenancy>(MULTI_TENANCY);

/**
 * Whose lines there are: of each group of the ingress and of each user that is named, or all together.
 *
 * @throws InvalidOptionError when a tenant has a name that the stack itself uses.
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
      `the tenant ${reserved.join(', ')} is one of the stack's own: rename that group or user, or keep all lines ` +
        'together by multiTenancy: { tenants: [] }',
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

/** Loki as Grafana asks it: for the lines of all tenants together. */
export function lokiDataSource(url: string, { separate, readers }: Tenancy): GrafanaDataSource {
  const source = { name: 'Loki', uid: 'loki', type: 'loki', url } as const;
  if (!separate) return source;
  return {
    ...source,
    jsonData: { httpHeaderName1: TENANT_HEADER },
    // Names, not secrets; Grafana takes the values of headers nowhere else.
    secureJsonData: { httpHeaderValue1: readers.join('|') },
  };
}
