import type { IngressBackend } from '../contracts/endpoint';
import { wholeNumber } from '../core/option-rules';
import { type OptionTable, optionsRule } from '../core/option-table';
import type { Quantity } from '../core/units';

/** How a guard knows who somebody is. */
export type GuardUsers =
  /** The controller has checked the password, and says so in a header that it sets itself. */
  | { readonly header: string }
  /** The guard checks the password against a file of htpasswd lines. */
  | { readonly file: string; readonly realm: string };

/** How often one user may push. */
export interface RateLimit {
  /** Requests a second, of all nodes that push as this user together. */
  readonly requestsPerSecond: number;
  /** So many may come at once: a fleet that returns from an outage. @default - ten seconds' worth */
  readonly burst?: number;
}

/** How often one user may push. */
export const RATE_LIMIT = {
  requestsPerSecond: { rule: wholeNumber(1, 100_000) },
  burst: { rule: wholeNumber(1, 1_000_000), derive: ({ requestsPerSecond }) => 10 * requestsPerSecond },
} satisfies OptionTable<RateLimit>;

/** What a limit may be. */
export const rateLimit = optionsRule<RateLimit>(RATE_LIMIT);

/** What a guard's configuration depends on. */
export interface GuardConfig {
  readonly port: number;
  /** Whether it listens on addresses of IPv6, too. @default false - a kernel without them would end nginx */
  readonly ipv6?: boolean;
  readonly backends: readonly IngressBackend[];
  readonly maxBodySize: Quantity;
  readonly timeoutSeconds: number;
  /** @default - all that the controller lets through may push */
  readonly users?: GuardUsers;
  /** Whose users may push: groups of nodes. @default - every user may */
  readonly groups?: readonly string[];
  /** @default - no limit */
  readonly rateLimit?: RateLimit;
}
